package retention

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newPlanShow(env *kit.Env) *cobra.Command {
	var people, skipped bool
	cmd := &cobra.Command{
		Use:   "show PLAN",
		Short: "Show a plan, or the people on it",
		Long: `Show a plan: its counts, why people were left out, what runs have done, and what
comes next. --people and --skipped list who is on it and who was left out, by
patron number.

The counts may also be seen by officers of other members, who can be asked to
approve it.

Exit status:
  0  shown
  3  no such plan
  8  a plan of another authority`,
		Example: `  patronctl retention plan show 12
  patronctl retention plan show 12 --skipped -o csv > skipped.csv`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "plan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := planNumber(args[0])
			switch {
			case err != nil:
				return err
			case people || skipped:
				return listItems(cmd.Context(), env, number, skipped)
			default:
				return showPlan(cmd.Context(), env, number)
			}
		},
	}
	cmd.Flags().BoolVar(&people, "people", false, "list who is on it")
	cmd.Flags().BoolVar(&skipped, "skipped", false, "list who was left out, and why")
	cmd.MarkFlagsMutuallyExclusive("people", "skipped")
	return cmd
}

func showPlan(ctx context.Context, env *kit.Env, number int64) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*forgetting.Plan, error) {
		return forgetting.ShowPlan(ctx, c, env.Why(), number)
	}, kit.PlanScreen)
}

// itemColumns name patrons the way every command takes them.
func itemColumns(skipped bool) []output.Column[forgetting.PlanItem] {
	columns := []output.Column[forgetting.PlanItem]{
		{Name: "patron", Value: func(i forgetting.PlanItem) string { return fmt.Sprintf("id:%d", i.Patron) }},
		{Name: "rule", Value: func(i forgetting.PlanItem) string { return i.Rule }},
		{Name: "authority", Value: func(i forgetting.PlanItem) string { return i.Authority }},
		{Name: "branch", Value: func(i forgetting.PlanItem) string { return i.Branch }},
	}
	if skipped {
		columns = append(columns, output.Column[forgetting.PlanItem]{
			Name: "because", Shrink: true, Value: func(i forgetting.PlanItem) string { return kit.PlanReasons(i.Reasons) },
		})
	}
	return columns
}

func listItems(ctx context.Context, env *kit.Env, number int64, skipped bool) error {
	columns := itemColumns(skipped)
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	return output.List(env.Printer(), columns, forgetting.PlanItems(ctx, c, env.Why(), number, skipped))
}
