package history

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	var people kit.People
	cmd := &cobra.Command{
		Use:   "show PATRON",
		Short: "List the loans, holds and fees still linked to a patron",
		Long: `List the loans, holds and fees still linked to a patron, newest first. What was
made anonymous is not among them and cannot be found again.

Supervisors and data-protection officers of the patron's home may do this, and
must say with --reason which matter it is about.

With "-" (standard input) or --file there are several patrons, one a line, and
the rows say whose they are. What cannot be shown is told on stderr, and the
next one gets its turn.

Exit status:
  0  shown, also when there is nothing
  2  no --reason was given
  3  no such patron, or several match
  7  of several patrons, some could not be shown
  8  your role may not do this, or the patron's home is elsewhere`,
		Example: `  patronctl history show 20000000000012 --reason "ticket 4711"
  patronctl history show id:123 --reason "ticket 4711" -o csv`,
		RunE: func(cmd *cobra.Command, _ []string) error { return show(cmd.Context(), env, people) },
	}
	kit.PeopleVar(cmd, &people)
	return cmd
}

// row is people.Past with whose it is.
type row struct {
	Patron int64 `json:"patron"`
	people.Past
}

// columns name the patron where there may be several.
func columns(several bool) []output.Column[row] {
	var whose []output.Column[row]
	if several {
		whose = []output.Column[row]{{Name: "patron", Right: true, Value: func(r row) string { return strconv.FormatInt(r.Patron, 10) }}}
	}
	return append(whose, []output.Column[row]{
		{Name: "from", Value: func(r row) string { return kit.Moment(r.From) }},
		{Name: "until", Value: func(r row) string { return kit.Moment(orEmpty(r.Until)) }},
		{Name: "kind", Value: func(r row) string { return r.Kind }},
		{Name: "authority", Value: func(r row) string { return r.Authority }},
		{Name: "branch", Value: func(r row) string { return r.Branch }},
		{Name: "barcode", Value: func(r row) string { return r.Barcode }},
		{Name: "title", Shrink: true, Value: func(r row) string { return r.Title }},
		{Name: "detail", Shrink: true, Value: func(r row) string { return r.Detail }},
	}...)
}

func show(ctx context.Context, env *kit.Env, whom kit.People) error {
	several := whom.Several()
	printer, columns := env.Printer(), columns(several)
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	narrow := []string{"from", "until", "kind", "title", "detail"}
	if several {
		narrow = append([]string{"patron"}, narrow...)
	}
	kit.OnNarrow(printer, 120, narrow...)
	printer.Live = whom.Arriving()
	return output.List(printer, columns, kit.Rows(env, whom, func(ref string) ([]row, error) {
		patron, past, err := people.ShowHistory(ctx, c, env.Why(), ref)
		if err != nil {
			return nil, err
		}
		env.Note("patron %d: %d entries", patron, len(past))
		rows := make([]row, len(past))
		for i, p := range past {
			rows[i] = row{patron, p}
		}
		return rows, nil
	}))
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
