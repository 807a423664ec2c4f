package exchange_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// What the client reads is what the database takes, and the database checks for itself: a desk has psql.
func TestRegisterByHand(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	const place = `"branch": "CAM-CEN", "category": "ADULT", "card": "NEW1", "basis": "work", "wording": "j-1", "source": "desk"`
	open := func(applicant string) string {
		id := clerk.Must("SELECT %s", pgtest.OpenCall("patron import", `{"applicant": `+applicant+`}`))
		return id
	}
	card := regexp.MustCompile(`"card": "[^"]*"`)
	people := super.Must("SELECT count(*) FROM lms.patron")
	for name, c := range map[string]struct{ person, addresses, place, code string }{
		"no name":           {`{"surname": " "}`, `[]`, place, "LB400"},
		"nothing":           {`[]`, `[]`, place, "LB400"},
		"born tomorrow":     {`{"surname": "N", "birth_date": "2026-02-01"}`, `[]`, place, "LB400"},
		"no day":            {`{"surname": "N", "birth_date": "infinity"}`, `[]`, place, "LB400"},
		"no year":           {`{"surname": "N", "birth_year": 99999}`, `[]`, place, "LB400"},
		"a long name":       {`{"surname": "` + strings.Repeat("x", 501) + `"}`, `[]`, place, "LB400"},
		"a name that grows": {`{"surname": "` + strings.Repeat("㍿", 500) + `"}`, `[]`, place, "LB400"},
		"a long street": {
			`{"surname": "N"}`, `[{"kind": "permanent", "place": 1, "lines": "` + strings.Repeat("x", 2001) + `"}]`, place, "LB400",
		},
		"no addresses":        {`{"surname": "N"}`, `{}`, place, "LB400"},
		"no kind":             {`{"surname": "N"}`, `[{"lines": "x"}]`, place, "LB400"},
		"two in a place":      {`{"surname": "N"}`, `[{"kind": "permanent", "place": 1}, {"kind": "permanent", "place": 1}]`, place, "LB400"},
		"no place":            {`{"surname": "N"}`, `[{"kind": "permanent"}]`, place, "LB400"},
		"place nought":        {`{"surname": "N"}`, `[{"kind": "permanent", "place": 0}]`, place, "LB400"},
		"no list":             {`{"surname": "N", "emails": "x"}`, `[]`, place, "LB400"},
		"a list of lists":     {`{"surname": "N", "phones": [["x"]]}`, `[]`, place, "LB400"},
		"a long list":         {`{"surname": "N", "phones": [` + strings.Repeat(`"1", `, 20) + `"1"]}`, `[]`, place, "LB400"},
		"a long address":      {`{"surname": "N", "emails": ["` + strings.Repeat("x", 501) + `"]}`, `[]`, place, "LB400"},
		"a branch elsewhere":  {`{"surname": "N"}`, `[]`, strings.Replace(place, "CAM-CEN", "KEN-CEN", 1), "LB400"},
		"a card of somebody":  {`{"surname": "N"}`, `[]`, strings.Replace(place, "NEW1", "90000036", 1), "LB409"},
		"a number for a card": {`{"surname": "N"}`, `[]`, strings.Replace(place, "NEW1", "id:1", 1), "LB400"},
		"forever":             {`{"surname": "N"}`, `[]`, place + `, "expires_on": "infinity"`, "LB400"},
		"no consent":          {`{"surname": "N"}`, `[]`, strings.Replace(place, "j-1", "", 1), "LB400"},
		"no source":           {`{"surname": "N"}`, `[]`, strings.Replace(place, "desk", "", 1), "LB400"},
		"registered here":     {`{"surname": "Farrow", "forenames": "Owen", "birth_date": "1991-11-23"}`, `[]`, place, "LB409"},
	} {
		asked := `{"surname": "N", `
		if strings.Contains(c.person, "Farrow") {
			asked = `{"surname": "Farrow", "forenames": "Owen", "born": "1991-11-23", `
		}
		_, err := clerk.Run("SELECT desk.register_patron(%s, '%s', '%s', '{%s}', FALSE)", open(asked+card.FindString(c.place)+"}"), c.person,
			c.addresses, c.place)
		if pgtest.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if err != nil && strings.Contains(err.Error(), "xxx") {
			t.Errorf("%s: %v quotes a value", name, err)
		}
	}
	clerk.Must(`SELECT desk.register_patron(%s, '{"surname": "Neumann", "protected": true, "faith": "x", "status": "erased"}',
		'[{"kind": "temporary", "place": 1, "patron": 36}]', '{%s, "authority": "KEN"}', FALSE)`,
		open(`{"surname": "Neumann", "card": "NEW1"}`), place)
	if now := super.Must("SELECT count(*) - 1 FROM lms.patron"); now != people {
		t.Errorf("there were %s people, and one was registered: %s", people, now)
	}
	made := super.Must("SELECT patron FROM lms.card WHERE number = 'NEW1'")
	for query, want := range map[string]string{
		`SELECT concat_ws(' ', authority, status, protected, keeps_history, login, registered_on, expires_on, birth_year)
			FROM lms.patron
			WHERE id = %s`: "CAM active f f local 2026-01-31 2027-01-31",
		"SELECT count(*) FROM lms.special WHERE patron = %s":    "0",
		"SELECT count(*) FROM lms.credential WHERE patron = %s": "0",
		`SELECT concat_ws(' ', purpose, wording, source, withdrawn_at)
			FROM lms.consent
			WHERE patron = %s`: "joining j-1 desk",
		`SELECT count(*)
			FROM patronctl.access
			WHERE operation = 'patron import' AND patrons = ARRAY[%s::bigint] AND authority = 'CAM' AND others = '{}'`: "1",
		"SELECT count(*) FROM patronctl.access AS a JOIN patronctl.result AS r ON r.access = a.id WHERE a.patrons = ARRAY[%s::bigint]": "1",
	} {
		if got := super.Must(query, made); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// Once.
	id := open(`{"surname": "Zweimal", "card": "NEW3"}`)
	once := `SELECT desk.register_patron(%s, '{"surname": "Zweimal"}', '[]', '{%s}', FALSE)`
	clerk.Must(once, id, strings.Replace(place, "NEW1", "NEW3", 1))
	if _, err := clerk.Run(once, id, strings.Replace(place, "NEW1", "NEW3", 1)); pgtest.Code(err) != "LB403" {
		t.Errorf("twice by one access: %v", err)
	}
	if n := super.Must("SELECT count(*) FROM lms.identity WHERE surname = 'Zweimal'"); n != "1" {
		t.Errorf("registered %s times", n)
	}
}

// An account of long ago does not keep its owner from joining again.
func TestRegisterAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, c := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	forenames := "Owen"
	n := pgtest.Newcomer("Farrow", "1991-11-23")
	n.Person.Forenames = &forenames
	try := func(card string) error {
		_, err := people.RegisterNewcomer(t.Context(), c, client.Why{}, n, people.Registration{
			Authority: "CAM", Branch: "CAM-CEN", Category: "ADULT", Card: card, Basis: "resident", Wording: "joining-1", Source: "desk",
		})
		return err
	}
	for i, c := range []struct {
		status, expires, deleted string
		again                    bool
	}{
		{"active", "2024-08-01", "NULL", false}, // 18 months
		{"active", "2024-07-30", "NULL", true},
		{"deleted", "2020-01-01", "'2025-01-01'", false},
		{"deleted", "2020-01-01", "'2024-01-01'", true},
	} {
		super.Must("DELETE FROM lms.identity WHERE surname = 'Farrow' AND patron <> 14")
		super.Must("UPDATE lms.patron SET status = '%s', expires_on = '%s', deleted_on = %s WHERE id = 14", c.status, c.expires, c.deleted)
		if err := try(fmt.Sprint("AGAIN", i)); (err == nil) != c.again {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
