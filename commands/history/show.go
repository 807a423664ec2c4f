package history

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "show PATRON",
		Short: "List the loans, holds and fees still linked to a patron",
		Long: `List the loans, holds and fees still linked to a patron, newest first. What was
made anonymous is not among them and cannot be found again.

Supervisors and data-protection officers of the patron's home may do this, and
must say with --reason which matter it is about.

Exit status:
  0  shown, also when there is nothing
  2  no --reason was given
  3  no such patron, or several match
  8  your role may not do this, or the patron's home is elsewhere`,
		Example: `  patronctl history show 20000000000012 --reason "ticket 4711"
  patronctl history show id:123 --reason "ticket 4711" -o csv`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return show(cmd.Context(), env, args) },
	}
}

var pastColumns = []output.Column[client.Past]{
	{Name: "from", Value: func(p client.Past) string { return when(p.From) }},
	{Name: "until", Value: func(p client.Past) string { return when(orEmpty(p.Until)) }},
	{Name: "kind", Value: func(p client.Past) string { return p.Kind }},
	{Name: "authority", Value: func(p client.Past) string { return p.Authority }},
	{Name: "branch", Value: func(p client.Past) string { return p.Branch }},
	{Name: "barcode", Value: func(p client.Past) string { return p.Barcode }},
	{Name: "title", Shrink: true, Value: func(p client.Past) string { return p.Title }},
	{Name: "detail", Shrink: true, Value: func(p client.Past) string { return p.Detail }},
}

func show(ctx context.Context, env *kit.Env, args []string) error {
	printer := env.Printer()
	if err := output.CheckColumns(printer, pastColumns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	for ref, err := range env.Refs(args) {
		if err != nil {
			return err
		}
		patron, past, err := c.ShowHistory(ctx, env.Why(), ref)
		if err != nil {
			return err
		}
		env.Note("patron %d: %d entries", patron, len(past))
		kit.OnNarrow(printer, 120, "from", "until", "kind", "title", "detail")
		if err := output.List(printer, pastColumns, output.Slice(past)); err != nil {
			return err
		}
	}
	return nil
}

// when shows an instant as desks read it; the days of fees are fine as they are.
func when(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return kit.Instant(&t)
	}
	return s
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
