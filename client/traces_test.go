package client_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// personal are the tables that may hold values about people; item holds titles.
var personal = []string{"lms.identity", "lms.address", "lms.special", "lms.credential", "lms.card", "lms.consent", "lms.word", "lms.item"}

// A full day of work leaves numbers of patrons behind: no name, no card, no address, no word that somebody searched for.
func TestWorkLeavesNoNames(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	fields, err := super.run(`SELECT unnest(ARRAY[i.surname, i.forenames, i.email, i.phone, i.birth_date::text, d.lines, d.postcode, c.number])
		FROM lms.identity AS i JOIN lms.address AS d ON d.patron = i.patron JOIN lms.card AS c ON c.patron = i.patron WHERE i.patron IN (12, 13, 14, 36)`)
	if err != nil || len(fields) < 30 {
		t.Fatal(len(fields), err)
	}
	fields = slices.DeleteFunc(fields, func(field string) bool { return len(field) < 4 })
	words := append(fields, "Zyxwvut", "qwertzu@example.invalid", "+44 7700 900999", "55554444", "1911-11-11", "Farow")
	searches := [][]string{{"Farrow"}, {"ellison", "margaret"}, {"Farow", "Owen"}, {"Zyxwvut"}, {"qwertzu@example.invalid"}, {"+44", "7700", "900999"}, {"55554444"}, {"1911-11-11"}, {"bookworm@"}, {sample.CardLongHistory}}

	why := client.Why{Reason: "ticket 4711"}
	for _, login := range []string{"clerk.cam", "officer.cam", "officer.ken", "support", "admin"} {
		c := db.Client(t, login)
		// Errors are part of the day: what a role may not do is tried all the same.
		for n, search := range searches {
			_, _ = c.FindPatrons(t.Context(), why, client.FindQuery{Words: search})
			ref := strings.Join(search, " ")
			_, _ = c.ShowPatron(t.Context(), client.Why{Reason: "about " + ref}, ref, client.ShowOptions{Fees: true})
			_, _ = c.CheckDebt(t.Context(), why, ref, true)
			_, _, _ = c.ShowHistory(t.Context(), why, ref)
			_, _ = c.AnonymizeHistory(t.Context(), why, ref, client.AnonymizeOptions{Before: date(t, "2024-01-01")})
			if n == 0 { // making a code takes its time
				_, _ = c.ResetPassword(t.Context(), why, ref)
			}
			_, _ = c.OpenExport(t.Context(), why, ref, client.FullAccess)
			_, _ = c.ShowItem(t.Context(), why, ref, true)
			_, _ = c.OpenRequest(t.Context(), client.Why{Reason: "about " + ref}, client.NewRequest{Ref: ref, Kind: "access", Received: client.Date{Today: true}})
			_, _ = c.OpenRequest(t.Context(), why, client.NewRequest{Ref: ref, Kind: "objection", Received: client.Date{Today: true}})
			asked := handedOver()
			asked.Reference = "about " + ref
			_, _ = c.RecordDisclosure(t.Context(), why, ref, asked)
			_, _ = c.RecordDisclosure(t.Context(), why, ref, handedOver())
		}
		_, _ = c.CheckApplicant(t.Context(), why, client.Applicant{Surname: "Zyxwvut", Forenames: "Farow", Born: date(t, "1911-11-11")})
		list := func(yield func(string, error) bool) {
			_ = yield(sample.CardLongHistory, nil) && yield("55554444", nil) && yield("Farrow", nil)
		}
		for _, err := range c.CheckDebts(t.Context(), why, list, true, nil) {
			_ = err
		}
		_, _ = c.ListAccesses(t.Context(), why, client.AuditFilter{Login: "Farrow"})
		_, _ = c.SetSetting(t.Context(), why, "CAM", "k", "Farrow")
		_, _ = c.AddStaff(t.Context(), why, client.Staff{Login: "Farrow", Authority: "CAM", Role: "clerk"})
	}
	if n := super.must("SELECT count(*) > 200 AND count(DISTINCT outcome) = 3 AND (SELECT count(*) > 3 FROM patronctl.request) AND (SELECT count(*) > 1 FROM patronctl.disclosure) FROM patronctl.access"); n != "t" {
		t.Error("too little work for a test")
	}
	found := map[string]bool{}
	for _, row := range rowsWith(super, words...) {
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
	super := connect(t, db, "postgres")
	super.must("ALTER DATABASE %s SET log_statement = 'all'", db.Name)
	super.must("ALTER DATABASE %s SET log_min_duration_statement = 0", db.Name)
	super.must("ALTER DATABASE %s SET log_parameter_max_length = -1", db.Name)
	super.must("ALTER DATABASE %s SET log_parameter_max_length_on_error = -1", db.Name)
	clerk := db.Client(t, "clerk.cam")
	var forms []string
	for _, card := range []string{sample.CardLongHistory, sample.CardLockedOut, sample.CardOwesElsewhere} {
		reset, err := clerk.ResetPassword(t.Context(), client.Why{}, card)
		if err != nil {
			t.Fatal(err)
		}
		var shown struct{ Mode, Code string }
		if err := json.Unmarshal([]byte(text(t, reset)), &shown); err != nil {
			t.Fatal(err)
		}
		if len(strings.ReplaceAll(shown.Code, "-", "")) < 12 || shown.Mode != "one_time" || reset.ExpiresAt == nil {
			t.Errorf("a weak code: %s", text(t, reset))
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
	for _, row := range rowsWith(super, forms...) {
		t.Errorf("a code is in %s", row)
	}
	lifted := super.must("%s", "SELECT secret_hash LIKE '$argon2id$%' AND failed_attempts = 0 AND locked_until IS NULL AND must_change FROM lms.credential WHERE patron = 28")
	if lifted != "t" {
		t.Error("the lock-out was not lifted")
	}
}
