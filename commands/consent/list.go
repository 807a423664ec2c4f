package consent

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env       *kit.Env
	people    kit.People
	missing   bool
	authority string
}

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list [PATRON]",
		Short: "List consents, or count who never gave that of joining",
		Long: `List every consent that a patron gave to your library, the withdrawn ones too:
for which purpose, over which channel, in which version of the words, when, and
where it came from. Nothing is ever deleted from this history but with the
person. What was consented to at other libraries is theirs to see.

--missing counts instead, by branch, the active accounts at home there: how many
people never gave the consent of joining, and how many withdrew it. It names
nobody.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be shown is told on stderr, and the next one gets its turn.

Exit status:
  0  listed, also when there is nothing
  2  neither a patron nor --missing was given, or both
  3  no such patron, or several match
  7  of several patrons, some could not be shown
  8  your role may not do this`,
		Example: `  patronctl consent list 20000000000012
  patronctl consent list --missing
  patronctl consent list --missing -o csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.people.Words = args
			named := len(args) > 0 || o.people.File != ""
			switch {
			case o.missing && named:
				return kit.Usage("--missing counts people by branch; leave the patron out")
			case o.missing:
				return o.count(cmd.Context())
			case !named:
				return kit.Usage("name a patron, or count with --missing")
			case o.authority != "":
				return kit.Usage("--authority goes with --missing")
			}
			return o.run(cmd.Context())
		},
	}
	kit.FileVar(cmd, &o.people)
	cmd.Flags().BoolVar(&o.missing, "missing", false, "count by branch who has not given the consent of joining")
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "with --missing: only branches of this `AUTHORITY`")
	return cmd
}

func (r row) patron() string { return strconv.FormatInt(r.Patron, 10) }

func (o *listOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	kit.OnNarrow(printer, 110, "authority", "purpose", "channel", "wording", "given", "withdrawn")
	printer.Live = o.people.Arriving()
	return output.List(printer, columns, kit.Rows(o.env, o.people, func(ref string) ([]row, error) {
		patron, consents, err := people.ListConsents(ctx, c, o.env.Why(), ref)
		if err != nil {
			return nil, err
		}
		if len(consents) == 0 {
			o.env.Note("patron %d: no consents to your library", patron)
		}
		rows := make([]row, len(consents))
		for i, consent := range consents {
			rows[i] = row{patron, consent}
		}
		return rows, nil
	}))
}

// counts are a branch as one row.
var counts = []output.Column[people.MissingConsents]{
	{Name: "authority", Value: func(m people.MissingConsents) string { return m.Authority }},
	{Name: "branch", Value: func(m people.MissingConsents) string { return m.Branch }},
	{Name: "people", Right: true, Value: func(m people.MissingConsents) string { return strconv.Itoa(m.People) }},
	{Name: "missing", Right: true, Value: func(m people.MissingConsents) string { return strconv.Itoa(m.Missing) }},
	{Name: "withdrawn", Right: true, Value: func(m people.MissingConsents) string { return strconv.Itoa(m.Withdrawn) }},
}

func (o *listOptions) count(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, counts); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	branches, err := people.CountMissingConsents(ctx, c, o.env.Why(), o.authority)
	if err != nil {
		return err
	}
	return output.List(printer, counts, output.Slice(branches))
}
