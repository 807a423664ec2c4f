package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// What is written in the transaction that opened the access, or after it was rolled back, is refused.
func TestForgettingNeedsACommittedAccess(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam")
	plan := super.Must("SELECT coalesce(max(id), 0) FROM patronctl.plan")
	for _, op := range operations {
		if !op.writes || op.login != "officer.cam" {
			continue
		}
		super.Must("%s", beforehand[op.call])
		opening := "SELECT set_config('my.id', " + pgtest.OpenCall(op.name, op.criteria) + "::text, FALSE)"
		carrying := fmt.Sprintf("SELECT "+op.call, "current_setting('my.id')::bigint")
		officer.Must("BEGIN; %s", opening)
		_, err := officer.Run(carrying)
		pgtest.Refused(t, op.call+" in the same transaction", err)
		officer.Must("ROLLBACK; SELECT set_config('my.id', '%s', FALSE)", super.Must("SELECT last_value FROM patronctl.access_id_seq"))
		_, err = officer.Run(carrying)
		pgtest.Refused(t, op.call+" after a rollback", err)
	}
	if after := super.Must("SELECT coalesce(max(id), 0) FROM patronctl.plan WHERE id <> 999"); after != plan {
		t.Errorf("a refused call left plan %s", after)
	}
}

// A run belongs to who started it and to one plan.
func TestARunIsOnesOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	officer, cam, ken := db.Client(t, "officer.cam"), pgtest.Connect(t, db, "officer.cam"), pgtest.Connect(t, db, "officer.ken")
	var plans [2]string
	for i := range plans {
		plan, err := forgetting.PlanBefore(t.Context(), officer, client.Why{}, "", "", pgtest.Date(t, "2025-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		plans[i] = fmt.Sprint(plan.ID)
	}
	both := func(plan string) string { return fmt.Sprintf(`{"plan": %s, "batch": 3}`, plan) }
	run := cam.Must("SELECT desk.start_run(%s) ->> 'run'", cam.Open("retention run", both(plans[0])))

	// A second officer of CAM, a batch of the other plan, and a run that there is not.
	super.Must("UPDATE patronctl.staff SET authority = 'CAM' WHERE login = 'officer.ken'")
	moved := func() string { return super.Must("SELECT count(*) FROM lms.anonymous_loan") }
	before := moved()
	for _, attempt := range []struct {
		name    string
		by      *pgtest.Session
		plan    string
		run     string
		calling string
	}{
		{"another login's run", ken, plans[0], run, "run_batch"},
		{"a run of another plan", cam, plans[1], run, "run_batch"},
		{"no run", cam, plans[0], "9223372036854775807", "run_batch"},
		{"a run without a number", cam, plans[0], "NULL", "run_batch"},
	} {
		id := attempt.by.Open("retention run", both(attempt.plan))
		said, err := attempt.by.Run("SELECT desk.%s(%s, %s)", attempt.calling, id, attempt.run)
		if pgtest.Code(err) != "LB423" {
			t.Errorf("%s: %v, %s", attempt.name, said, err)
		}
	}
	for _, attempt := range []struct{ name, plan string }{{"another login's run", plans[0]}, {"a run of another plan", plans[1]}} {
		by := ken
		if attempt.plan != plans[0] {
			by = cam
		}
		said, _ := by.Run("SELECT desk.stop_run(%s, %s)", by.Open("retention run", both(attempt.plan)), run)
		if outcome := super.Must("SELECT coalesce(outcome, '') FROM patronctl.run WHERE id = %s", run); outcome != "" {
			t.Errorf("%s was stopped: %s", attempt.name, said)
		}
		if strings.Contains(strings.Join(said, ""), `"login"`) {
			t.Errorf("stopping %s tells about it: %s", attempt.name, said)
		}
	}
	if after := moved(); after != before {
		t.Errorf("%s anonymous loans, were %s", after, before)
	}

	// The number says which patrons: one opened for a batch that somebody else did meanwhile does nothing again.
	first, second := cam.Open("retention run", both(plans[0])), cam.Open("retention run", both(plans[0]))
	cam.Must("SELECT desk.run_batch(%s, %s)", first, run)
	after := moved()
	if after == before {
		t.Error("the batch moved nothing")
	}
	cam.Must("SELECT desk.run_batch(%s, %s)", second, run)
	if moved() != after {
		t.Error("a batch was done twice")
	}
}

// A plan with parts of another member is refused, and the refusal is on record.
func TestPlansOfOthers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	plan, err := forgetting.PlanBefore(t.Context(), db.Client(t, "officer.ken"), client.Why{}, "", "", pgtest.Date(t, "2025-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	officer := db.Client(t, "officer.cam")
	_, err = forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 10, Progress: func(forgetting.Run) {}})
	if pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "is for officers of KEN") {
		t.Errorf("run: %v", err)
	}
	if n := super.Must(`
		SELECT count(*)
		FROM patronctl.access
		WHERE login = 'officer.cam' AND operation = 'retention run' AND outcome = 'denied' AND subject = %d AND patrons = '{}'`,
		plan.ID); n != "1" {
		t.Errorf("%s records of the refusal", n)
	}
	if _, err = forgetting.ShowPlan(t.Context(), officer, client.Why{}, plan.ID); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("show: %v", err)
	}
	for _, err = range forgetting.PlanItems(t.Context(), officer, client.Why{}, plan.ID, false) {
		if pgtest.Kind(err) != client.KindRefused {
			t.Errorf("items: %v", err)
		}
	}
	if runs, err := forgetting.Runs(t.Context(), officer, client.Why{}, 100); err != nil || len(runs) != 0 {
		t.Errorf("runs: %+v %v", runs, err)
	}
	if _, err = forgetting.RunPlan(t.Context(), officer, client.Why{}, 4711,
		forgetting.RunOptions{}); pgtest.Kind(err) != client.KindNotFound {
		t.Errorf("a plan that there is not: %v", err)
	}
}

// What is no rule is refused in one line that repeats nothing of it.
func TestHostileRules(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam")
	rules := func() string {
		return super.Must("SELECT string_agg(r::text, E'\n' ORDER BY r.name) FROM patronctl.rule AS r")
	}
	before := rules()
	const fine = `"name": "mine", "action": "erase-lapsed", "age": "18 months"`
	for given, want := range map[string]string{
		`null`:                "LB400",
		`[]`:                  "LB400",
		`"secret7"`:           "LB400",
		`7`:                   "LB400",
		`{}`:                  "LB400",
		`{"name": "secret7"}`: "LB400",
		`{"name": null, "action": "erase-lapsed"}`:              "LB400",
		`{"name": ["secret7"], "action": "x"}`:                  "LB400",
		`{"name": "secret7\nDROP", "age": "3 years"}`:           "LB400",
		`{"name": "secret7\u001b[31m"}`:                         "LB400",
		`{"name": "Secret7", "age": "3 years"}`:                 "LB400",
		`{` + fine + `, "secret7": 1}`:                          "LB400",
		`{` + fine + `, "in_force": ["CAM"]}`:                   "LB400",
		`{` + fine + `, "branches": "secret7"}`:                 "LB400",
		`{` + fine + `, "branches": {"secret7": 1}}`:            "LB400",
		`{` + fine + `, "branches": [["CAM-CEN"],["secret7"]]}`: "LB400",
		`{` + fine + `, "branches": [null]}`:                    "LB400",
		`{` + fine + `, "branches": null}`:                      "LB400",
		`{` + fine + `, "categories": ["secret7"]}`:             "LB400",
		`{` + fine + `, "categories": [null]}`:                  "LB400",
		`{` + fine + `, "branches": ["KEN-CEN"]}`:               "LB400",
		`{` + fine + `, "except_branches": ["secret7"]}`:        "LB400",
		`{` + fine + `, "despite": ["secret7"]}`:                "LB400",
		`{` + fine + `, "despite": [null]}`:                     "LB400",
		`{` + fine + `, "despite": null}`:                       "LB400",
		`{` + fine + `, "despite": ["keeps-history"]}`:          "LB400",
		`{` + fine + `, "cap": 77777777777777777777}`:           "LB400",
		`{` + fine + `, "cap": -1}`:                             "LB400",
		`{` + fine + `, "cap": null}`:                           "LB400",
		`{` + fine + `, "cap": "secret7"}`:                      "LB400",
		`{` + fine + `, "cap": [7]}`:                            "LB400",
		`{` + fine + `, "cap": 1e400}`:                          "LB400",
		`{` + fine + `, "cap": "NaN"}`:                          "LB400",
		`{` + fine + `, "generalize_to": 5}`:                    "LB400",
		`{` + fine + `, "last_borrower_days": 3}`:               "LB400",
		`{` + fine + `, "last_borrower_days": null}`:            "LB400",
		`{` + fine + `, "counted_from": "secret7"}`:             "LB400",
		`{` + fine + `, "counted_from": null}`:                  "LB400",
		`{` + fine + `, "action": "secret7"}`:                   "LB400",
		`{` + fine + `, "action": ["erase-lapsed"]}`:            "LB400",
		`{` + fine + `, "age": 18}`:                             "LB400",
		`{` + fine + `, "age": "secret7"}`:                      "LB400",
		`{` + fine + `, "age": "-3 years"}`:                     "LB400",
		`{` + fine + `, "age": "0 days"}`:                       "LB400",
		`{` + fine + `, "age": "3 years ago"}`:                  "LB400",
		`{` + fine + `, "age": "99999 years"}`:                  "LB400",
		`{` + fine + `, "age": "3 years; DROP"}`:                "LB400",
		`{` + fine + `, "age": ["3 years"]}`:                    "LB400",
		`{` + fine + `, "age": "17 months"}`:                    "LB409", // shorter than the months of reactivation
		`{` + fine + `, "authority": "secret7"}`:                "LB400",
		`{` + fine + `, "authority": ["CAM"]}`:                  "LB400",
		`{` + fine + `, "authority": "KEN"}`:                    "LB403",
		`{` + fine + `, "authority": null}`:                     "LB403",
		`{"name": "lapsed", "authority": "CAM"}`:                "LB403",
		`{"name": "lapsed", "cap": 100000}`:                     "LB403",
	} {
		id := officer.Open("retention set", "{}")
		_, err := officer.Run("SELECT desk.set_rule(%s, '%s')", id, given)
		said := pgtest.Details(err)
		if pgtest.Code(err) != want {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
		if strings.Contains(strings.ToLower(said), "secret7") || strings.Contains(said, "7777") {
			t.Errorf("%s: the answer repeats it: %s", given, said)
		}
		if err != nil && strings.Contains(strings.SplitN(said, "\n", 2)[0], "\n") {
			t.Errorf("%s: more than a line: %s", given, said)
		}
		if after := rules(); after != before {
			t.Fatalf("%s changed a rule", given)
		}
	}
	// A rule of another member is neither changed nor removed.
	ken := pgtest.Connect(t, db, "officer.ken")
	ken.Must("SELECT desk.set_rule(%s, '{%s}')", ken.Open("retention set", "{}"), fine)
	for _, call := range []string{
		`desk.set_rule(%s, '{"name": "mine", "cap": 5}')`, "desk.remove_rule(%s, 'mine')",
		"desk.enable_rule(%s, 'mine', NULL, TRUE)", "desk.remove_rule(%s, 'lapsed')", "desk.enable_rule(%s, 'lapsed', 'KEN', TRUE)",
	} {
		_, err := officer.Run("SELECT "+call, officer.Open("retention set", "{}"))
		pgtest.Refused(t, call, err)
	}
}

// Two officers who give new rules the same name at the same moment do not get each other's.
func TestANewRuleIsNotTakenOver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, cam, ken := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam"), pgtest.Connect(t, db, "officer.ken")
	const given = `{"name": "mine", "action": "erase-lapsed", "age": "3 years"}`
	first, second := cam.Open("retention set", "{}"), ken.Open("retention set", "{}")
	cam.Must("BEGIN; SELECT desk.set_rule(%s, '%s')", first, given)
	waited := make(chan error, 1)
	go func() {
		_, err := ken.Run("SELECT desk.set_rule(%s, '%s')", second, given)
		waited <- err
	}()
	for super.Must("SELECT count(*) FROM pg_stat_activity WHERE usename = 'officer.ken' AND wait_event_type = 'Lock'") == "0" {
		time.Sleep(10 * time.Millisecond)
	}
	cam.Must("COMMIT")
	if err := <-waited; pgtest.Code(err) != "LB423" {
		t.Errorf("the second rule of that name: %v", err)
	}
	if whose := super.Must("SELECT authority FROM patronctl.rule WHERE name = 'mine'"); whose != "CAM" {
		t.Errorf("the rule is of %s now", whose)
	}
}

// Completion offers nobody the rules and plans of others.
func TestCompletionOffersOnesOwnRulesAndPlans(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Connect(t, db, "postgres").Must(`
		INSERT INTO patronctl.rule (name, authority, action, age, cap)
		VALUES ('of-ken', 'KEN', 'erase-lapsed', '3 years', 1)`)
	plan, err := forgetting.PlanBefore(t.Context(), db.Client(t, "officer.ken"), client.Why{}, "", "", pgtest.Date(t, "2025-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	for login, sees := range map[string][2]bool{
		"clerk.cam": {}, "officer.cam": {true, false}, "officer.ken": {true, true}, "auditor": {true, true}, "admin": {},
	} {
		s := pgtest.Connect(t, db, login)
		rules, plans := s.Must("SELECT desk.names('rule')"), s.Must("SELECT desk.names('plan')")
		if strings.Contains(rules, "lapsed") != sees[0] || strings.Contains(rules, "of-ken") != sees[1] ||
			(plans == fmt.Sprint(plan.ID)) != sees[1] {
			t.Errorf("%s is offered the rules %q and the plans %q", login, rules, plans)
		}
	}
}
