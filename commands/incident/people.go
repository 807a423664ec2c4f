package incident

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type peopleOptions struct {
	env      *kit.Env
	login    string
	from, to kit.MomentFlag
}

func newPeople(env *kit.Env) *cobra.Command {
	o := &peopleOptions{env: env}
	cmd := &cobra.Command{
		Use:   "people INCIDENT | --login LOGIN --from T --to T",
		Short: "Find whom an incident concerns, from access records",
		Long: `Find whom an incident concerns: whom a login opened from one time to another,
by access records, as it was said with report or update, or as given here.
Refused accesses do not count.

People of your authority are listed by number, others are counted on stderr by
authority: the officers there list theirs. -o json has both.

Exit status:
  0  listed, also when there is nobody
  2  wrong flag or value, the time ends before it begins, or the incident does
     not say whose accesses
  3  no such incident
  8  your role may not see this`,
		Example: `  patronctl incident people 7
  patronctl incident people --login clerk.cam --from 2026-01-12 --to 2026-01-29`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.login, "login", "", "whom this `LOGIN` opened")
	flags.Var(&o.from, "from", "from this day, or instant")
	flags.Var(&o.to, "to", "up to and with this day, or up to an instant")
	cmd.MarkFlagsRequiredTogether("login", "from", "to")
	return cmd
}

var peopleColumns = []output.Column[cases.OpenedPerson]{
	{Name: "patron", Value: func(p cases.OpenedPerson) string { return "id:" + strconv.FormatInt(p.Patron, 10) }},
	{Name: "authority", Value: func(p cases.OpenedPerson) string { return p.Authority }},
	{Name: "accesses", Right: true, Value: func(p cases.OpenedPerson) string { return strconv.Itoa(p.Accesses) }},
	{Name: "first", Value: func(p cases.OpenedPerson) string { return kit.Instant(&p.FirstAt) }},
	{Name: "last", Value: func(p cases.OpenedPerson) string { return kit.Instant(&p.LastAt) }},
	{Name: "operations", Shrink: true, Value: func(p cases.OpenedPerson) string { return strings.Join(p.Operations, ", ") }},
}

func (o *peopleOptions) run(ctx context.Context, args []string) (err error) {
	var incident int64
	switch {
	case (len(args) == 1) == (o.login != ""):
		return kit.Usage("say which: the number of an INCIDENT, or --login, --from and --to")
	case len(args) == 1:
		if incident, err = incidentNumber(args[0]); err != nil {
			return err
		}
	}
	printer := o.env.Printer()
	if err := o.checkColumns(printer); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := cases.FindIncidentPeople(ctx, c, o.env.Why(), incident, o.login, o.from.Begin(), o.to.End())
	if err != nil {
		return err
	}
	if printer.Format == output.JSON {
		return output.Document(printer, found, nil)
	}
	if err := output.List(printer, peopleColumns, output.Slice(found.People)); err != nil {
		return err
	}
	if len(found.People)+len(found.Elsewhere) == 0 {
		o.env.Note("%s opened nobody in that time", output.Clean(found.Login))
	}
	for _, e := range found.Elsewhere {
		o.env.Note("people of %s: %d, accesses: %d; an officer there can list them", e.Authority, e.People, e.Accesses)
	}
	return nil
}

func (o *peopleOptions) checkColumns(p *output.Printer) error {
	if p.Format == output.JSON {
		return output.CheckColumns[cases.IncidentPeople](p, nil)
	}
	return output.CheckColumns(p, peopleColumns)
}
