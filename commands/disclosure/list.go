package disclosure

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env       *kit.Env
	authority string
	pending   bool
}

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List disclosures and refusals, the newest first",
		Long: `List who asked for data of your authority's patrons, and what they got, the
newest first. Refusals are among them.

Exit status:
  0  listed
  2  no such authority
  8  your role may not see this, or not at that authority`,
		Example: `  patronctl disclosure list
  patronctl disclosure list --pending
  patronctl disclosure list -o csv > disclosures.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.pending, "pending", false, "only those that wait for a second officer")
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "only those of the library `AUTHORITY`")
	return cmd
}

var columns = []output.Column[cases.Disclosure]{
	{Name: "disclosure", Right: true, Value: func(d cases.Disclosure) string { return strconv.FormatInt(d.ID, 10) }},
	{Name: "at", Value: func(d cases.Disclosure) string { return kit.Instant(&d.At) }},
	{Name: "state", Value: func(d cases.Disclosure) string { return d.State }, Style: style},
	{Name: "patron", Value: patron},
	{Name: "home", Value: func(d cases.Disclosure) string { return d.Authority }},
	{Name: "to", Value: func(d cases.Disclosure) string { return d.To }},
	{Name: "organisation", Shrink: true, Value: func(d cases.Disclosure) string { return d.Organisation }},
	{Name: "reference", Shrink: true, Value: func(d cases.Disclosure) string { return d.Reference }},
	{Name: "released", Shrink: true, Value: func(d cases.Disclosure) string { return strings.Join(d.Released, ", ") }},
	{Name: "because", Value: func(d cases.Disclosure) string { return d.Because }},
	{Name: "login", Value: func(d cases.Disclosure) string { return d.Login }},
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
	disclosures, err := cases.Disclosures(ctx, c, o.env.Why(), o.authority, o.pending)
	if err != nil {
		return err
	}
	kit.OnNarrow(printer, 120, "disclosure", "at", "state", "patron", "to", "organisation")
	return output.List(printer, columns, output.Slice(disclosures))
}
