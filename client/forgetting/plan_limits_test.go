package forgetting_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// twenty leaves CAM with so many living people, of whom nothing forbids to erase those who lapsed; the others are valid.
const twenty = `
	UPDATE patronctl.staff SET valid_from = '2000-01-01';
	DELETE FROM lms.payment; DELETE FROM lms.fee; DELETE FROM lms.loan; DELETE FROM lms.hold; DELETE FROM lms.membership;
	UPDATE lms.patron SET guardian_patron = NULL, protected = FALSE, deleted_on = NULL, last_fee_on = NULL;
	UPDATE lms.patron SET status = 'erased' WHERE authority = 'CAM';
	UPDATE lms.patron SET status = 'active', expires_on = '2030-01-01'
	WHERE id IN (SELECT id FROM lms.patron WHERE authority = 'CAM' ORDER BY id LIMIT 20);
	UPDATE lms.patron SET expires_on = '2020-01-01'
	WHERE id IN (SELECT id FROM lms.patron WHERE authority = 'CAM' AND status = 'active' ORDER BY id LIMIT %d);`

// A plan waits for a second officer when it has more people than its cap, or would erase more than half of the living.
func TestWhichPlansWait(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	for _, at := range []struct {
		lapsed, cap int
		changed     string
		waits       string
	}{
		{10, 10, "", ""},
		{10, 9, "", "its cap is 9"},
		{11, 11, "", "more than half of those of CAM"},
		{9, 9, "", ""},
		{10, 10, `
			UPDATE lms.patron SET status = 'erased'
			WHERE id = (SELECT max(id) FROM lms.patron WHERE authority = 'CAM' AND status = 'active')`, "more than half of those of CAM"},
		{10, 10, `
			UPDATE lms.patron SET authority = 'KEN', branch = 'KEN-CEN'
			WHERE id = (SELECT max(id) FROM lms.patron WHERE authority = 'CAM' AND status = 'active')`, "more than half of those of CAM"},
		{10, 10, `
			UPDATE lms.patron SET status = 'deleted'
			WHERE id = (SELECT max(id) FROM lms.patron WHERE authority = 'CAM' AND status = 'active')`, ""}, // who is still there
	} {
		super.Must("BEGIN")
		super.Must(twenty+at.changed, at.lapsed)
		super.Must("COMMIT")
		if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "all",
			forgetting.RuleChange{"action": "erase-lapsed", "age": "18 months", "cap": at.cap}); err != nil {
			t.Fatal(err)
		}
		plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"all"})
		if err != nil || plan.Todo != at.lapsed {
			t.Fatalf("%+v: %+v %v", at, plan, err)
		}
		if (plan.NeedsApproval == "") != (at.waits == "") || !strings.Contains(plan.NeedsApproval, at.waits) {
			t.Errorf("%+v: %q", at, plan.NeedsApproval)
		}
		want := "ready"
		if at.waits != "" {
			want = "waiting"
		}
		if plan.State != want {
			t.Errorf("%+v: %s", at, plan.State)
		}
	}
	// Half does not count for what erases nobody.
	super.Must(`INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		SELECT id, 50, 'CAM', 'CAM-CEN', '2019-01-01', '2019-02-01' FROM lms.patron WHERE authority = 'CAM' AND status = 'active'`)
	if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "past",
		forgetting.RuleChange{"action": "anonymize-history", "age": "1 year", "cap": 20}); err != nil {
		t.Fatal(err)
	}
	if plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"past"}); err != nil || plan.Todo < 18 ||
		plan.NeedsApproval != "" {
		t.Errorf("history: %+v %v", plan, err)
	}
}

// The second officer agrees to exactly the list that was frozen: one that was changed since is not approved, by its old hash or
// its new one, and neither is one that was approved, done or withdrawn, or that waits for nobody.
func TestWhichPlansAreApproved(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, cam, ken := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam"), db.Client(t, "officer.ken")
	super.Must(twenty, 11)
	if _, err := forgetting.SetRule(t.Context(), cam, client.Why{}, "all",
		forgetting.RuleChange{"action": "erase-lapsed", "age": "18 months", "cap": 5}); err != nil {
		t.Fatal(err)
	}
	plan, err := forgetting.MakePlan(t.Context(), cam, client.Why{}, []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	approve := func(hash string) error {
		_, err := forgetting.ApprovePlan(t.Context(), ken, client.Why{}, plan.ID, hash)
		return err
	}
	changed := func(sql string) {
		t.Helper()
		super.Must("CREATE TABLE public.items AS TABLE patronctl.plan_item; CREATE TABLE public.parts AS TABLE patronctl.plan_part")
		super.Must(sql, plan.ID)
		now := super.Must("SELECT desk.plan_hash(%d)", plan.ID)
		if now == plan.Hash {
			t.Errorf("%s: the hash is the same", sql)
		}
		for _, hash := range []string{plan.Hash, now} {
			if err := approve(hash); pgtest.Kind(err) != client.KindRefused {
				t.Errorf("approved after: %s: %v", sql, err)
			}
		}
		super.Must("TRUNCATE patronctl.plan_item; INSERT INTO patronctl.plan_item TABLE public.items; DROP TABLE public.items")
		super.Must(`
			UPDATE patronctl.plan_part AS p SET (conditions, before, authority) = (o.conditions, o.before, o.authority)
			FROM public.parts AS o
			WHERE (p.plan, p.part) = (o.plan, o.part);
			DROP TABLE public.parts`)
	}
	changed("INSERT INTO patronctl.plan_item (plan, part, patron, branch) SELECT %d, 1, max(id) + 1, 'CAM-CEN' FROM lms.patron")
	changed("DELETE FROM patronctl.plan_item WHERE plan = %d AND patron = (SELECT max(patron) FROM patronctl.plan_item WHERE reasons IS NULL)")
	changed(`
		UPDATE patronctl.plan_item SET reasons = '{protected}'
		WHERE plan = %d AND patron = (SELECT max(patron) FROM patronctl.plan_item WHERE reasons IS NULL)`)
	changed("UPDATE patronctl.plan_part SET before = '2000-01-01' WHERE plan = %d")
	changed(`UPDATE patronctl.plan_part SET conditions = conditions || '{"age": "1 day"}' WHERE plan = %d`)
	changed("UPDATE patronctl.plan_part SET authority = 'PBK' WHERE plan = %d")

	for _, state := range []string{"done", "superseded", "withdrawn"} {
		super.Must("UPDATE patronctl.plan SET state = '%s' WHERE id = %d", state, plan.ID)
		if err := approve(plan.Hash); pgtest.Kind(err) != client.KindRefused {
			t.Errorf("a plan that is %s: %v", state, err)
		}
	}
	super.Must("UPDATE patronctl.plan SET state = 'open' WHERE id = %d", plan.ID)
	const mine = `
		INSERT INTO patronctl.rule_in_force VALUES ('%s', '%s', now(), 'officer.ken')
		ON CONFLICT (rule, authority) DO UPDATE SET login = 'officer.ken'`
	super.Must(mine, "all", "CAM")
	if err := approve(plan.Hash); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("by who put its rule in force: %v", err)
	}
	super.Must("UPDATE patronctl.rule_in_force SET login = 'officer.cam' WHERE (rule, authority) = ('all', 'CAM')")
	super.Must(mine, "lapsed", "CAM") // another rule there, and
	super.Must(mine, "all", "KEN")    // this one elsewhere, are no part of the plan
	if other, err := forgetting.MakePlan(t.Context(), cam, client.Why{}, []string{"lapsed"}); err != nil || len(other.Parts) != 1 {
		t.Fatal(other, err) // nor are the people of another plan
	}
	if err := approve(strings.ToUpper(plan.Hash)); err != nil {
		t.Errorf("the list as it was frozen: %v", err)
	}
	super.Must("UPDATE patronctl.plan SET approved_at = NULL, approved_by = NULL, needs_approval = NULL WHERE id = %d", plan.ID)
	if err := approve(plan.Hash); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("a plan that waits for nobody: %v", err)
	}
}

// A batch erases those it was opened for, and nobody else who is due.
func TestABatchErasesItsOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(twenty, 3)
	plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"lapsed"})
	if err != nil || plan.Todo != 3 {
		t.Fatalf("%+v %v", plan, err)
	}
	psql := pgtest.Connect(t, db, "officer.cam")
	access := func() string { return psql.Open("retention run", fmt.Sprintf(`{"plan": %d, "batch": 1}`, plan.ID)) }
	run := psql.Must("SELECT desk.start_run(%s) ->> 'run'", access())
	for n := 1; n <= 3; n++ {
		psql.Must("SELECT desk.run_batch(%s, %s)", access(), run)
		if left := super.Must(`
			SELECT count(*)
			FROM lms.patron
			WHERE authority = 'CAM' AND status = 'active' AND expires_on = '2020-01-01'`); left != fmt.Sprint(3-n) {
			t.Errorf("%s are left after %d", left, n)
		}
	}
}

// A rule is about its area: branches, but for some, and categories; when the plan is made and when it is run.
func TestTheAreaOfARule(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	const away = "UPDATE lms.patron SET branch = 'CAM-MIL' WHERE id = 41"
	for _, at := range []struct {
		name string
		area forgetting.RuleChange
		then string
		want string
	}{
		{"everywhere", forgetting.RuleChange{}, "", "to do"},
		{"the branch", forgetting.RuleChange{"branches": []string{"CAM-CEN"}}, "", "to do"},
		{"one of two branches", forgetting.RuleChange{"branches": []string{"CAM-MIL", "CAM-CEN"}}, "", "to do"},
		{"another branch", forgetting.RuleChange{"branches": []string{"CAM-MIL"}}, "", "nowhere"},
		{"but for the branch", forgetting.RuleChange{"except_branches": []string{"CAM-CEN"}}, "", "nowhere"},
		{"but for another branch", forgetting.RuleChange{"except_branches": []string{"CAM-MIL"}}, "", "to do"},
		{"the category", forgetting.RuleChange{"categories": []string{"ADULT"}}, "", "to do"},
		{"another category", forgetting.RuleChange{"categories": []string{"JUNIOR"}}, "", "nowhere"},
		{
			"the branch and another category",
			forgetting.RuleChange{"branches": []string{"CAM-CEN"}, "categories": []string{"JUNIOR"}},
			"",
			"nowhere",
		},
		{"moved since", forgetting.RuleChange{"branches": []string{"CAM-CEN"}}, away, "changed"},
		{"moved since, everywhere", forgetting.RuleChange{}, away, ""},
		{
			"grew up since",
			forgetting.RuleChange{"categories": []string{"ADULT"}},
			"UPDATE lms.patron SET category = 'JUNIOR' WHERE id = 41",
			"changed",
		},
	} {
		super.Must("%s UPDATE lms.patron SET branch = 'CAM-CEN', category = 'ADULT' WHERE id = 41; UPDATE lms.patron SET protected = TRUE "+
			"WHERE id <> 41", ready)
		if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine", forgetting.RuleChange{
			"action": "erase-lapsed", "age": "18 months", "branches": []string{}, "except_branches": []string{}, "categories": []string{},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine", at.area); len(at.area) > 0 && err != nil {
			t.Fatal(at.name, err)
		}
		plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"mine"})
		if err != nil {
			t.Fatal(at.name, err)
		}
		if got := onPlan(super); at.then == "" && got != at.want {
			t.Errorf("%s: %s, want %s", at.name, got, at.want)
		}
		if at.then == "" {
			continue
		}
		super.Must("%s", at.then)
		super.Must("DELETE FROM patronctl.erasure; UPDATE patronctl.ledger SET number = 0")
		if _, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
			forgetting.RunOptions{Batch: 100, Progress: func(forgetting.Run) {}}); err != nil {
			t.Fatal(at.name, err)
		}
		if got := super.Must(`
			SELECT coalesce(array_to_string(left_out, ', '), '')
			FROM patronctl.plan_item
			WHERE patron = 41 AND plan = %d`, plan.ID); got != at.want {
			t.Errorf("%s: left out for %q, want %q", at.name, got, at.want)
		}
	}
}

// Who is protected stays for that reason alone when a closer rule is in force elsewhere.
func TestAReasonIsNamedOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must("%s UPDATE lms.patron SET protected = TRUE WHERE id = 41", ready)
	if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mills",
		forgetting.RuleChange{"action": "erase-lapsed", "age": "9 years", "branches": []string{"CAM-MIL"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"lapsed", "mills"}); err != nil {
		t.Fatal(err)
	}
	if got := super.Must("SELECT reasons FROM patronctl.plan_item WHERE patron = 41"); got != "{protected}" {
		t.Errorf("reasons: %s", got)
	}
}

// Of two rules the one that names a branch, else a category, else an authority is closer, and the other leaves its people to it.
func TestTheCloserRule(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	for name, area := range map[string]forgetting.RuleChange{
		"authority": {"categories": []string{}, "branches": []string{}},
		"category":  {"categories": []string{"ADULT"}, "branches": []string{}},
		"branch":    {"categories": []string{}, "branches": []string{"CAM-CEN"}},
	} {
		super.Must("%s UPDATE lms.patron SET branch = 'CAM-CEN', category = 'ADULT' WHERE id = 41", ready)
		area["action"], area["age"] = "erase-lapsed", "18 months"
		if _, err := forgetting.SetRule(t.Context(), officer, client.Why{}, "mine", area); err != nil {
			t.Fatal(name, err)
		}
		plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"lapsed", "mine"})
		if err != nil {
			t.Fatal(name, err)
		}
		got := super.Must(`
			SELECT string_agg(concat(p.conditions ->> 'name', ' ', i.reasons), ', ' ORDER BY p.conditions ->> 'name')
			FROM patronctl.plan_item AS i JOIN patronctl.plan_part AS p USING (plan, part)
			WHERE i.patron = 41 AND plan = %d`, plan.ID)
		if want := `lapsed {"rule mine"}, mine `; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
