package audit

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env          *kit.Env
	filter       audit.Filter
	patron       string
	since, until kit.MomentFlag
}

// mostRecords is how many records the database gives at a time.
const mostRecords = 10_000

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List access records, newest first",
		Long: `List access records, newest first: who opened whose data, when, for which
purpose and whether it was allowed. Everybody sees the records of their own
login; data-protection officers those of their library's logins and patrons;
auditors all of them.

Exit status:
  0  listed, also when there is nothing
  2  wrong flag or value
  8  your role may not do this`,
		Example: `  patronctl audit list --since today
  patronctl audit list --patron id:123 --since 2026-01-01 --until 2026-01-31
  patronctl audit list --outcome denied -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.filter.Login, "login", "", "only what this `LOGIN` did")
	flags.StringVar(&o.patron, "patron", "", "only about this patron, as `id:123`")
	flags.StringVar(&o.filter.Operation, "operation", "", "only this `OPERATION`, such as \"patron show\"")
	kit.EnumVar(cmd, &o.filter.Outcome, "outcome", "only this outcome", "allowed", "denied", "not_found")
	flags.Var(&o.since, "since", "from this day, today, or instant")
	flags.Var(&o.until, "until", "up to and with this day, today, or up to an instant")
	flags.IntVar(&o.filter.Limit, "limit", 100, "at most this `NUMBER` of records, up to 10000")
	return cmd
}

var columns = []output.Column[audit.Access]{
	{Name: "access", Right: true, Value: func(a audit.Access) string { return strconv.FormatInt(a.Access, 10) }},
	{Name: "at", Value: func(a audit.Access) string { return instant(a.At) }},
	{Name: "login", Value: func(a audit.Access) string { return a.Login }},
	{Name: "authority", Value: func(a audit.Access) string { return a.Authority }},
	{Name: "operation", Value: func(a audit.Access) string { return a.Operation }},
	{Name: "purpose", Shrink: true, Value: func(a audit.Access) string { return a.Purpose }},
	{Name: "reason", Shrink: true, Value: func(a audit.Access) string { return a.Reason }},
	{Name: "outcome", Value: func(a audit.Access) string { return a.Outcome }, Style: outcomeStyle},
	{Name: "patrons", Shrink: true, Value: func(a audit.Access) string { return ids(a.Patrons) }},
}

func outcomeStyle(a audit.Access) output.Style {
	if a.Outcome == "denied" {
		return output.Bad
	}
	return output.Plain
}

func (o *listOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	if err := o.fill(); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := audit.ListAccesses(ctx, c, o.env.Why(), o.filter)
	if err != nil {
		return err
	}
	switch len(found) {
	case 0:
		o.env.Note("no such records that you may see")
	case o.filter.Limit:
		o.env.Note("these are the newest %d; --limit or --until shows more", len(found))
	}
	kit.OnNarrow(printer, 110, "access", "at", "login", "operation", "outcome", "patrons")
	return output.List(printer, columns, output.Slice(found))
}

// fill completes the filter from the flags that need checking.
func (o *listOptions) fill() error {
	if o.filter.Limit < 1 || o.filter.Limit > mostRecords {
		return kit.Usage("--limit takes a number from 1 to %d", mostRecords)
	}
	if o.patron != "" {
		digits, ok := strings.CutPrefix(o.patron, "id:")
		id, err := strconv.ParseInt(digits, 10, 64)
		if !ok || err != nil || id < 1 {
			return kit.Usage("--patron takes id:123; patron show tells the id of a card")
		}
		o.filter.Patron = id
	}
	o.filter.Since, o.filter.Until = o.since.Begin(), o.until.End()
	return nil
}
