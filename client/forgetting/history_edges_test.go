package forgetting_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// The last borrower of an item is kept for so many days of the home, and is not the last any more when it was lent since, to
// whomever: also to somebody whose loan is anonymous by now.
func TestWhoIsKeptAsTheLastBorrower(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	const (
		lent      = "INSERT INTO lms.loan (patron, item, authority, branch, lent_at) VALUES (37, %d, 'CAM', 'CAM-CEN', '%s');"
		anonymous = `
			INSERT INTO lms.anonymous_patron (id, authority, branch, category, birth_year)
			VALUES (990001, 'CAM', 'CAM-CEN', 'ADULT', 1777)
			ON CONFLICT DO NOTHING;
			INSERT INTO lms.anonymous_loan VALUES (990001, %d, 'CAM', 'CAM-CEN', '%s', NULL, '2026-01-02', 0);`
	)
	for _, at := range []struct {
		name, returned, made string
		stays                bool
	}{
		// The rule keeps 1,000 days, and in London it is 2026-01-31: 2023-05-07, which begins at 23:00 UTC of the day before.
		{"at the beginning of the day", "2023-05-06 23:00Z", "", true},
		{"before that day", "2023-05-06 22:59:59.999999Z", "", false},
		{"lent again", "2023-06-01", fmt.Sprintf(lent, 50, "2023-07-01"), false},
		{"lent before", "2023-06-01", fmt.Sprintf(lent, 50, "2018-12-31"), true},
		{"another item lent again", "2023-06-01", fmt.Sprintf(lent, 51, "2023-07-01"), true},
		{"lent again to somebody who is anonymous", "2023-06-01", fmt.Sprintf(anonymous, 50, "2023-07-01"), false},
		{"lent at the same time to somebody who is anonymous", "2023-06-01", fmt.Sprintf(anonymous, 50, "2019-01-01"), true},
		{"lent at the same time", "2023-06-01", fmt.Sprintf(lent, 50, "2019-01-01"), true},
		{"lent before to somebody who is anonymous", "2023-06-01", fmt.Sprintf(anonymous, 50, "2018-12-31"), true},
		{"another item lent again to somebody who is anonymous", "2023-06-01", fmt.Sprintf(anonymous, 51, "2023-07-01"), true},
		{
			"lent again to somebody who was erased", "2023-06-01", fmt.Sprintf(lent, 50, "2023-07-01") + "SELECT desk.erase('{37}', 'request');",
			false,
		},
	} {
		super.Must(oldLoan+`
			UPDATE lms.patron SET keeps_history = TRUE WHERE id <> 41;
			UPDATE patronctl.rule SET age = '1 day', last_borrower_days = 1000 WHERE name = 'history';`+at.made, at.returned)
		sweep(t, officer, "history")
		stays := super.Must("SELECT count(*) FROM lms.loan WHERE patron = 41") == "1"
		if stays != at.stays {
			t.Errorf("%s: the loan stays: %t (%s)", at.name, stays, onPlan(super))
		}
	}
}

// Whom an item leads to: nobody when a loan that began later is anonymous; whoever was erased, moved or left meanwhile, as what
// they are now.
func TestTheLastBorrowerAsOfNow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	supervisor := db.Client(t, "supervisor.cam")
	const loans = `
		DELETE FROM lms.anonymous_loan WHERE item = 880088; DELETE FROM lms.loan WHERE item = 880088;
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		VALUES (41, 880088, 'CAM', 'CAM-CEN', '2025-01-01', '2025-02-01'),
			(36, 880088, 'CAM', 'CAM-CEN', '2025-03-01', '2025-04-01');`
	super.Must(`
		INSERT INTO lms.item (id, barcode, title, branch)
		VALUES (880088, '880088', 'A book', 'CAM-CEN');
		INSERT INTO lms.anonymous_patron (id, authority) VALUES (990001, 'CAM')`)
	for _, at := range []struct {
		name, made string
		patron     int64
		refused    bool
	}{
		{"the later of two", "", 36, false},
		{"a newer one is anonymous", `
			INSERT INTO lms.anonymous_loan
			VALUES (990001, 880088, 'CAM', 'CAM-CEN', '2025-03-01 00:00:00.000001+00', NULL, '2025-04-02', 0);`, 0, false},
		{"an older one is anonymous", `
			INSERT INTO lms.anonymous_loan
			VALUES (990001, 880088, 'CAM', 'CAM-CEN', '2025-02-28', NULL, '2025-04-02', 0);`, 36, false},
		{"one of another item is anonymous", `
			INSERT INTO lms.anonymous_loan
			VALUES (990001, 50, 'CAM', 'CAM-CEN', '2025-12-31', NULL, '2026-01-02', 0);`, 36, false},
		{"who was deleted", "UPDATE lms.patron SET status = 'deleted', deleted_on = '2025-05-01' WHERE id = 36;", 36, false},
		{"who is at home elsewhere now", "UPDATE lms.patron SET authority = 'KEN', branch = 'KEN-CEN' WHERE id = 36;", 36, true},
		{"who was erased", "SELECT desk.erase('{36}', 'request');", 36, true},
	} {
		super.Must("%s", `
			SET TimeZone = 'UTC';
			UPDATE lms.patron SET status = 'active', authority = 'CAM', branch = 'CAM-CEN' WHERE id = 36;`+loans+at.made)
		item, err := people.ShowItem(t.Context(), supervisor, client.Why{Reason: "ticket 4711"}, "880088", true)
		if at.refused && at.name != "who was erased" {
			if pgtest.Kind(err) != client.KindRefused {
				t.Errorf("%s: %v", at.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(at.name, err)
		}
		got := int64(0)
		if item.LastBorrower != nil {
			got = item.LastBorrower.Patron
			if erased := item.LastBorrower.Surname == ""; erased != at.refused {
				t.Errorf("%s: %s", at.name, pgtest.Text(t, item.LastBorrower))
			}
		}
		if got != at.patron {
			t.Errorf("%s: %d, want %d", at.name, got, at.patron)
		}
	}
}

// The youngest history that may move is as old in days as the setting says, by the day of the home.
func TestTheYoungestHistory(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), db.Client(t, "officer.cam")
	super.Must("INSERT INTO patronctl.setting VALUES ('history_keep_days', NULL, '5'), ('history_keep_days', 'CAM', '30')")
	for _, at := range []struct {
		now, before, refused string
	}{
		{"2026-06-30 22:59:59.999999Z", "2026-05-31", ""}, // the 30th of June in London
		{"2026-06-30 22:59:59.999999Z", "2026-06-01", "keeps history for 30 days"},
		{"2026-06-30 23:00Z", "2026-06-01", ""},
		{"2026-06-30 23:00Z", "2026-06-02", "keeps history for 30 days"},
		{"2026-06-30 23:00Z", "2026-07-01", "keeps history for 30 days"},
		{"2026-06-30 23:00Z", "2026-07-02", "in the future"},
	} {
		db.Freeze(t, at.now)
		_, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, "id:36",
			people.AnonymizeOptions{Before: pgtest.Date(t, at.before), DryRun: true})
		said := func(err error) bool {
			return (at.refused == "") == (err == nil) &&
				(err == nil || pgtest.Kind(err) == client.KindUsage && strings.Contains(err.Error(), at.refused))
		}
		if !said(err) {
			t.Errorf("at %s before %s: %v", at.now, at.before, err)
		}
		_, err = forgetting.PlanBefore(t.Context(), officer, client.Why{}, "CAM", "", pgtest.Date(t, at.before))
		if !said(err) {
			t.Errorf("a plan at %s before %s: %v", at.now, at.before, err)
		}
	}
}

// A rule forgets no earlier than an authority keeps history, and erases nobody who can still come back; its cap is the
// administrator's to limit. It is asked when the rule is made, put in force, and used.
func TestTheShortestRule(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(`
		INSERT INTO patronctl.setting
		VALUES ('history_keep_days', 'CAM', '30'), ('reactivation_months', 'CAM', '12'), ('cap_limit', 'CAM', '50')`)
	for _, at := range []struct {
		rule forgetting.RuleChange
		fine bool
	}{
		{forgetting.RuleChange{"action": "anonymize-history", "age": "29 days", "cap": 1}, false},
		{forgetting.RuleChange{"action": "anonymize-history", "age": "30 days", "cap": 1}, true},
		{forgetting.RuleChange{"action": "erase-lapsed", "age": "11 months", "cap": 1}, false},
		{forgetting.RuleChange{"action": "erase-lapsed", "age": "12 months", "cap": 1}, true},
		{forgetting.RuleChange{"action": "erase-lapsed", "age": "1 year", "cap": 1}, true},
		{forgetting.RuleChange{"action": "erase-deleted", "age": "1 day", "cap": 1, "counted_from": "deleted"}, true},
		{forgetting.RuleChange{"action": "unlink-accounts", "age": "1 day", "cap": 1}, true},
		{forgetting.RuleChange{"action": "unlink-accounts", "age": "1 day", "cap": 50}, true},
		{forgetting.RuleChange{"action": "unlink-accounts", "age": "1 day", "cap": 51}, false},
		{forgetting.RuleChange{"action": "unlink-accounts", "age": "1 day", "cap": 0}, true},
	} {
		_, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine", at.rule)
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindRefused {
			t.Errorf("%v: %v", at.rule, err)
		}
		super.Must("DELETE FROM patronctl.rule WHERE name = 'mine'")
	}
	if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine",
		forgetting.RuleChange{"action": "erase-lapsed", "age": "12 months"}); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("a new rule has the cap 1,000, and here 50 is the limit: %v", err)
	}
	if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine",
		forgetting.RuleChange{"action": "erase-lapsed", "age": "12 months", "cap": 5}); err != nil {
		t.Fatal(err)
	}
	super.Must("UPDATE patronctl.setting SET value = '13' WHERE name = 'reactivation_months'")
	if _, err := forgetting.EnableRule(t.Context(), officer, client.Why{}, "mine", "", true); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("put in force: %v", err)
	}
	if _, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"mine"}); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("used: %v", err)
	}
}

// A plan for today's date, in either spelling, moves what was returned, closed or raised until now; one for a day before moves
// nothing of that day.
func TestPlansForToday(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must("%s", ready)
	for day, want := range map[string]string{"today": "0 0 0", pgtest.Day: "0 0 0", "2026-01-30": "1 1 1"} {
		super.Must(`DELETE FROM lms.loan WHERE patron = 41; DELETE FROM lms.hold WHERE patron = 41; DELETE FROM lms.fee WHERE patron = 41;
			INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
			VALUES (41, 50, 'CAM', 'CAM-CEN', '2019-01-01', '2026-01-31 11:59Z');
			INSERT INTO lms.hold (patron, item, authority, placed_at, closed_at) VALUES (41, 50, 'CAM', '2019-01-01', '2026-01-31 11:59Z');
			INSERT INTO lms.fee (patron, authority, kind, amount, raised_on) VALUES (41, 'CAM', 'service', 0, '2026-01-31');`)
		plan, _, err := forgetting.PlanCards(t.Context(), officer, client.Why{}, "CAM", pgtest.Date(t, day), []string{"90000041"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
			forgetting.RunOptions{Batch: 10, Progress: func(forgetting.Run) {}}); err != nil {
			t.Fatal(err)
		}
		got := super.Must(`
			SELECT concat_ws(
				' ', (SELECT count(*) FROM lms.loan WHERE patron = 41), (SELECT count(*) FROM lms.hold WHERE patron = 41),
				(SELECT count(*) FROM lms.fee WHERE patron = 41)
			)`)
		if got != want {
			t.Errorf("before %s: loans, holds and fees left: %s, want %s", day, got, want)
		}
	}
}
