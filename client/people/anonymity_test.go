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

// company makes a group of n people around patron 36: the same home, branch, category and birth year, which nobody else has.
const company = `
	UPDATE lms.patron SET birth_year = 1901 WHERE birth_year = 1900;
	UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN', category = 'ADULT', birth_year = 1900, status = 'active'
	WHERE id = 36
		OR id IN (
			SELECT id
			FROM lms.patron
			WHERE authority = 'CAM' AND status = 'active' AND id > 100 AND guardian_patron IS NULL
			ORDER BY id LIMIT %d - 1
		);`

// People behind an anonymous patron are those who fit it now: not who was erased, has moved, or counts as another category
// since, nor whose account was deleted. With fewer than k the result says so, and generalizing widens the group.
func TestWhoStandsBehind(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	one := func(change string) string {
		return "UPDATE lms.patron SET " + change + " WHERE id = (SELECT max(id) FROM lms.patron WHERE birth_year = 1900);"
	}
	for _, at := range []struct {
		name    string
		people  int
		changed string
		behind  int
		below   bool
	}{
		{"one more than k", 6, "", 6, false},
		{"as many as k", 5, "", 5, false},
		{"one fewer", 4, "", 4, true},
		{"one is erased", 5, "SELECT desk.erase(ARRAY[(SELECT max(id) FROM lms.patron WHERE birth_year = 1900)], 'request');", 4, true},
		{"one is deleted", 5, one("status = 'deleted', deleted_on = '2026-01-01'"), 4, true},
		{"one moved to another branch", 5, one("branch = 'CAM-MIL'"), 4, true},
		{"one moved to another home", 5, one("authority = 'KEN'"), 4, true},
		{"one grew up", 5, one("category = (SELECT min(code) FROM lms.category WHERE code <> 'ADULT')"), 4, true},
		{"one expired", 5, one("expires_on = '2020-01-01'"), 5, false},
		{"one renewed", 5, one("expires_on = '2030-01-01'"), 5, false},
		{"one whose birth is not known", 5, one("birth_year = NULL"), 4, true},
	} {
		super.Must("BEGIN")
		super.Must(company+at.changed, at.people)
		super.Must("COMMIT")
		for _, generalize := range []bool{false, true} {
			got, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.AnonymizeOptions{
				Before:     pgtest.Date(t, "today"),
				Generalize: generalize,
				DryRun:     true,
			})
			if err != nil {
				t.Fatal(err)
			}
			wide := generalize && at.below
			if got.K != 5 || got.BelowK != (at.below && !wide) || !wide && got.Group.People != at.behind || wide && got.Group.People < 5 ||
				wide != (got.Group.BirthYear == nil) {
				t.Errorf("%s, generalizing %t: %d people behind, below k %t, %s", at.name, generalize, got.Group.People, got.BelowK,
					pgtest.Text(t, got.Group))
			}
		}
		super.Must("UPDATE lms.patron SET birth_year = 1980, authority = 'CAM', branch = 'CAM-CEN' WHERE birth_year = 1900 AND id <> 36")
	}
}

// Generalizing gives up the birth year first and keeps the branch when that is enough; then the branch as well.
func TestHowFarAGroupIsWidened(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	there := super.Must(`
		SELECT count(*)
		FROM lms.patron AS p JOIN lms.patron AS o ON (o.authority, o.branch, o.category) = (p.authority, p.branch, p.category)
		WHERE p.id = 36 AND o.status = 'active'`)
	for k, want := range map[string]string{"1": "year branch", there: " branch", fmt.Sprintf("%s + 1", there): " "} {
		super.Must("DELETE FROM patronctl.setting WHERE name = 'k'; INSERT INTO patronctl.setting SELECT 'k', 'CAM', (%s)::text", k)
		got, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory,
			people.AnonymizeOptions{Before: pgtest.Date(t, "today"), Generalize: true, DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		kept := " "
		if got.Group.BirthYear != nil {
			kept = "year "
		}
		if got.Group.Branch != nil {
			kept += "branch"
		}
		if kept != want {
			t.Errorf("k is %s: kept %q, want %q", k, kept, want)
		}
		behind := super.Must(`
			SELECT count(*)
			FROM lms.patron AS p JOIN lms.patron AS o ON (o.authority, o.category) = (p.authority, p.category)
			WHERE p.id = 36 AND o.status = 'active' AND (%t OR o.branch = p.branch) AND (%t OR o.birth_year = p.birth_year)`,
			got.Group.Branch == nil, got.Group.BirthYear == nil)
		if fmt.Sprint(got.Group.People) != behind {
			t.Errorf("k is %s: %d people behind, want %s", k, got.Group.People, behind)
		}
	}
}

// The report counts the same people: a group that was fine falls below k when one of it is erased.
func TestTheReportCountsTheLiving(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), pgtest.Connect(t, db, "officer.cam")
	super.Must(company, 5)
	super.Must("DELETE FROM lms.anonymous_loan; DELETE FROM lms.anonymous_patron")
	moved, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory,
		people.AnonymizeOptions{Before: pgtest.Date(t, "today")})
	if err != nil {
		t.Fatal(err)
	}
	report := func(k string) string {
		return officer.Must(`SELECT concat_ws(' ', r ->> 'groups', r ->> 'below_k', r ->> 'loans', r ->> 'mended', r ->> 'left_over')
			FROM jsonb_array_elements(desk.report_anonymity(%s, 'CAM', %s)) AS r`, officer.Open("history report", `{}`), k)
	}
	if got := report("NULL"); got != "1 0 0 0 0" {
		t.Errorf("five people: %s", got)
	}
	if got, want := report("6"), fmt.Sprintf("1 1 %d 1 0", moved.Loans); got != want {
		t.Errorf("five people where six are asked for: %s, want %s", got, want)
	}
	if got, want := report("100000"), fmt.Sprintf("1 1 %d 0 1", moved.Loans); got != want {
		t.Errorf("more than there are: %s, want %s", got, want)
	}
	super.Must("SELECT desk.erase(ARRAY[(SELECT max(id) FROM lms.patron WHERE birth_year = 1900)], 'request')")
	if got, want := report("NULL"), fmt.Sprintf("1 1 %d 1 0", moved.Loans); got != want {
		t.Errorf("one is erased: %s, want %s", got, want)
	}
}

// The report counts by branch: anonymous patrons, those with fewer than k people behind them and their loans, and those whom
// dropping the birth year would mend or would not.
func TestWhatTheReportCounts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(company, 5)
	super.Must(`
		DELETE FROM lms.anonymous_loan; DELETE FROM lms.anonymous_patron;
		UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN', category = 'ADULT', birth_year = NULL WHERE id = 37;
		INSERT INTO lms.anonymous_patron (id, authority, branch, category, birth_year) VALUES
			(990001, 'CAM', 'CAM-CEN', 'ADULT', 1900), (990002, 'CAM', 'CAM-CEN', 'ADULT', NULL), (990003, 'CAM', NULL, 'ADULT', NULL),
			(990004, 'CAM', 'CAM-CEN', 'ADULT', 1850), (990005, 'KEN', 'KEN-CEN', 'ADULT', 1850);
		INSERT INTO lms.anonymous_loan
		SELECT patron, 50, 'CAM', 'CAM-CEN', '2025-01-01', NULL, '2025-02-01', 0
		FROM (VALUES (990001, 3), (990002, 2), (990003, 5), (990004, 1), (990005, 7)) AS v(patron, loans), generate_series(1, loans)`)
	there := super.Must("SELECT count(*) FROM lms.patron WHERE (branch, category, status) = ('CAM-CEN', 'ADULT', 'active')")
	report := func(login, authority, k string) (string, error) {
		staff := pgtest.Connect(t, db, login)
		rows, err := staff.Run(`
			SELECT concat_ws(' ', r ->> 'branch', r ->> 'groups', r ->> 'below_k', r ->> 'loans', r ->> 'mended', r ->> 'left_over')
			FROM jsonb_array_elements(desk.report_anonymity(%s, %s, %s)) AS r`, staff.Open("history report", "{}"), authority, k)
		return strings.Join(rows, ","), err
	}
	const everybody = " 1 0 0 0 0,CAM-CEN "
	for _, at := range []struct{ login, authority, k, want string }{
		{"officer.cam", "'CAM'", "1", everybody + "3 1 1 1 0"},
		{"officer.cam", "'CAM'", "5", everybody + "3 1 1 1 0"},
		{"officer.cam", "NULL", "NULL", everybody + "3 1 1 1 0"}, // k is 5, and KEN's are none of its business
		{"officer.cam", "'CAM'", "6", everybody + "3 2 4 2 0"},
		{"officer.cam", "'CAM'", there, everybody + "3 2 4 2 0"},
		{"officer.cam", "'CAM'", there + " + 1", everybody + "3 3 6 0 3"},
		{"auditor", "NULL", "5", everybody + "3 1 1 1 0,KEN-CEN 1 1 7 1 0"},
		{"auditor", "'KEN'", "5", "KEN-CEN 1 1 7 1 0"},
	} {
		if got, err := report(at.login, at.authority, at.k); err != nil || got != at.want {
			t.Errorf("%s, %s, k = %s: %s, %v; want %s", at.login, at.authority, at.k, got, err, at.want)
		}
	}
	for _, k := range []string{"0", "-1"} {
		if _, err := report("officer.cam", "'CAM'", k); pgtest.Code(err) != "LB400" {
			t.Errorf("k = %s: %v", k, err)
		}
	}
	_, err := report("officer.cam", "'KEN'", "5")
	pgtest.Refused(t, "the report of another authority", err)
}
