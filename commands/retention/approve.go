package retention

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newApprove(env *kit.Env) *cobra.Command {
	var hash string
	cmd := &cobra.Command{
		Use:   "approve PLAN --hash HASH",
		Short: "Agree to a large plan, as a second officer",
		Long: `Agree, as a second officer, to a plan that is too large for one. The hash stands
for exactly the list that you looked at: of any member, but not whoever made the
plan or put its rule in force. You see its counts and are asked; --yes answers.

Exit status:
  0  approved
  2  no --hash was given
  3  no such plan
  5  not confirmed; nothing was done
  8  the plan is your own, has another hash, or needs no approval`,
		Example: `  patronctl retention plan show 12
  patronctl retention approve 12 --hash 83b4a2c0`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "plan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := planNumber(args[0])
			switch {
			case err != nil:
				return err
			case hash == "":
				return &kit.Error{
					Code: kit.ExitUsage, Message: "say with --hash which list you approve",
					Hint: fmt.Sprintf("look at it first: patronctl retention plan show %d", number),
				}
			}
			return approve(cmd.Context(), env, number, hash)
		},
	}
	cmd.Flags().StringVar(&hash, "hash", "", "`HASH` of the plan, as plan show says it")
	return cmd
}

func approve(ctx context.Context, env *kit.Env, number int64, hash string) error {
	if err := output.CheckColumns[forgetting.Plan](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	plan, err := forgetting.ShowPlan(ctx, c, env.Why(), number)
	if err != nil {
		return err
	}
	if !env.Flags.Yes && plan.State == "waiting" && strings.EqualFold(plan.Hash, hash) { // the database refuses the others
		if err := env.Tell(plan, kit.PlanFacts(plan)); err != nil {
			return err
		}
		if err := env.Confirm(ctx, fmt.Sprintf("Approve plan %d of %s, on %d people?", number, plan.MadeBy, plan.Todo)); err != nil {
			return err
		}
	}
	approved, err := forgetting.ApprovePlan(ctx, c, env.Why(), number, hash)
	if err != nil {
		return err
	}
	return output.Document(env.Printer(), approved, kit.PlanScreen(approved))
}
