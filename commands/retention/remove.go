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

func newRemove(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "remove RULE",
		Short: "Remove a rule",
		Long: `Remove a rule of your authority, and take it out of force. Its plans that are
still to do are withdrawn, and a run at work stops before its next batch. What
was forgotten by it stays forgotten. You are asked; --yes answers.

Exit status:
  0  removed
  3  no such rule, or not one you may see
  5  not confirmed; nothing was done
  8  the rule is not of your authority`,
		Example:           `  patronctl retention remove mobile`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE:              func(cmd *cobra.Command, args []string) error { return remove(cmd.Context(), env, args[0]) },
	}
}

func remove(ctx context.Context, env *kit.Env, name string) error {
	if err := output.CheckColumns[forgetting.Rule](env.Printer(), nil); err != nil {
		return err
	}
	rule, err := ruleNamed(ctx, env, name)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Remove the rule %s, %s after %s?", rule.Name, rule.Action, rule.Age)
	if len(rule.InForce) > 0 {
		question += " It is in force at " + strings.Join(rule.InForce, ", ") + "."
	}
	if err := env.Confirm(ctx, question); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	removed, err := forgetting.RemoveRule(ctx, c, env.Why(), name)
	if err != nil {
		return err
	}
	env.Note("the rule %s is gone, and its plans that were still to do are withdrawn", name)
	if !env.Flags.WantsJSON() {
		return nil
	}
	return output.Document(env.Printer(), removed, nil)
}
