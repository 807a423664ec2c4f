package incident

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	var open, exitCode bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List incidents, open ones first",
		Long: `List incidents: open ones first, by when they were noticed, then the newest. The
clock says how many of the 72 hours are left to tell the supervisory authority
of a breach, or how the matter stands: told, told late, not needed.

With --exit-code a timer can tell somebody: it ends with 10 when less than 24
hours are left, or none.

Exit status:
  0   listed, also when there is nothing
  8   your role may not see this
  10  --exit-code: a breach has less than 24 hours left, or is overdue`,
		Example: `  patronctl incident list --open
  patronctl incident list --open --exit-code || mail -s "breach clock" officer`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return list(cmd.Context(), env, open, exitCode) },
	}
	cmd.Flags().BoolVar(&open, "open", false, "only open ones")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 10 when a breach has less than 24 hours left, or none")
	return cmd
}

var columns = []output.Column[cases.Incident]{
	{Name: "incident", Right: true, Value: func(i cases.Incident) string { return strconv.FormatInt(i.Incident, 10) }},
	{Name: "kind", Value: func(i cases.Incident) string { return i.Kind }},
	{Name: "authority", Value: func(i cases.Incident) string { return i.Authority }},
	{Name: "noticed", Value: func(i cases.Incident) string { return kit.Instant(&i.NoticedAt) }},
	{Name: "closed", Value: func(i cases.Incident) string { return kit.Instant(i.ClosedAt) }},
	{Name: "clock", Value: clock, Style: clockStyle},
	{Name: "people", Right: true, Value: func(i cases.Incident) string { return number(i.People) }},
	{Name: "categories", Shrink: true, Value: func(i cases.Incident) string { return text(i.Categories) }},
}

func list(ctx context.Context, env *kit.Env, open, exitCode bool) error {
	printer := env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := cases.ListIncidents(ctx, c, env.Why(), open)
	if err != nil {
		return err
	}
	kit.OnNarrow(printer, 100, "incident", "kind", "noticed", "clock")
	if err := output.List(printer, columns, output.Slice(found)); err != nil {
		return err
	}
	if exitCode && slices.ContainsFunc(found, func(i cases.Incident) bool { return i.Pressing }) {
		return kit.ErrCondition
	}
	return nil
}
