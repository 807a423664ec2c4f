package retention

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rules and where they are in force",
		Long: `List the rules of your authority and those offered to all, and where they are in
force. A rule that is in force nowhere does nothing by itself.

Exit status:
  0  listed
  2  no such authority
  8  your role may not see this`,
		Example: `  patronctl retention list
  patronctl retention list --authority NORTH -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return list(cmd.Context(), env, authority) },
	}
	kit.NameVar(cmd, env, &authority, "authority", "authority", "only what the library `AUTHORITY` has or is offered")
	return cmd
}

var columns = []output.Column[forgetting.Rule]{
	{Name: "rule", Value: func(r forgetting.Rule) string { return r.Name }},
	{Name: "authority", Value: func(r forgetting.Rule) string { return cmp.Or(r.Authority, "all") }},
	{Name: "action", Value: func(r forgetting.Rule) string { return r.Action }},
	{Name: "after", Value: func(r forgetting.Rule) string { return r.Age }},
	{Name: "counted_from", Label: "counted from", Value: func(r forgetting.Rule) string {
		if strings.HasPrefix(r.Action, "erase-") {
			return r.CountedFrom
		}
		return "" // each row of history from its own day
	}},
	{Name: "area", Shrink: true, Value: area},
	{Name: "despite", Shrink: true, Value: func(r forgetting.Rule) string { return strings.Join(r.Despite, ", ") }},
	{Name: "cap", Right: true, Value: func(r forgetting.Rule) string { return strconv.Itoa(r.Cap) }},
	{
		Name: "in_force", Label: "in force", Shrink: true,
		Value: func(r forgetting.Rule) string { return cmp.Or(strings.Join(r.InForce, ", "), "nowhere") },
		Style: func(r forgetting.Rule) output.Style {
			if len(r.InForce) == 0 {
				return output.Faint
			}
			return output.Good
		},
	},
}

func list(ctx context.Context, env *kit.Env, authority string) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	rules, err := forgetting.Rules(ctx, c, env.Why(), authority)
	if err != nil {
		return err
	}
	printer := env.Printer()
	kit.OnNarrow(printer, 120, "rule", "authority", "action", "after", "cap", "in_force")
	return output.List(printer, columns, output.Slice(rules))
}
