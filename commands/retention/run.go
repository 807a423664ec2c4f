package retention

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

type runOptions struct {
	env    *kit.Env
	dryRun bool
	forgetting.RunOptions
}

func newRun(env *kit.Env) *cobra.Command {
	o := &runOptions{env: env}
	cmd := &cobra.Command{
		Use:   "run PLAN|--due",
		Short: "Do what a plan says, or what is due tonight",
		Long: `Do what a plan says, in batches of people, each done completely or not at all.
Everybody is looked at again just before: who has changed is left out with a
reason. It cannot be undone. You see the plan and type the number of its people;
--yes replaces the typing, never an approval.

--due is the nightly job. It plans every rule in force, runs what is within its
cap or approved, tells which plans wait for an approval, and never asks.

It may be interrupted at any point: the same command goes on there.

Exit status:
  0  done, or nothing to do
  3  no such plan
  5  not confirmed; nothing was done
  6  somebody else is running it; the message says who
  7  interrupted, out of time, or with --due: a plan waits for an approval
  8  it waits for an approval, was done already, or is of another authority`,
		Example: `  patronctl retention run 12
  patronctl retention run 12 --batch 500 --pause 2s
  patronctl retention run --due --max-duration 4h`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "plan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return err
			}
			if o.Due {
				return o.runDue(cmd.Context())
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.Due, "due", false, "plan every rule in force, and run what may be run")
	flags.IntVar(&o.Batch, "batch", 1000, "`PEOPLE` in a batch, at most 2000")
	flags.DurationVar(&o.Pause, "pause", 0, "`DURATION` between batches, at most 20s")
	flags.DurationVar(&o.Limit, "max-duration", 0, "begin no batch after this `DURATION`")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show the plan; with --due: only plan")
	return cmd
}

func (o *runOptions) check(args []string) error {
	switch {
	case o.Due == (len(args) > 0):
		return kit.Usage("say what to run: the number of a PLAN, or --due")
	case o.Batch < 1 || o.Batch > 2000:
		return kit.Usage("--batch takes 1 to 2000 people")
	case o.Pause < 0 || o.Pause > 20*time.Second:
		return kit.Usage("--pause takes up to 20s: after 30 seconds of silence others may take the plan over")
	case o.Limit < 0:
		return kit.Usage("--max-duration takes a duration such as 4h")
	}
	return nil
}

func (o *runOptions) run(ctx context.Context, arg string) error {
	if err := output.CheckColumns[kit.PlanResult](o.env.Printer(), nil); err != nil {
		return err
	}
	number, err := planNumber(arg)
	if err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	plan, err := forgetting.ShowPlan(ctx, c, o.env.Why(), number)
	if err != nil {
		return err
	}
	if o.dryRun {
		return output.Document(o.env.Printer(), kit.PlanResult{Plan: plan}, kit.PlanScreen(plan))
	}
	return o.env.ConfirmAndRun(ctx, c, plan, o.RunOptions)
}
