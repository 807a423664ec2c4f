package request

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env       *kit.Env
	authority string
	all, open bool
	exitCode  bool
}

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List requests with the days left, overdue first",
		Long: `List the open requests to your authority: overdue first, then by the days left.
--all lists closed ones too.

Officers also see requests about patrons of theirs (home) that were made to
another member (authority). Whoever was asked decides and ends them; the export
or the erasure that answers them can only be made at home, with --request.

Exit status:
  0   listed
  2   no such authority
  8   your role may not see this, or not at that authority
  10  with --exit-code: one is overdue`,
		Example: `  patronctl request list
  patronctl request list --exit-code -q -o csv
  patronctl request list --all -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.open, "open", false, "only open ones, which is what happens anyway")
	cmd.Flags().BoolVar(&o.all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "end with 10 when one is overdue")
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "only those that concern the library `AUTHORITY`")
	cmd.MarkFlagsMutuallyExclusive("open", "all")
	return cmd
}

var columns = []output.Column[cases.Request]{
	{Name: "request", Right: true, Value: func(r cases.Request) string { return strconv.FormatInt(r.ID, 10) }},
	{Name: "kind", Value: func(r cases.Request) string { return r.Kind }},
	{Name: "patron", Value: patron},
	{Name: "authority", Value: func(r cases.Request) string { return r.Authority }},
	{Name: "home", Value: func(r cases.Request) string { return r.Home }},
	{Name: "received", Value: func(r cases.Request) string { return r.ReceivedOn.String() }},
	{Name: "state", Value: state, Style: style},
	{Name: "due", Value: func(r cases.Request) string { return kit.Day(r.DueOn) }},
	{Name: "days_left", Label: "days left", Right: true, Value: daysLeft, Style: style},
	{Name: "law", Value: func(r cases.Request) string { return r.Law }},
	{Name: "detail", Shrink: true, Value: detail},
	{Name: "matter", Shrink: true, Value: func(r cases.Request) string { return r.Matter }},
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
	requests, err := cases.Requests(ctx, c, o.env.Why(), o.authority, o.all)
	if err != nil {
		return err
	}
	kit.OnNarrow(printer, 116, "request", "kind", "patron", "authority", "state", "due", "days_left")
	if err := output.List(printer, columns, output.Slice(requests)); err != nil {
		return err
	}
	for _, r := range requests {
		if o.exitCode && r.Overdue {
			return kit.ErrCondition
		}
	}
	return nil
}

// patron names whom a request is about the way every command takes it.
func patron(r cases.Request) string {
	if r.Patron == nil {
		return "unknown"
	}
	return fmt.Sprintf("id:%d", *r.Patron)
}

func state(r cases.Request) string {
	switch {
	case r.Overdue:
		return "overdue"
	case r.State == "closed" && r.Late:
		return "closed late"
	default:
		return r.State
	}
}

func style(r cases.Request) output.Style {
	switch {
	case r.Overdue:
		return output.Bad
	case r.State == "closed":
		return output.Faint
	case r.State == "paused" || r.DaysLeft != nil && *r.DaysLeft <= 7:
		return output.Caution
	default:
		return output.Plain
	}
}

func daysLeft(r cases.Request) string {
	if r.DaysLeft == nil {
		return ""
	}
	return strconv.Itoa(*r.DaysLeft)
}

// detail is what a paused request waits for, and how a closed one ended.
func detail(r cases.Request) string {
	if r.State == "paused" {
		return "waits for " + r.WaitsFor
	}
	return outcome(r)
}

func outcome(r cases.Request) string {
	if r.Ground == "" {
		return r.Outcome
	}
	return r.Outcome + " (" + r.Ground + ")"
}
