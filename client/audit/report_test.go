package audit_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// Reports count what was opened, to whom it concerns, and name no staff to the person.
func TestReports(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`
		SET session_replication_role = replica;
		TRUNCATE patronctl.access CASCADE;
		UPDATE lms.loan SET lent_at = '2001-01-01', due_at = '2001-01-02', returned_at = NULL
		WHERE patron IN (36, 37);
		DELETE FROM lms.fee WHERE patron = 37;
		DELETE FROM lms.payment WHERE patron = 37;
		DELETE FROM lms.hold WHERE patron = 37`)
	ctx, why := t.Context(), client.Why{}
	look := func(login, ref string, times int) {
		t.Helper()
		for range times {
			if _, err := people.Show(ctx, db.Client(t, login), why, ref, people.ShowOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	home := super.Must("SELECT authority FROM lms.patron WHERE id IN (36, 37) ORDER BY id")
	if home != "CAM\nKEN" {
		t.Fatal(home)
	}
	look("clerk.cam", "id:36", 2)
	look("clerk.cam", "id:37", 3)
	look("clerk.ken", "id:37", 1)
	look("clerk.pbk", "id:37", 1)
	if _, err := people.ResetPassword(ctx, db.Client(t, "clerk.cam"), why, "id:36"); err != nil {
		t.Fatal(err)
	}

	month := func(login, of string) map[string]int {
		t.Helper()
		rows, err := audit.ReportMonth(ctx, db.Client(t, login), why, client.Date{}, of)
		if err != nil {
			t.Fatal(login, err)
		}
		found := map[string]int{}
		for _, r := range rows {
			if r.Days != 1 {
				t.Errorf("%v", r)
			}
			found[r.Login] += r.Accesses
		}
		return found
	}
	same := func(who string, got, want map[string]int) {
		t.Helper()
		for _, login := range []string{"clerk.cam", "clerk.ken", "clerk.pbk"} {
			if got[login] != want[login] {
				t.Errorf("%s: %v, want %v", who, got, want)
			}
		}
	}
	same("a clerk", month("clerk.cam", ""), map[string]int{"clerk.cam": 6})
	same("officer.ken about home patrons", month("officer.ken", ""), map[string]int{"clerk.cam": 3, "clerk.ken": 1, "clerk.pbk": 1})
	// The report of clerk.cam is one more.
	same("officer.cam about a login", month("officer.cam", "clerk.cam"), map[string]int{"clerk.cam": 7})
	same("auditor", month("auditor", ""), map[string]int{"clerk.cam": 7, "clerk.ken": 1, "clerk.pbk": 1})
	for login, of := range map[string]string{"clerk.ken": "clerk.cam", "officer.ken": "clerk.cam"} {
		_, err := audit.ReportMonth(ctx, db.Client(t, login), why, client.Date{}, of)
		pgtest.OfKind(t, err, client.KindRefused)
	}
	if rows, err := audit.ReportMonth(ctx, db.Client(t, "auditor"), why, pgtest.Date(t, "2001-01-01"), ""); err != nil || len(rows) > 0 {
		t.Error(rows, err)
	}

	days, err := audit.ReportSubject(ctx, db.Client(t, "officer.ken"), why, "id:37")
	if err != nil || len(days) != 3 || days[0].Accesses+days[1].Accesses+days[2].Accesses != 5 {
		t.Error(days, err)
	}
	_, err = audit.ReportSubject(ctx, db.Client(t, "officer.cam"), why, "id:37")
	pgtest.OfKind(t, err, client.KindRefused)

	unusual, err := audit.ReportUnusual(ctx, db.Client(t, "auditor"), why, client.Date{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range unusual {
		if u.Login == "clerk.cam" && (u.Lookups != 5 || u.People != 2 || u.Elsewhere != 3 || u.WithoutEvent != 3) {
			t.Errorf("%+v", u)
		}
	}
	if len(unusual) != 3 || unusual[0].Login != "clerk.cam" {
		t.Errorf("%+v", unusual)
	}
}
