package forgetting_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// sweep plans a rule at CAM and runs it.
func sweep(t *testing.T, officer *client.Client, rule string) *forgetting.Run {
	t.Helper()
	plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{rule})
	if err != nil {
		t.Fatal(err)
	}
	if plan.State == "done" {
		return &forgetting.Run{Outcome: "done"}
	}
	done, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 500, Progress: func(forgetting.Run) {}})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// oldLoan gives patron 41 one returned loan of item 50, the last of that item.
const oldLoan = ready + `
	UPDATE lms.patron SET last_activity_on = '2020-05-05', keeps_history = FALSE WHERE id = 41;
	UPDATE patronctl.rule SET age = '3 years', despite = '{}', last_borrower_days = 0 WHERE name = 'history';
	UPDATE lms.fee SET loan = NULL WHERE loan IN (SELECT id FROM lms.loan WHERE item = 50);
	DELETE FROM lms.loan WHERE item = 50; DELETE FROM lms.anonymous_loan WHERE item = 50;
	INSERT INTO lms.loan (id, patron, item, authority, branch, lent_at, returned_at)
	VALUES (900001, 41, 50, 'CAM', 'CAM-CEN', '2019-01-01', '%s');
	`

// What of a history the rule moves, and what stays.
func TestWhatHistoryMoves(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	const fee = `
		INSERT INTO lms.fee (id, patron, authority, kind, amount, raised_on, loan)
		VALUES (900001, %d, 'CAM', 'overdue', %s, '2019-02-01', %s);`
	keeps := "UPDATE lms.patron SET keeps_history = TRUE WHERE id = 41;"
	for _, at := range []struct {
		name, returned, made string
		loans, fees          int // of patron 41 afterwards
	}{
		{"a day before", "2023-01-30 12:00+00", "", 0, 0},
		{"that day", "2023-01-31 12:00+00", "", 1, 0},
		{
			"half past midnight in summer, a day before", "2023-07-13 23:30+00",
			"UPDATE patronctl.installation SET clock_offset = timestamptz '2026-07-15 12:00+00' - clock_timestamp()", 0, 0,
		},
		{
			"half past midnight in summer, that day", "2023-07-14 23:30+00",
			"UPDATE patronctl.installation SET clock_offset = timestamptz '2026-07-15 12:00+00' - clock_timestamp()", 1, 0,
		},
		{
			"last second of summer's day before", "2023-07-14 22:59:59+00",
			"UPDATE patronctl.installation SET clock_offset = timestamptz '2026-07-15 12:00+00' - clock_timestamp()", 0, 0,
		},
		{"the year before a leap day", "2023-02-28 23:59:59+00", `
			UPDATE patronctl.rule SET age = '1 year' WHERE name = 'history';
			UPDATE patronctl.installation SET clock_offset = timestamptz '2024-02-29 12:00+00' - clock_timestamp()`, 1, 0},
		{"and the day before that", "2023-02-27 23:59:59+00", `
			UPDATE patronctl.rule SET age = '1 year' WHERE name = 'history';
			UPDATE patronctl.installation SET clock_offset = timestamptz '2024-02-29 12:00+00' - clock_timestamp()`, 0, 0},
		{"kept at the patron's wish", "2020-01-01", keeps, 1, 0},
		{"kept, despite", "2020-01-01", keeps + "UPDATE patronctl.rule SET despite = '{keeps-history}' WHERE name = 'history'", 0, 0},
		{"an unpaid fee", "2020-01-01", fmt.Sprintf(fee, 41, "5", "900001"), 1, 1},
		{"a fee of zero", "2020-01-01", fmt.Sprintf(fee, 41, "0", "900001"), 0, 0},
		{
			"a fee of zero with a payment", "2020-01-01",
			fmt.Sprintf(fee, 41, "0", "900001") + "INSERT INTO lms.payment (patron, fee, amount, paid_on) VALUES (41, 900001, 1, '2019-03-01')", 0,
			1,
		},
		{
			"a fee of zero with an empty payment", "2020-01-01",
			fmt.Sprintf(fee, 41, "0", "900001") + "INSERT INTO lms.payment (patron, fee, amount, paid_on) VALUES (41, 900001, 0, '2019-03-01')", 0,
			0,
		},
		{"the last borrower, days kept", "2023-01-01", "UPDATE patronctl.rule SET last_borrower_days = 1200 WHERE name = 'history'", 1, 0},
		{"the last borrower, longer ago", "2022-01-01", "UPDATE patronctl.rule SET last_borrower_days = 1200 WHERE name = 'history'", 0, 0},
		{"lent again since", "2023-01-01", `
			UPDATE patronctl.rule SET last_borrower_days = 1200 WHERE name = 'history';
			INSERT INTO lms.loan (patron, item, authority, branch, lent_at)
			VALUES (37, 50, 'CAM', 'CAM-CEN', '2023-02-01')`, 0, 0},
	} {
		super.Must("DELETE FROM lms.payment WHERE fee = 900001; DELETE FROM lms.fee WHERE id = 900001;"+oldLoan+at.made, at.returned)
		sweep(t, officer, "history")
		got := super.Must("SELECT (SELECT count(*) FROM lms.loan WHERE patron = 41) || ' ' || (SELECT count(*) FROM lms.fee WHERE patron = 41)")
		if want := fmt.Sprint(at.loans, " ", at.fees); got != want {
			t.Errorf("%s: %s loans and fees, want %s (%s)", at.name, got, want, onPlan(super))
		}
		if active := super.Must("SELECT last_activity_on FROM lms.patron WHERE id = 41"); active != "2020-05-05" {
			t.Errorf("%s: last active on %s", at.name, active)
		}
	}
	super.Must(oldLoan+"UPDATE lms.patron SET birth_year = NULL WHERE id = 41", "2020-01-01")
	sweep(t, officer, "history")
	if group := super.Must(`
		SELECT p.authority, p.branch, p.category, coalesce(p.birth_year::text, 'none')
		FROM lms.anonymous_loan AS l JOIN lms.anonymous_patron AS p ON p.id = l.anonymous_patron
		WHERE l.item = 50`); group != "CAM\nCAM-CEN\nADULT\nnone" {
		t.Errorf("somebody without a birth date stands in %q", group)
	}
}

// Settled fees lead to nobody after the accounting period; amounts stay.
func TestWhatUnlinking(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	sums := func() string {
		return super.Must(`SELECT
			(SELECT sum(amount) FROM (SELECT amount FROM lms.fee UNION ALL SELECT amount FROM lms.settled_fee) AS f) || ' ' ||
			(SELECT sum(amount) FROM (SELECT amount FROM lms.payment UNION ALL SELECT amount FROM lms.settled_payment) AS y)`)
	}
	for _, at := range []struct {
		name, authority, amount, raised string
		paid                            [][2]string // amount and day
		unlinked                        bool
	}{
		{"paid", "CAM", "5", "2015-01-01", [][2]string{{"5", "2016-01-30"}}, true},
		{"paid on the very day", "CAM", "5", "2015-01-01", [][2]string{{"5", "2016-01-31"}}, false},
		{"raised on the day before", "CAM", "5", "2016-01-30", [][2]string{{"5", "2016-01-30"}}, true},
		{"raised on the very day, paid before", "CAM", "5", "2016-01-31", [][2]string{{"5", "2016-01-30"}}, false},
		{"paid in parts, the last lately", "CAM", "5", "2015-01-01", [][2]string{{"2", "2015-02-01"}, {"3", "2020-01-01"}}, false},
		{"unpaid", "CAM", "5", "2015-01-01", nil, false},
		{"half paid", "CAM", "5", "2015-01-01", [][2]string{{"2", "2015-02-01"}}, false},
		{"a credit", "CAM", "5", "2015-01-01", [][2]string{{"6", "2015-02-01"}}, false},
		{"zero, paid and paid back", "CAM", "0", "2015-01-01", [][2]string{{"1", "2015-02-01"}, {"-1", "2015-03-01"}}, true},
		{"zero with a payment", "CAM", "0", "2015-01-01", [][2]string{{"1", "2015-02-01"}}, false},
		{"another member's", "KEN", "5", "2015-01-01", [][2]string{{"5", "2015-02-01"}}, false},
	} {
		super.Must(`
			DELETE FROM lms.settled_payment;
			DELETE FROM lms.settled_fee;
			DELETE FROM lms.payment WHERE fee = 900001;
			DELETE FROM lms.fee WHERE id = 900001;
			%s UPDATE patronctl.rule SET age = '10 years' WHERE name = 'accounts';
			INSERT INTO lms.fee (id, patron, authority, kind, amount, raised_on)
			VALUES (900001, 41, '%s', 'overdue', %s, '%s')`, ready, at.authority, at.amount, at.raised)
		for _, p := range at.paid {
			super.Must("INSERT INTO lms.payment (patron, fee, amount, paid_on) VALUES (41, 900001, %s, '%s')", p[0], p[1])
		}
		before := sums()
		sweep(t, officer, "accounts")
		left := super.Must("SELECT count(*) FROM lms.fee WHERE patron = 41")
		if (left == "0") != at.unlinked {
			t.Errorf("%s: %s fees lead to the patron", at.name, left)
		}
		if n := super.Must("SELECT count(*) FROM lms.payment WHERE fee = 900001"); (n == "0") != (at.unlinked || at.paid == nil) {
			t.Errorf("%s: %s payments lead to the patron", at.name, n)
		}
		if after := sums(); after != before {
			t.Errorf("%s: amounts were %s, are %s", at.name, before, after)
		}
	}
}

// The rule that names a branch beats the general one, and of two that name as much both look, and the first erases.
func TestRulesBesideEachOther(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(ready)
	set := func(name string, change forgetting.RuleChange) {
		t.Helper()
		if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, name, change); err != nil {
			t.Fatal(err)
		}
	}
	reasons := func(rule string) string {
		return super.Must(`
			SELECT coalesce(array_to_string(i.reasons, ', '), 'to do')
			FROM patronctl.plan_item AS i JOIN patronctl.plan_part AS p USING (plan, part)
			WHERE i.patron = 41 AND p.conditions ->> 'name' = '%s' AND plan = (SELECT max(id) FROM patronctl.plan)`, rule)
	}
	plan := func(rules ...string) *forgetting.Plan {
		t.Helper()
		made, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, rules)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	set("central", forgetting.RuleChange{"action": "erase-lapsed", "age": "9 years", "branches": []string{"CAM-CEN"}})
	if plan("lapsed"); reasons("lapsed") != "to do" {
		t.Errorf("a rule that is not in force keeps somebody: %s", reasons("lapsed"))
	}
	if plan("lapsed", "central"); reasons("lapsed") != "rule central" || reasons("central") != "" {
		t.Errorf("planned together: %s, %s", reasons("lapsed"), reasons("central"))
	}
	if _, err := forgetting.EnableRule(t.Context(), officer, client.Why{}, "central", "", true); err != nil {
		t.Fatal(err)
	}
	if plan("lapsed"); reasons("lapsed") != "rule central" {
		t.Errorf("a closer rule in force: %s", reasons("lapsed"))
	}
	set("central", forgetting.RuleChange{"branches": []string{}, "except_branches": []string{"CAM-CEN"}})
	if plan("lapsed"); reasons("lapsed") != "to do" {
		t.Errorf("a closer rule that excepts the branch: %s", reasons("lapsed"))
	}
	set("central", forgetting.RuleChange{"except_branches": []string{}, "age": "18 months"})
	set("second", forgetting.RuleChange{"action": "erase-lapsed", "age": "18 months"})
	both := plan("central", "second")
	if reasons("central") != "to do" || reasons("second") != "to do" {
		t.Errorf("two alike: %s, %s", reasons("central"), reasons("second"))
	}
	done, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, both.ID,
		forgetting.RunOptions{Batch: 500, Progress: func(forgetting.Run) {}})
	if err != nil || done.Outcome != "done" || done.Done != done.Skipped {
		t.Errorf("%+v %v", done, err)
	}
	if left := super.Must(`
		SELECT array_to_string(left_out, ', ')
		FROM patronctl.plan_item
		WHERE plan = %d AND part = 2 AND patron = 41`, both.ID); left != "changed" {
		t.Errorf("the second rule finds somebody erased: %q", left)
	}
	if n := super.Must("SELECT count(*) || ' ' || max(number) FROM patronctl.erasure"); n != fmt.Sprint(done.Done, " ", done.Done) {
		t.Errorf("ledger: %s after %d", n, done.Done)
	}
}

// Whoever changed a rule in force is not the second officer of its plans. Taking it out of force withdraws the plan that was
// approved, and stops the run at work on it.
func TestRuleOutOfForceStopsItsPlans(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, cam, ken, job := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam"), db.Client(t, "officer.ken"), db.Client(t, "job")
	set := func(change forgetting.RuleChange) {
		t.Helper()
		if _, err := forgetting.SetRule(t.Context(), cam, client.Why{}, "wide", change); err != nil {
			t.Fatal(err)
		}
	}
	set(forgetting.RuleChange{"action": "anonymize-history", "age": "1 day", "cap": 5})
	super.Must("INSERT INTO patronctl.rule_in_force VALUES ('wide', 'CAM', now(), 'another')")
	set(forgetting.RuleChange{"cap": 3})
	due, err := forgetting.PlanDue(t.Context(), job, client.Why{})
	plans := due.Plans
	if err != nil || len(plans) != 1 || plans[0].State != "waiting" || plans[0].MayRun {
		t.Fatalf("%+v %v", plans, err)
	}
	plan := plans[0]
	if _, err := forgetting.ApprovePlan(t.Context(), cam, client.Why{}, plan.ID, plan.Hash); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("approved by who changed the rule: %v", err)
	}
	if _, err := forgetting.ApprovePlan(t.Context(), ken, client.Why{}, plan.ID, plan.Hash); err != nil {
		t.Fatal(err)
	}
	run, err := forgetting.RunPlan(t.Context(), cam, client.Why{}, plan.ID, forgetting.RunOptions{Batch: 1, Progress: func(r forgetting.Run) {
		if r.Done+r.Skipped > 1 {
			t.Error("the run went on")
		}
		if _, err := forgetting.EnableRule(t.Context(), cam, client.Why{}, "wide", "", false); err != nil {
			t.Error(err)
		}
	}})
	if pgtest.Kind(err) != client.KindBusy || run.Outcome != "stopped" || run.Remaining != plan.Todo-1 {
		t.Errorf("%+v %v", run, err)
	}
	if due, err = forgetting.PlanDue(t.Context(), job, client.Why{}); err != nil || len(due.Plans) != 0 {
		t.Errorf("%+v %v", plans, err)
	}
	if shown, err := forgetting.ShowPlan(t.Context(), cam, client.Why{}, plan.ID); err != nil || shown.State != "withdrawn" {
		t.Errorf("%+v %v", shown, err)
	}
}

// A rule that takes everybody waits whatever its cap, and an approval is about one list.
func TestLargePlansWait(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, cam, ken := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam"), db.Client(t, "officer.ken")
	super.Must(`
		DELETE FROM lms.payment; DELETE FROM lms.fee;
		DELETE FROM lms.loan; DELETE FROM lms.hold;
		DELETE FROM lms.membership;
		UPDATE lms.patron SET expires_on = '2020-01-01' WHERE status = 'active'`)
	if _, err := forgetting.SetRule(t.Context(), cam, client.Why{}, "everybody",
		forgetting.RuleChange{"action": "erase-lapsed", "age": "18 months", "cap": 10000}); err != nil {
		t.Fatal(err)
	}
	plan, err := forgetting.MakePlan(t.Context(), cam, client.Why{}, []string{"everybody"})
	if err != nil || plan.State != "waiting" || !strings.Contains(plan.NeedsApproval, "more than half") {
		t.Fatalf("%+v %v", plan, err)
	}
	run := func() error {
		_, err := forgetting.RunPlan(t.Context(), cam, client.Why{}, plan.ID,
			forgetting.RunOptions{Batch: 10, Limit: 1, Progress: func(forgetting.Run) {}})
		return err
	}
	if err = run(); pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "approval") {
		t.Errorf("a waiting plan: %v", err)
	}
	for name, attempt := range map[string]struct {
		by   *client.Client
		hash string
	}{"its maker": {cam, plan.Hash}, "another hash": {ken, strings.Repeat("0", 32)}, "no hash": {ken, ""}} {
		if _, err = forgetting.ApprovePlan(t.Context(), attempt.by, client.Why{}, plan.ID, attempt.hash); pgtest.Kind(err) != client.KindRefused {
			t.Errorf("approved by %s: %v", name, err)
		}
	}
	if _, err = forgetting.ApprovePlan(t.Context(), ken, client.Why{}, plan.ID, plan.Hash); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ what, done, undone string }{
		{
			"somebody added", "INSERT INTO patronctl.plan_item SELECT %d, 1, max(id) + 1, 'CAM-CEN' FROM lms.patron",
			"DELETE FROM patronctl.plan_item WHERE plan = %d AND patron > (SELECT max(id) FROM lms.patron)",
		},
		{
			"somebody taken off", "UPDATE patronctl.plan_item SET plan = %d, patron = -patron WHERE patron = 41",
			"UPDATE patronctl.plan_item SET plan = %d, patron = 41 WHERE patron = -41",
		},
		{"a reason struck out", "UPDATE patronctl.plan_item SET reasons = NULL, left_out = reasons WHERE plan = %d AND reasons IS NOT NULL", `
			UPDATE patronctl.plan_item SET reasons = left_out, left_out = NULL
			WHERE plan = %d AND left_out IS NOT NULL`},
		{"another rule", `
			UPDATE patronctl.plan_part SET conditions = conditions || '{"despite": ["loans"]}'
			WHERE plan = %d`, `UPDATE patronctl.plan_part SET conditions = conditions || '{"despite": []}' WHERE plan = %d`},
	} {
		super.Must(change.done, plan.ID)
		if err = run(); pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "not the list") {
			t.Errorf("%s after the approval: %v", change.what, err)
		}
		super.Must(change.undone, plan.ID)
	}
	if err = run(); err != nil {
		t.Errorf("the approved list: %v", err)
	}
}
