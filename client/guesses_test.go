package client_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// What incidents and disclosures say is never about a person, and whoever tries names or cards on that leaves a record of
// each: what opened the access decides, and a call says nothing else and nothing twice.
func TestTextsAnswerNoGuess(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	somebody := super.Must("SELECT concat_ws(' ', forenames, surname) FROM lms.identity WHERE patron = 36")
	matters := map[string]string{
		"a name": "asked " + somebody, "a card": "card " + sample.CardLongHistory, "no name": "asked Zxcv Qwerty",
		"no card": "card 999999999999",
	}
	report := `desk.report_incident(%s, 'agreement', '2026-01-30', '{"measures": "%s"}')`
	disclose := `desk.record_disclosure(%s, '{"to": "police", "organisation": "Police", "reference": "%s", "because": "trawl", ` +
		`"authority": "CAM"}')`
	for _, c := range []struct{ login, operation, texts, call string }{
		{"admin", "incident report", `"%s"`, report},
		{"support", "incident report", `"%s"`, report},
		{"clerk.ken", "incident report", `"%s"`, report},
		{"officer.cam", "disclosure refuse unknown", `"Police", "%s"`, disclose},
	} {
		psql := pgtest.Connect(t, db, c.login)
		for what, matter := range matters {
			// A call that says something else than its access is refused in the same words, whoever there is.
			for _, texts := range []string{"{}", `{"texts": ["lock changed"]}`} {
				_, err := psql.Run("BEGIN; SELECT "+c.call+"; ROLLBACK", psql.Open(c.operation, texts), matter)
				pgtest.Refused(t, c.operation+" of "+what+" opened with "+texts, err)
				_, _ = psql.Run("ROLLBACK")
			}
			texts := fmt.Sprintf(`{"texts": [`+c.texts+`]}`, matter)
			_, err := psql.Run("BEGIN; SELECT %s; ROLLBACK", pgtest.OpenCall(c.operation, texts))
			if err != nil {
				t.Errorf("%s of %s: opening answers a guess: %v", c.operation, what, err)
			}
			id := psql.Open(c.operation, texts)
			_, err = psql.Run("SELECT "+c.call, id, matter)
			record := super.Must(`
				SELECT outcome, subject IS NULL, coalesce(reason, '') || coalesce(because, '')
				FROM patronctl.access
				WHERE id = %s`, id)
			if exists := !strings.HasPrefix(what, "no "); exists && (pgtest.Code(err) != "LB400" || !strings.HasPrefix(record, "denied\nt\n")) ||
				!exists && (err != nil || !strings.HasPrefix(record, "allowed\nf\n")) {
				t.Errorf("%s by %s of %s: %v, %q", c.operation, c.login, what, err, record)
			}
			if strings.Contains(record, matter) {
				t.Errorf("the record says %q", record)
			}
		}
		// What is wrong with the texts does not depend on who there is.
		for _, odd := range []string{`"x"`, "null", "7", "{}", `["` + strings.Repeat("x", 12001) + `"]`} {
			for _, reason := range []string{"ticket 4711", "asked " + somebody} {
				_, err := psql.Run(`SELECT desk.open_access('%s', '', '%s', '{"texts": %s}')`, c.operation, reason, odd)
				if pgtest.Code(err) != "LB400" || strings.Contains(pgtest.Details(err), somebody) {
					t.Errorf("%s with the texts %.20s: %v", c.operation, odd, err)
				}
			}
		}
	}
	_, err := pgtest.Connect(t, db, "clerk.cam").Run(`SELECT desk.open_access('patron show', '', '', '{"ref": "id:36", "texts": ["x"]}')`)
	if pgtest.Code(err) != "LB400" {
		t.Errorf("patron show takes texts: %v", err)
	}
}
