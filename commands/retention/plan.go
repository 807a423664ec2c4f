package retention

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
)

func newPlan(env *kit.Env) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "plan RULE...|--all",
		Short: "Plan what rules would do today: the dry run",
		Long: `Freeze what rules would do today at your authority: whom they are about, and who
is left out and why. Nothing else happens; "retention run PLAN" does it. A rule
may be planned before it is in force. --all plans every rule that is.

A plan of more people than a rule's cap, or one that erases more than half of an
authority's people, waits for the approval of another officer.

Exit status:
  0  planned
  3  no such rule, or with --all none in force
  8  your role may not do this, or a rule forgets too early`,
		Example: `  patronctl retention plan lapsed
  patronctl retention plan --all
  patronctl retention plan show 12 --skipped`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return kit.Usage("say which rules to plan: RULE..., or --all for those in force")
			}
			return plan(cmd.Context(), env, args)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every rule that is in force at your authority")
	cmd.AddCommand(newPlanShow(env))
	return cmd
}

func plan(ctx context.Context, env *kit.Env, rules []string) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*forgetting.Plan, error) {
		return forgetting.MakePlan(ctx, c, env.Why(), rules)
	}, kit.PlanScreen)
}
