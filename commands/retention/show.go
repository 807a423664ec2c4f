package retention

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "show RULE",
		Short: "Show a rule: whom it is about, who stays, where it is in force",
		Long: `Show a rule in words: what it does, to whom, after which time, who stays
nevertheless, and where it is in force.

Exit status:
  0  shown
  3  no such rule, or not one you may see
  8  your role may not see this`,
		Example:           `  patronctl retention show lapsed`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE:              func(cmd *cobra.Command, args []string) error { return show(cmd.Context(), env, args[0]) },
	}
}

func show(ctx context.Context, env *kit.Env, name string) error {
	if err := output.CheckColumns[forgetting.Rule](env.Printer(), nil); err != nil {
		return err
	}
	rule, err := ruleNamed(ctx, env, name)
	if err != nil {
		return err
	}
	return output.Document(env.Printer(), rule, screen(rule))
}

func ruleNamed(ctx context.Context, env *kit.Env, name string) (*forgetting.Rule, error) {
	c, err := env.Client(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := forgetting.Rules(ctx, c, env.Why(), "")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rules, func(r forgetting.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, &kit.Error{Code: kit.ExitNotFound, Message: "no such rule", Hint: "list them: patronctl retention list"}
	}
	return &rules[i], nil
}
