package retention

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
)

func newEnable(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "enable RULE",
		Short: "Put a rule in force at an authority",
		Long: `Put a rule in force at your authority: from then on the nightly job
("retention run --due") does what it says. Look at it first with "retention
plan RULE".

Exit status:
  0  in force
  3  no such rule
  8  the rule is not for your authority, or forgets too early there`,
		Example: `  patronctl retention enable lapsed
  patronctl retention enable lapsed --authority NORTH`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return enable(cmd.Context(), env, args[0], authority, true)
		},
	}
	kit.NameVar(cmd, env, &authority, "authority", "authority", "the library `AUTHORITY`; without it wherever you may")
	return cmd
}

func newDisable(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "disable RULE",
		Short: "Take a rule out of force at an authority",
		Long: `Take a rule out of force at your authority: the nightly job leaves it alone. Its
plans that are still to do are withdrawn, also those that were approved, and a
run at work stops before its next batch.

Exit status:
  0  no longer in force
  3  no such rule
  8  the rule is not for your authority`,
		Example:           `  patronctl retention disable lapsed`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return enable(cmd.Context(), env, args[0], authority, false)
		},
	}
	kit.NameVar(cmd, env, &authority, "authority", "authority", "the library `AUTHORITY`; without it wherever you may")
	return cmd
}

func enable(ctx context.Context, env *kit.Env, name, authority string, enabled bool) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*forgetting.Rule, error) {
		return forgetting.EnableRule(ctx, c, env.Why(), name, authority, enabled)
	}, screen)
}
