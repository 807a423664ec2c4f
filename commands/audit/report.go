package audit

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type reportOptions struct {
	env              *kit.Env
	monthly, unusual bool
	subject          string
	login            string
	month            string
}

func newReport(env *kit.Env) *cobra.Command {
	o := &reportOptions{env: env}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Count what was opened: by login, or about one person",
		Long: `Count what was opened, in one of three ways.

  --monthly   by login and operation, in a month. Everybody sees what was opened
              under their own login; data-protection officers who opened records
              of their library's patrons, and with --login what one of their
              library's logins opened; auditors everything.
  --subject   when and for which purpose one person's record was opened, without
              staff names: what the person may be told. For officers of the
              person's home and auditors.
  --unusual   lookups of single people by login, in a month: how many were
              about people at home elsewhere, and how many were followed by
              nothing: no loan, return, hold, fee, payment or change. There
              are good reasons for each (history that was anonymized since is
              not seen any more); these are counts, no more.

Exit status:
  0  reported, also when there is nothing
  2  none of the three was chosen, or more than one
  3  no such patron
  8  your role may not see this`,
		Example: `  patronctl audit report --monthly
  patronctl audit report --monthly --login clerk.cam --month 2026-01
  patronctl audit report --subject 20000000000012 --reason "request 2026-17"
  patronctl audit report --unusual -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.monthly, "monthly", false, "what was opened, by login and operation")
	flags.StringVar(&o.subject, "subject", "", "when and why the record of this `PATRON` was opened")
	flags.BoolVar(&o.unusual, "unusual", false, "lookups elsewhere, and without anything after them")
	flags.StringVar(&o.login, "login", "", "with --monthly: only what this `LOGIN` did")
	flags.StringVar(&o.month, "month", "", "another `MONTH` than this one, as 2026-01")
	cmd.MarkFlagsOneRequired("monthly", "subject", "unusual")
	cmd.MarkFlagsMutuallyExclusive("monthly", "subject", "unusual")
	cmd.MarkFlagsMutuallyExclusive("login", "subject", "unusual")
	cmd.MarkFlagsMutuallyExclusive("month", "subject")
	return cmd
}

var monthColumns = []output.Column[audit.Opened]{
	{Name: "login", Value: func(r audit.Opened) string { return r.Login }},
	{Name: "authority", Value: func(r audit.Opened) string { return r.Authority }},
	{Name: "operation", Value: func(r audit.Opened) string { return r.Operation }},
	{Name: "accesses", Right: true, Value: func(r audit.Opened) string { return strconv.Itoa(r.Accesses) }},
	{Name: "denied", Right: true, Value: func(r audit.Opened) string { return strconv.Itoa(r.Denied) }},
	{Name: "days", Right: true, Value: func(r audit.Opened) string { return strconv.Itoa(r.Days) }},
	{Name: "people", Right: true, Value: func(r audit.Opened) string { return strconv.Itoa(r.People) }},
}

var subjectColumns = []output.Column[audit.Consulted]{
	{Name: "day", Value: func(r audit.Consulted) string { return r.Day }},
	{Name: "authority", Value: func(r audit.Consulted) string { return r.Authority }},
	{Name: "purpose", Value: func(r audit.Consulted) string { return r.Purpose }},
	{Name: "accesses", Right: true, Value: func(r audit.Consulted) string { return strconv.Itoa(r.Accesses) }},
}

var unusualColumns = []output.Column[audit.Lookups]{
	{Name: "login", Value: func(r audit.Lookups) string { return r.Login }},
	{Name: "authority", Value: func(r audit.Lookups) string { return r.Authority }},
	{Name: "lookups", Right: true, Value: func(r audit.Lookups) string { return strconv.Itoa(r.Lookups) }},
	{Name: "people", Right: true, Value: func(r audit.Lookups) string { return strconv.Itoa(r.People) }},
	{Name: "elsewhere", Right: true, Value: func(r audit.Lookups) string { return strconv.Itoa(r.Elsewhere) }},
	{Name: "without_event", Label: "without event", Right: true, Value: func(r audit.Lookups) string { return strconv.Itoa(r.WithoutEvent) }},
}

func (o *reportOptions) run(ctx context.Context) error {
	var month client.Date
	if o.month != "" {
		day, err := time.Parse("2006-01", o.month)
		if err != nil {
			return kit.Usage("--month takes a month such as 2026-01")
		}
		month.Time = day
	}
	switch {
	case o.monthly:
		return list(ctx, o.env, monthColumns, "nothing was opened in that month", func(c *client.Client) ([]audit.Opened, error) {
			return audit.ReportMonth(ctx, c, o.env.Why(), month, o.login)
		})
	case o.unusual:
		err := list(ctx, o.env, unusualColumns, "nobody was looked up in that month", func(c *client.Client) ([]audit.Lookups, error) {
			return audit.ReportUnusual(ctx, c, o.env.Why(), month)
		})
		if err == nil {
			o.env.Note("elsewhere: of people at home with another member; without event: nothing happened on their record afterwards; " +
				"there are good reasons for each")
		}
		return err
	default:
		return list(ctx, o.env, subjectColumns, "the record of this person was never opened", func(c *client.Client) ([]audit.Consulted, error) {
			return audit.ReportSubject(ctx, c, o.env.Why(), strings.TrimSpace(o.subject))
		})
	}
}

func list[T any](ctx context.Context, env *kit.Env, columns []output.Column[T], none string, read func(*client.Client) ([]T, error)) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	rows, err := read(c)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		env.Note("%s", none)
	}
	return output.List(env.Printer(), columns, output.Slice(rows))
}
