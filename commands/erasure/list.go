package erasure

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env       *kit.Env
	authority string
	since     kit.DateFlag
}

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who was erased, by number",
		Long: `List the ledger of erasures: number, patron id, authority, rule (or request),
when, and since when no file of the server holds the values any more. It holds
no name, no card and no hash of one. The rule canary is about made-up people,
whom "patronctl erasure verify" plants and erases.

Supervisors and data-protection officers see their own authority; support, jobs
and auditors see all.

Exit status:
  0  listed, also when there is nothing
  2  wrong flag or value
  8  your role may not do this, or not for that authority`,
		Example: `  patronctl erasure list --since today
  patronctl erasure list --authority CAM -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "only patrons whose home is this `AUTHORITY`")
	cmd.Flags().Var(&o.since, "since", "from this day, or today")
	return cmd
}

var columns = []output.Column[forgetting.LedgerEntry]{
	{Name: "number", Right: true, Value: func(e forgetting.LedgerEntry) string { return strconv.FormatInt(e.Number, 10) }},
	{Name: "patron", Right: true, Value: func(e forgetting.LedgerEntry) string { return strconv.FormatInt(e.Patron, 10) }},
	{Name: "authority", Value: func(e forgetting.LedgerEntry) string { return e.Authority }},
	{Name: "rule", Value: func(e forgetting.LedgerEntry) string { return e.Rule }},
	{Name: "at", Value: func(e forgetting.LedgerEntry) string { return kit.Instant(&e.At) }},
	{Name: "scrubbed_at", Label: "scrubbed", Value: func(e forgetting.LedgerEntry) string { return kit.Instant(e.ScrubbedAt) }},
}

func (o *listOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	canaries := 0
	entries := forgetting.ListErasures(ctx, c, o.env.Why(), forgetting.ErasureFilter{Authority: o.authority, Since: o.since.Date})
	err = output.List(printer, columns, func(yield func(forgetting.LedgerEntry, error) bool) {
		for entry, err := range entries {
			if entry.Rule == "canary" {
				canaries++
			}
			if !yield(entry, err) {
				return
			}
		}
	})
	if err == nil && canaries > 0 {
		o.env.Note("canary: made-up people that patronctl erasure verify planted and erased (%d)", canaries)
	}
	return err
}
