package kit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/output"
)

// PlanResult is what a run made of a plan.
type PlanResult struct {
	Run  *forgetting.Run  `json:"run"`
	Plan *forgetting.Plan `json:"plan"`
}

// ConfirmAndRun shows a plan, asks for the number of its people, runs it, and reports on stdout. A plan that is done, as
// after a connection that broke at the very end, is only reported.
func (e *Env) ConfirmAndRun(ctx context.Context, c *client.Client, plan *forgetting.Plan, opt forgetting.RunOptions) error {
	if plan.State == "done" {
		return output.Document(e.Printer(), PlanResult{Plan: plan}, PlanFacts(plan))
	}
	if plan.MayRun && (plan.State == "ready" || plan.State == "running") { // the database refuses the others
		if err := e.confirmPlan(ctx, plan); err != nil {
			return err
		}
	}
	run, err := e.RunPlan(ctx, c, plan, opt)
	if run == nil || ctx.Err() != nil {
		return err
	}
	if failed := e.showRun(ctx, c, run); err == nil {
		err = failed
	}
	return err
}

func (e *Env) showRun(ctx context.Context, c *client.Client, run *forgetting.Run) error {
	plan, err := forgetting.ShowPlan(ctx, c, e.Why(), run.Plan)
	if err != nil {
		return err
	}
	return output.Document(e.Printer(), PlanResult{run, plan}, runScreen(run, plan))
}

func (e *Env) confirmPlan(ctx context.Context, plan *forgetting.Plan) error {
	if e.Flags.Yes {
		return nil
	}
	if err := e.Tell(plan, PlanFacts(plan)); err != nil {
		return err
	}
	left := plan.Todo - plan.Done - plan.LeftOut
	return e.ConfirmCount(ctx, fmt.Sprintf("Run plan %d for good, on %d people?", plan.ID, left), left)
}

// RunPlan runs a plan with progress on stderr. The error of a run that did not come to its end says how far it came; its run
// is nil when it did not begin.
func (e *Env) RunPlan(ctx context.Context, c *client.Client, plan *forgetting.Plan, opt forgetting.RunOptions) (*forgetting.Run, error) {
	progress := sync.OnceValue(func() *output.Progress { // not for a run that is refused
		return output.NewProgress(e.Terminal, e.Err, e.Flags.Quiet, fmt.Sprintf("plan %d", plan.ID), int64(plan.Todo))
	})
	opt.Progress = func(r forgetting.Run) { progress().Set(int64(plan.Todo - r.Remaining)) }
	run, err := forgetting.RunPlan(ctx, c, e.Why(), plan.ID, opt)
	if run != nil {
		progress().Done()
	}
	return run, unfinished(run, err)
}

// unfinished says how far a run came that did not come to its end.
func unfinished(run *forgetting.Run, err error) error {
	from, ok := errors.AsType[*client.Error](err)
	if run == nil || ok && from.Kind == client.KindUnknown || err == nil && run.Remaining == 0 {
		return err
	}
	said := fmt.Sprintf("plan %d: %d people done, %d skipped, %d remain", run.Plan, run.Done, run.Skipped, run.Remaining)
	if code := Exit(err); err != nil && code != ExitInterrupted && code != ExitTerminated {
		said += ": " + err.Error()
	}
	return &Error{
		Code: ExitPartlyDone, Message: said,
		Hint: fmt.Sprintf("the same command goes on there; or: patronctl retention run %d", run.Plan),
	}
}

// runScreen leaves out what was seen before the run.
func runScreen(run *forgetting.Run, plan *forgetting.Plan) []output.Section {
	sections := []output.Section{{Pairs: []output.Pair{
		{Name: "plan", Value: fmt.Sprint(plan.ID), Style: output.Strong},
		{Name: "run", Value: run.Outcome, Style: RunStyle(run.Outcome)},
	}}}
	sections = append(sections, PlanDone(plan)...)
	skipped := planSkipped(plan)
	if skipped.Grid != nil {
		skipped.Title = "Skipped when it was planned"
	}
	return append(sections, skipped)
}

// RunStyle is how the outcome of a run stands out.
func RunStyle(outcome string) output.Style {
	switch outcome {
	case "done":
		return output.Good
	case "":
		return output.Faint
	default:
		return output.Caution
	}
}
