package client_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// addForgetting adds what rules, plans and runs are tried with: an authority, and a plan of its officer that a second one
// approved.
func addForgetting(t *testing.T, db *pgtest.DB, about map[string]subjects) {
	t.Helper()
	super := pgtest.Connect(t, db, "postgres")
	for where, login := range map[string]string{"home": "officer.cam", "away": "officer.ken"} {
		s := about[where]
		s.authority = map[string]string{"home": "CAM", "away": "KEN"}[where]
		plan, err := forgetting.PlanBefore(t.Context(), db.Client(t, login), client.Why{}, s.authority, "", pgtest.Date(t, "2025-01-01"))
		if err != nil || plan.Todo == 0 {
			t.Fatal(plan, err)
		}
		s.plan = plan.ID
		about[where+" authority"], about[where+" plan"] = s, s
	}
	super.Must("UPDATE patronctl.plan SET needs_approval = 'a test', approved_at = now(), approved_by = 'officer.pbk'")
	anywhere := subjects{plan: 9999}
	super.Must(`INSERT INTO patronctl.plan (id, origin, made_at, made_by, hash, needs_approval) OVERRIDING SYSTEM VALUE
		VALUES (%d, 'rules', now(), 'officer.pbk', 'x', 'a test')`, anywhere.plan)
	about["anywhere"] = anywhere
}

// tryForgetting is try for rules, plans, runs and erasing.
func tryForgetting(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	switch operation {
	case "retention list":
		_, err = forgetting.Rules(ctx, c, why, s.authority)
	case "retention set":
		_, err = forgetting.SetRule(ctx, c, why, "mine",
			forgetting.RuleChange{"authority": s.authority, "action": "unlink-accounts", "age": "11 years"})
		if _, second := forgetting.EnableRule(ctx, c, why, "accounts", s.authority, false); (second == nil) != (err == nil) {
			t.Errorf("set: %v, enable: %v", err, second)
		}
	case "retention plan":
		_, err = forgetting.PlanBefore(ctx, c, why, s.authority, "", pgtest.Date(t, "1990-01-01"))
	case "retention plan file":
		_, _, err = forgetting.PlanCards(ctx, c, why, s.authority, pgtest.Date(t, "1990-01-01"), []string{s.patron})
	case "retention plan due":
		_, err = forgetting.PlanDue(ctx, c, why)
	case "retention approve":
		_, err = forgetting.ApprovePlan(ctx, c, why, s.plan, "x")
	case "retention run", "retention run due": // begun and let go of at once
		_, err = forgetting.RunPlan(ctx, c, why, s.plan, forgetting.RunOptions{
			Due:      operation == "retention run due",
			Limit:    1,
			Progress: func(forgetting.Run) {},
		})
	case "history report":
		_, err = people.ReportAnonymity(ctx, c, why, s.authority, 0)
	case "patron erase": // the same right, without erasing
		_, err = forgetting.PreviewErase(ctx, c, why, s.patron, []string{"loans", "reservations", "orders", "fees", "memberships"}, 0)
	case "patron reactivate":
		_, err = people.Reactivate(ctx, c, why, s.patron, pgtest.Date(t, "2027-01-31"))
	case "patron import":
		where := map[string]people.Registration{"CAM": {Branch: "CAM-CEN"}, "KEN": {Branch: "KEN-CEN"}}[s.authority]
		where.Authority, where.Category, where.Card = s.authority, "ADULT", fmt.Sprint("X-", rand.Uint64())
		where.Basis, where.Wording, where.Source = "study", "joining-1", "desk"
		_, err = people.RegisterNewcomer(ctx, c, why, pgtest.Newcomer(fmt.Sprint("Newly", rand.Uint64()), ""), where)
	default:
		t.Errorf("no test for %s", operation)
	}
	return err
}
