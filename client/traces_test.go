package client_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/cases"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// personal are the tables that may hold values about people; item holds titles.
var personal = []string{"lms.identity", "lms.address", "lms.special", "lms.credential", "lms.card", "lms.consent", "lms.word", "lms.item"}

// A full day of work leaves numbers of patrons behind: no name, no card, no address, no word that somebody searched for.
func TestWorkLeavesNoNames(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	fields, err := super.Run(`
		SELECT unnest(
			i.emails || i.phones || ARRAY[i.surname, i.forenames, i.birth_date::text, d.lines, d.postcode, c.number]
		)
		FROM lms.identity AS i JOIN lms.address AS d ON d.patron = i.patron JOIN lms.card AS c ON c.patron = i.patron
		WHERE i.patron IN (12, 13, 14, 36)`)
	if err != nil || len(fields) < 25 {
		t.Fatal(len(fields), err)
	}
	fields = slices.DeleteFunc(fields, func(field string) bool { return len(field) < 4 })
	words := append(fields, "Zyxwvut", "qwertzu@example.invalid", "+44 7700 900999", "55554444", "1911-11-11", "Farow")
	searches := [][]string{
		{"Farrow"},
		{"ellison", "margaret"},
		{"Farow", "Owen"},
		{"Zyxwvut"},
		{"qwertzu@example.invalid"},
		{"+44", "7700", "900999"},
		{"55554444"},
		{"1911-11-11"},
		{"bookworm@"},
		{sample.CardLongHistory},
	}

	why := client.Why{Reason: "ticket 4711"}
	for _, login := range []string{"clerk.cam", "officer.cam", "officer.ken", "support", "admin"} {
		c := db.Client(t, login)
		// Errors are part of the day: what a role may not do is tried all the same.
		for n, search := range searches {
			_, _ = people.Find(t.Context(), c, why, people.FindQuery{Words: search})
			ref := strings.Join(search, " ")
			_, _ = people.Show(t.Context(), c, client.Why{Reason: "about " + ref}, ref, people.ShowOptions{Fees: true})
			_, _ = people.CheckDebt(t.Context(), c, why, ref, true)
			_, _, _ = people.ShowHistory(t.Context(), c, why, ref)
			_, _ = people.AnonymizeHistory(t.Context(), c, why, ref, people.AnonymizeOptions{Before: pgtest.Date(t, "2024-01-01")})
			if n == 0 { // making a code takes its time
				_, _ = people.ResetPassword(t.Context(), c, why, ref)
			}
			_, _ = exchange.Open(t.Context(), c, why, ref, exchange.FullAccess)
			_, _ = people.ShowItem(t.Context(), c, why, ref, true)
			_, _ = cases.OpenRequest(t.Context(), c, client.Why{Reason: "about " + ref},
				cases.NewRequest{Ref: ref, Kind: "access", Received: client.Date{Today: true}})
			_, _ = cases.OpenRequest(t.Context(), c, why, cases.NewRequest{Ref: ref, Kind: "objection", Received: client.Date{Today: true}})
			asked := handedOver()
			asked.Reference = "about " + ref
			_, _ = cases.RecordDisclosure(t.Context(), c, why, ref, asked)
			_, _ = cases.RecordDisclosure(t.Context(), c, why, ref, handedOver())
		}
		_, _ = people.CheckApplicant(t.Context(), c, why, people.Applicant{
			Surname:   "Zyxwvut",
			Forenames: "Farow",
			Born:      pgtest.Date(t, "1911-11-11"),
		})
		list := func(yield func(string, error) bool) {
			_ = yield(sample.CardLongHistory, nil) && yield("55554444", nil) && yield("Farrow", nil)
		}
		for _, err := range people.CheckDebts(t.Context(), c, why, list, true, nil) {
			_ = err
		}
		_, _ = audit.ListAccesses(t.Context(), c, why, audit.Filter{Login: "Farrow"})
		_, _ = staff.SetSetting(t.Context(), c, why, "CAM", "k", "Farrow")
		_, _ = staff.Add(t.Context(), c, why, staff.Registration{Login: "Farrow", Authority: "CAM", Role: "clerk"})
	}
	if n := super.Must(`
		SELECT count(*) > 200 AND count(DISTINCT outcome) = 3 AND (SELECT count(*) > 3 FROM patronctl.request)
			AND (SELECT count(*) > 1 FROM patronctl.disclosure)
		FROM patronctl.access`); n != "t" {
		t.Error("too little work for a test")
	}
	found := map[string]bool{}
	for _, row := range pgtest.RowsWith(super, words...) {
		table, _, _ := strings.Cut(row, " ")
		home := slices.ContainsFunc(personal, func(p string) bool { return table == p || strings.HasPrefix(table, p+"_") })
		for _, word := range words {
			if !strings.Contains(strings.ToLower(row), strings.ToLower(word)) {
				continue
			}
			if found[word] = true; !home {
				t.Errorf("%q was left in %s", word, row)
			}
		}
	}
	for _, word := range []string{"Farrow", "Ellison", sample.CardLongHistory} {
		if !found[word] {
			t.Errorf("%q is found nowhere: the search is of no use", word)
		}
	}
}

// The code of a reset exists where it is shown, and nowhere else: in no table, and not in the log of a server that logs
// everything.
func TestAResetCodeIsNowhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must("ALTER DATABASE %s SET log_statement = 'all'", db.Name)
	super.Must("ALTER DATABASE %s SET log_min_duration_statement = 0", db.Name)
	super.Must("ALTER DATABASE %s SET log_parameter_max_length = -1", db.Name)
	super.Must("ALTER DATABASE %s SET log_parameter_max_length_on_error = -1", db.Name)
	clerk := db.Client(t, "clerk.cam")
	var forms []string
	for _, card := range []string{sample.CardLongHistory, sample.CardLockedOut, sample.CardOwesElsewhere} {
		reset, err := people.ResetPassword(t.Context(), clerk, client.Why{}, card)
		if err != nil {
			t.Fatal(err)
		}
		var shown struct{ Mode, Code string }
		if err := json.Unmarshal([]byte(pgtest.Text(t, reset)), &shown); err != nil {
			t.Fatal(err)
		}
		if len(strings.ReplaceAll(shown.Code, "-", "")) < 12 || shown.Mode != "one_time" || reset.ExpiresAt == nil {
			t.Errorf("a weak code: %s", pgtest.Text(t, reset))
		}
		forms = append(forms, shown.Code, strings.ReplaceAll(shown.Code, "-", ""), strings.ReplaceAll(shown.Code, "-", " "))
	}
	log := pgtest.Log(t)
	if !strings.Contains(log, "desk.reset_password($1, $2)") || !strings.Contains(log, "$argon2id$") {
		t.Fatal("the server logs too little for this test")
	}
	for _, form := range forms {
		if strings.Contains(strings.ToUpper(log), form) {
			t.Error("a code is in the server's log")
		}
	}
	for _, row := range pgtest.RowsWith(super, forms...) {
		t.Errorf("a code is in %s", row)
	}
	lifted := super.Must("%s", `
		SELECT secret_hash LIKE '$argon2id$%' AND failed_attempts = 0 AND locked_until IS NULL AND must_change
		FROM lms.credential
		WHERE patron = 28`)
	if lifted != "t" {
		t.Error("the lock-out was not lifted")
	}
}
