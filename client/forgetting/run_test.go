package forgetting_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// allRules are the shipped rules: every kind of forgetting.
var allRules = []string{"accounts", "deleted", "history", "lapsed"}

// planOf freezes a plan of all rules at CAM.
func planOf(t *testing.T, db *pgtest.DB) *forgetting.Plan {
	t.Helper()
	plan, err := forgetting.MakePlan(t.Context(), db.Client(t, "officer.cam"), client.Why{}, allRules)
	if err != nil {
		t.Fatal(err)
	}
	if plan.State != "ready" || plan.Todo < 400 {
		t.Fatalf("plan: %+v", plan)
	}
	return plan
}

// run runs a plan in small batches, to its end or to what stops it.
func run(ctx context.Context, c *client.Client, plan int64) (*forgetting.Run, error) {
	return forgetting.RunPlan(ctx, c, client.Why{}, plan, forgetting.RunOptions{Batch: 5, Progress: func(forgetting.Run) {}})
}

// undisturbed is the fingerprint of a database where the plan ran in one go.
func undisturbed(t *testing.T) string {
	t.Helper()
	db := pgtest.New(t)
	done, err := run(t.Context(), db.Client(t, "officer.cam"), planOf(t, db).ID)
	if err != nil || done.Outcome != "done" || done.Remaining != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	return db.Fingerprint(t)
}

// A run whose server process is ended, again and again, at any moment, ends like one that nobody disturbed.
func TestRunSurvivesTheEndOfItsServerProcess(t *testing.T) {
	want := undisturbed(t)
	db := pgtest.New(t)
	plan := planOf(t, db)
	super := db.Super(t)
	dice := rand.New(rand.NewPCG(3, 1))
	kills := 0
	for attempt := 0; ; attempt++ {
		if attempt > 300 {
			t.Fatal("the plan does not come to its end")
		}
		officer := db.Client(t, "officer.cam")
		var err error
		over := make(chan struct{})
		go func() {
			_, err = run(context.Background(), officer, plan.ID)
			close(over)
		}()
		select {
		case <-over:
			if err == nil {
				if got := db.Fingerprint(t); got != want {
					t.Errorf("after %d kills: %s, undisturbed: %s", kills, got, want)
				}
				t.Log(kills, "kills")
				if kills < 20 {
					t.Errorf("only %d kills", kills)
				}
				return
			}
			if kind := pgtest.Kind(err); kind != client.KindBusy && kind != client.KindConnect && kind != client.KindUnknown {
				t.Fatal(kind, err)
			}
		case <-time.After(time.Duration(dice.IntN(50+5*attempt)) * time.Millisecond):
			var hit bool
			if err := super.QueryRow(t.Context(), `
				SELECT coalesce(bool_or(pg_terminate_backend(pid)), FALSE)
				FROM pg_stat_activity
				WHERE datname = current_database() AND usename = 'officer.cam'`).Scan(&hit); err != nil {
				t.Fatal(err)
			}
			if hit {
				kills++
			}
			<-over
		}
		officer.Close()
	}
}

// Of two runs of a plan one works and the other is told who does.
func TestTwoRunsOfAPlan(t *testing.T) {
	want := undisturbed(t)
	db := pgtest.New(t)
	plan := planOf(t, db)
	var (
		together sync.WaitGroup
		errs     [2]error
	)
	for i := range errs {
		officer := db.Client(t, "officer.cam")
		together.Go(func() { _, errs[i] = run(context.Background(), officer, plan.ID) })
	}
	together.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	err := errs[0]
	if err == nil {
		err = errs[1]
	}
	if pgtest.Kind(err) != client.KindBusy || !strings.HasPrefix(err.Error(), "plan 1 is being run by ") {
		t.Error("the second run hears:", err)
	}
	if got := db.Fingerprint(t); got != want {
		t.Errorf("two runs: %s, one: %s", got, want)
	}
}

// One bad record costs one person, not the night.
func TestABadRecordIsLeftOut(t *testing.T) {
	ctx := t.Context()
	db := pgtest.New(t)
	plan := planOf(t, db)
	super := db.Super(t)
	var victim int64
	if err := super.QueryRow(ctx, `
		SELECT patron
		FROM patronctl.plan_item
		WHERE part = 1 AND reasons IS NULL
		ORDER BY patron OFFSET 7 LIMIT 1`).Scan(&victim); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE FUNCTION public.stubborn() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF old.patron = current_setting('test.victim', TRUE)::bigint THEN
				RAISE 'no';
			END IF;
			RETURN old;
		END $$`,
		`CREATE TRIGGER stubborn BEFORE DELETE ON lms.loan FOR EACH ROW EXECUTE FUNCTION public.stubborn()`,
		`GRANT USAGE ON SCHEMA public TO PUBLIC`,
	} {
		if _, err := super.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := super.Exec(ctx, `SELECT set_config('test.victim', $1::bigint::text, FALSE)`, victim); err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(ctx,
		`
		DO $$ BEGIN
			EXECUTE format('ALTER ROLE "officer.cam" IN DATABASE %I SET test.victim = %L',
				current_database(), current_setting('test.victim'));
		END $$`); err != nil {
		t.Fatal(err)
	}
	officer := db.Client(t, "officer.cam")
	done, err := run(ctx, officer, plan.ID)
	if err != nil || done.Outcome != "done" || done.Skipped != 1 || done.Done != plan.Todo-1 {
		t.Fatalf("%+v %v", done, err)
	}
	for item, err := range forgetting.PlanItems(ctx, officer, client.Why{}, plan.ID, true) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Patron == victim && item.Rule == "history" && !slices.Equal(item.Reasons, []string{"failed P0001"}) {
			t.Errorf("left out because of %v", item.Reasons)
		}
	}
	again, err := forgetting.MakePlan(ctx, officer, client.Why{}, []string{"history"})
	if err != nil || again.Todo != 1 {
		t.Errorf("the next plan: %+v %v", again, err)
	}
}

// A plan that another one replaced while it ran comes to an end.
func TestARunWithNobodyLeftEnds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	plan, err := forgetting.PlanBefore(t.Context(), officer, client.Why{}, "", "", pgtest.Date(t, "2025-06-01"))
	if err != nil {
		t.Fatal(err)
	}
	batches := 0
	run, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 10, Progress: func(forgetting.Run) {
			if batches++; batches == 1 {
				super.Must("DELETE FROM patronctl.plan_item WHERE plan = %d", plan.ID)
			}
		}})
	if err == nil || batches != 2 || run.Outcome != "stopped" || run.Remaining != plan.Todo-10 {
		t.Errorf("after %d batches %+v, %v", batches, run, err)
	}
}
