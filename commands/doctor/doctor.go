// Package doctor is the doctor command.
package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/install"
	"patronctl/commands/kit"
	"patronctl/output"
)

type options struct {
	env      *kit.Env
	asked    map[string]*bool // by part
	exitCode bool
}

// New returns the doctor command.
func New(env *kit.Env) *cobra.Command {
	o := &options{env: env, asked: map[string]*bool{}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong, and name what mends it",
		Long: `Look for what breaks a promise: an insecure connection or server, settings that
leak, rules that let anybody log in, transactions that hold others up, jobs that
are late, rights that nobody should have, logins that nobody needs, and
functions, columns, indexes or triggers that are not as patronctl made them.
Without a flag everything is looked at. Nothing is changed.

Each finding comes with what mends it: a command of patronctl, or for the
administrator of the server SQL, in this database, or what to write in
pg_hba.conf. An error breaks a promise, a warning puts one at risk, a note is
worth a look. What the server's administrator did not allow to be seen is
"not set up".

Support, administrators, jobs and auditors may do this. Support and jobs see
LOGIN where it is about one person's login.

Exit status:
  0   looked, whatever was found
  8   your role may not do this, or an upgrade comes first
  10  with --exit-code: there are errors or warnings`,
		Example: `  patronctl doctor
  patronctl doctor --server --exit-code -q || mail -s "patronctl" dba
  patronctl doctor --privileges -o csv --columns severity,finding,mend`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, part := range install.Parts {
		o.asked[part] = flags.Bool(part, false, about[part])
	}
	flags.BoolVar(&o.exitCode, "exit-code", false, "exit 10 when there are errors or warnings")
	return cmd
}

var about = map[string]string{
	install.PartServer:     "only the connection, the server, its settings, transactions and jobs",
	install.PartPrivileges: "only who may do what: rights, groups, logins",
	install.PartSchema:     "only functions, columns, indexes, triggers and rules",
}

// parts are those asked for, all of them without a flag.
func (o *options) parts() (chosen []string) {
	for _, part := range install.Parts {
		if *o.asked[part] {
			chosen = append(chosen, part)
		}
	}
	if chosen == nil {
		return install.Parts
	}
	return chosen
}

var columns = []output.Column[install.Ailment]{
	{Name: "severity", Value: func(a install.Ailment) string { return string(a.Severity) }, Style: style},
	{Name: "part", Value: func(a install.Ailment) string { return a.Part }},
	{Name: "check", Value: func(a install.Ailment) string { return a.Check }},
	{Name: "finding", Value: func(a install.Ailment) string { return a.Finding }},
	{Name: "mend", Value: func(a install.Ailment) string { return a.Mend }},
}

func style(a install.Ailment) output.Style {
	switch a.Severity {
	case install.SeverityError:
		return output.Bad
	case install.SeverityWarning:
		return output.Caution
	}
	return output.Plain
}

func (o *options) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	e, err := install.Examine(ctx, c, o.env.Why(), o.parts())
	if err != nil {
		return err
	}
	if err := show(printer, e); err != nil {
		return err
	}
	o.env.Note("%s", summary(e))
	if o.exitCode && e.Serious() {
		return kit.ErrCondition
	}
	return nil
}

// show writes a list, or on a terminal one paragraph each: a command that was cut to fit a column mends nothing.
func show(p *output.Printer, e *install.Examination) error {
	if p.Format != output.Table || p.Width == 0 || p.Columns != nil {
		return output.List(p, columns, output.Slice(e.Ailments))
	}
	var sections []output.Section
	for _, a := range e.Ailments {
		sections = append(sections, output.Section{Pairs: []output.Pair{
			{Name: string(a.Severity), Value: a.Finding, Style: style(a)},
			{Name: "mend", Value: a.Mend},
			{Name: "check", Value: a.Part + ", " + a.Check, Style: output.Faint},
		}})
	}
	return output.Document(p, e.Ailments, sections)
}

// summary says how many checks were made, and what came of them.
func summary(e *install.Examination) string {
	var counts []string
	for _, s := range []install.Severity{install.SeverityError, install.SeverityWarning, install.SeverityNote} {
		n := 0
		for _, a := range e.Ailments {
			if a.Severity == s {
				n++
			}
		}
		switch n {
		case 0:
		case 1:
			counts = append(counts, fmt.Sprintf("1 %s", s))
		default:
			counts = append(counts, fmt.Sprintf("%d %ss", n, s))
		}
	}
	if counts == nil {
		return fmt.Sprintf("all is well: %d checks, no findings", e.Checks)
	}
	return fmt.Sprintf("%d checks: %s", e.Checks, strings.Join(counts, ", "))
}
