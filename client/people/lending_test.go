package people_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Lending statistics read the living and the anonymous alike. The people's home authority, branch, category and birth
// year stand in %s; every fact about the loan, hold or fee is kept.
var lending = map[string]string{
	"loans": `SELECT %[1]s, l.item, l.authority, l.branch, date_trunc('month', l.lent_at), l.lent_at, l.due_at, l.returned_at, l.renewals
		FROM lms.loan AS l JOIN lms.patron AS p ON p.id = l.patron
		UNION ALL SELECT %[1]s, l.item, l.authority, l.branch, date_trunc('month', l.lent_at), l.lent_at, l.due_at, l.returned_at, l.renewals
		FROM lms.anonymous_loan AS l JOIN lms.anonymous_patron AS p ON p.id = l.anonymous_patron`,
	"holds": `
		SELECT %[1]s, h.kind, h.item, h.authority, h.placed_at, h.closed_at, h.outcome
		FROM lms.hold AS h JOIN lms.patron AS p ON p.id = h.patron
		UNION ALL SELECT %[1]s, h.kind, h.item, h.authority, h.placed_at, h.closed_at, h.outcome
		FROM lms.anonymous_hold AS h JOIN lms.anonymous_patron AS p ON p.id = h.anonymous_patron`,
	"fees": `SELECT %[1]s, f.authority, f.kind, f.amount, f.raised_on FROM lms.fee AS f JOIN lms.patron AS p ON p.id = f.patron
		UNION ALL SELECT %[1]s, f.authority, f.kind, f.amount, f.raised_on
		FROM lms.anonymous_fee AS f JOIN lms.anonymous_patron AS p ON p.id = f.anonymous_patron`,
	"money": `SELECT f.authority, sum(f.amount),
			(SELECT sum(y.amount) FROM (SELECT amount FROM lms.payment UNION ALL SELECT amount FROM lms.settled_payment) AS y)
		FROM (SELECT authority, amount FROM lms.fee UNION ALL SELECT authority, amount FROM lms.settled_fee) AS f GROUP BY 1`,
}

// statistics are a count and a fingerprint for each of them.
func statistics(super *pgtest.Session, people string) string {
	var all strings.Builder
	for _, name := range []string{"loans", "holds", "fees", "money"} {
		query := strings.ReplaceAll(lending[name], "%[1]s", people)
		fmt.Fprintln(&all, name, super.Must("SELECT count(*), md5(string_agg(s::text, '|' ORDER BY s::text)) FROM (%s) AS s", query))
	}
	return all.String()
}

const everyDimension = "p.authority, p.branch, p.category, p.birth_year"

func TestStatisticsStayTheSame(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	staff := map[string]*client.Client{
		"CAM": db.Client(t, "clerk.cam"), "KEN": db.Client(t, "supervisor.ken"),
		"PBK": db.Client(t, "officer.pbk"),
	}
	patrons, err := super.Run(`SELECT p.id, p.authority FROM lms.patron AS p JOIN lms.loan AS l ON l.patron = p.id
		WHERE l.returned_at IS NOT NULL GROUP BY p.id ORDER BY mod(p.id, 7), p.id LIMIT 90`)
	if err != nil || len(patrons) != 180 {
		t.Fatal(len(patrons), err)
	}
	days := []string{"today", pgtest.Day, "2025-10-26", "2025-03-30", "2024-06-01", "1990-01-01"}
	before, moved := statistics(super, everyDimension), people.Anonymized{}
	for n := 0; n < len(patrons); n += 2 {
		c, ref := staff[patrons[n+1]], "id:"+patrons[n]
		opt := people.AnonymizeOptions{Before: pgtest.Date(t, days[n/2%len(days)]), IncludeOwing: n/2%4 == 0, DryRun: true}
		forecast, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, ref, opt)
		if err != nil {
			t.Fatal(err)
		}
		opt.DryRun = false
		outcome, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, ref, opt)
		if err != nil {
			t.Fatal(err)
		}
		forecast.DryRun, forecast.Access, forecast.Name = false, outcome.Access, ""
		if pgtest.Text(t, forecast) != pgtest.Text(t, outcome) {
			t.Errorf("%s: forecast %s, outcome %s", ref, pgtest.Text(t, forecast), pgtest.Text(t, outcome))
		}
		moved.Loans, moved.Holds, moved.ZeroFees, moved.FeesUnlinked = moved.Loans+outcome.Loans, moved.Holds+outcome.Holds, moved.ZeroFees+
			outcome.ZeroFees, moved.FeesUnlinked+outcome.FeesUnlinked
		again, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, ref, opt)
		if err != nil || again.Loans+again.Holds+again.ZeroFees+again.FeesUnlinked != 0 {
			t.Errorf("%s again: %+v, %v", ref, again, err)
		}
	}
	if moved.Loans < 500 || moved.Holds < 10 || moved.ZeroFees < 5 || moved.FeesUnlinked < 5 {
		t.Errorf("too little moved for a test: %+v", moved)
	}
	counted := super.Must(`
		SELECT (SELECT count(*) FROM lms.anonymous_loan), (SELECT count(*) FROM lms.anonymous_hold),
			(SELECT count(*) FROM lms.anonymous_fee)`)
	if said := fmt.Sprintf("%d\n%d\n%d", moved.Loans, moved.Holds, moved.ZeroFees); said != counted {
		t.Errorf("said %s, moved %s", said, counted)
	}
	if after := statistics(super, everyDimension); after != before {
		t.Errorf("statistics were\n%sand are\n%s", before, after)
	}
	// That this compares anything: one row less is seen.
	super.Must("DELETE FROM lms.anonymous_loan WHERE ctid = (SELECT min(ctid) FROM lms.anonymous_loan)")
	if statistics(super, everyDimension) == before {
		t.Error("a lost loan is not noticed")
	}
}

// Widening a group changes the statistics by what the result names, and no more.
func TestGeneralizing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, c := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	before := statistics(super, "p.authority, p.category")
	narrow, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, sample.CardTinyGroup,
		people.AnonymizeOptions{Before: pgtest.Date(t, "today"), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if !narrow.BelowK || narrow.K != 5 || narrow.Group.People != 1 || narrow.Group.Branch == nil || narrow.Group.BirthYear == nil ||
		narrow.Loans == 0 {
		t.Errorf("without widening: %s", pgtest.Text(t, narrow))
	}
	wide, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, sample.CardTinyGroup,
		people.AnonymizeOptions{Before: pgtest.Date(t, "today"), Generalize: true})
	if err != nil {
		t.Fatal(err)
	}
	if wide.BelowK || wide.Group.People < 5 || wide.Group.BirthYear != nil || wide.Loans != narrow.Loans {
		t.Errorf("widened: %s", pgtest.Text(t, wide))
	}
	branch := "p.branch, "
	if wide.Group.Branch == nil {
		branch = ""
	}
	if after := statistics(super, "p.authority, p.category"); after != before {
		t.Errorf("statistics without birth year and branch were\n%sand are\n%s", before, after)
	}
	if people := super.Must(`
		SELECT count(*)
		FROM lms.patron AS p
		WHERE p.authority = 'CAM' AND p.category = 'REDUCED' AND (%t OR p.branch = 'CAM-MOB') AND p.status <> 'erased'`,
		branch == ""); people != fmt.Sprint(wide.Group.People) {
		t.Errorf("%s people fit, the result says %d", people, wide.Group.People)
	}
	// The stand-in cannot be opened by anybody.
	id := super.Must("SELECT id FROM lms.anonymous_patron")
	for _, login := range []string{"clerk.cam", "officer.cam", "support"} {
		_, err := people.Show(t.Context(), db.Client(t, login), client.Why{}, "id:"+id, people.ShowOptions{})
		if err == nil || pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "GDPR") {
			t.Errorf("%s opens the stand-in: %v", login, err)
		}
	}
}
