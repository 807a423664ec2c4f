package retention

import (
	"context"
	"fmt"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

// night is one run of the nightly job. Its exit code is the gravest of its plans.
type night struct {
	*runOptions
	client *client.Client
	ends   time.Time // begin nothing after it; zero: no limit
	exit   kit.ExitCode
	failed int // plans that were not done
	plans  int
}

// runDue never asks: what it runs was put in force by an officer, and is within its cap or approved.
func (o *runOptions) runDue(ctx context.Context) error {
	if err := output.CheckColumns(o.env.Printer(), runColumns); err != nil {
		return err
	}
	n := &night{runOptions: o}
	if o.Limit > 0 {
		n.ends = time.Now().Add(o.Limit) //nolint:forbidigo // how long, not what day it is
	}
	var err error
	if n.client, err = o.env.Client(ctx); err != nil {
		return err
	}
	due, err := forgetting.PlanDue(ctx, n.client, o.env.Why())
	if err != nil {
		return err
	}
	n.plans = len(due.Plans) + len(due.Failed)
	if n.plans == 0 {
		o.env.Note("nothing is due")
	}
	for _, rule := range due.Failed {
		n.fail(&kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("the rule %s could not be planned at %s (%s)", rule.Rule, rule.Authority, rule.Because),
			Hint: fmt.Sprintf("see whether it is the rule or the data: patronctl retention plan %s", rule.Rule),
		})
	}
	if err := n.list(ctx, due.Plans); err != nil {
		return err
	}
	if n.exit != kit.ExitOK {
		return &kit.Error{Code: n.exit, Message: fmt.Sprintf("%d of %d plans not done", n.failed, n.plans)}
	}
	return nil
}

// list runs the plans one after the other, and writes a row of each.
func (n *night) list(ctx context.Context, plans []forgetting.Plan) error {
	printer := n.env.Printer()
	narrowRuns(printer)
	return output.List(printer, runColumns, func(yield func(forgetting.PlanRun, error) bool) {
		for i := range plans {
			run, err := n.do(ctx, &plans[i])
			if !yield(run, err) || err != nil {
				return
			}
		}
	})
}

// do runs a plan, or says why not. An error ends the night: the others would fail like it.
func (n *night) do(ctx context.Context, plan *forgetting.Plan) (forgetting.PlanRun, error) {
	row := rowOf(plan)
	switch {
	case n.dryRun:
		return row, nil
	case plan.State == "waiting":
		n.fail(&kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("plan %d waits for an approval: %s", plan.ID, plan.NeedsApproval),
			Hint: "another officer runs: " + kit.ApproveCommand(plan),
		})
		return row, nil
	case !n.ends.IsZero() && time.Until(n.ends) <= 0:
		n.fail(&kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("plan %d was not begun: the time is over", plan.ID),
			Hint: "the next night goes on there",
		})
		return row, nil
	}
	opt := n.RunOptions
	if !n.ends.IsZero() {
		opt.Limit = time.Until(n.ends)
	}
	run, err := n.env.RunPlan(ctx, n.client, plan, opt)
	if run != nil {
		row.Run, row.State = *run, "done"
		if run.Remaining > 0 {
			row.State = "ready"
		}
	}
	if err != nil && (ctx.Err() != nil || !ofOnePlan(err)) {
		return row, err
	}
	if err != nil {
		n.fail(err)
	}
	return row, nil
}

// ofOnePlan tells whether the next plan may well succeed.
func ofOnePlan(err error) bool {
	code := kit.Exit(err)
	return code != kit.ExitCannotConnect
}

func (n *night) fail(err error) {
	n.failed++
	n.exit = max(n.exit, kit.Exit(err))
	n.env.ShowError(err, n.env.Flags.WantsJSON())
}

func rowOf(plan *forgetting.Plan) forgetting.PlanRun {
	row := forgetting.PlanRun{State: plan.State, Origin: plan.Origin, MadeAt: plan.MadeAt, Hash: plan.Hash, Todo: plan.Todo, Rules: []string{}}
	row.Plan, row.Done, row.Skipped, row.Remaining = plan.ID, plan.Done, plan.LeftOut, plan.Todo-plan.Done-plan.LeftOut
	for _, part := range plan.Parts {
		row.Rules = append(row.Rules, kit.PartName(part.Rule, part.Authority))
	}
	return row
}
