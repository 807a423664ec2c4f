package report

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type processingOptions struct {
	env       *kit.Env
	authority string
	public    bool
	file      file
}

func newProcessing(env *kit.Env) *cobra.Command {
	o := &processingOptions{env: env}
	cmd := &cobra.Command{
		Use:   "processing",
		Short: "Write the record of processing, or a notice for patrons",
		Long: `Write the record of processing activities that a supervisory authority asks for
(GDPR article 30): the controllers, whose data and which, for which purposes,
who receives it, when it is erased, and what protects it. It is read from what
is really there: the catalogue of columns, rights, rules in force, settings, and
what the server says of itself. The settings recipients and privacy_contact are
yours to fill.

--public writes what forms and websites tell patrons instead: that there is a
common database, who may look, how long it is kept, what they may ask for.

--html writes a page for browsers and printers, with what becomes due for
erasure when; it loads nothing and runs nothing. Otherwise -o markdown is made
for wikis, -o json for programs.

Exit status:
  0  written
  2  no such authority, or the file exists
  8  your role may not see this, or not of that authority`,
		Example: `  patronctl report processing
  patronctl report processing -o markdown > register.md
  patronctl report processing --authority CAM --html register.html
  patronctl report processing --public --html notice.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "the register of this `AUTHORITY`")
	cmd.Flags().BoolVar(&o.public, "public", false, "write the notice for patrons")
	o.file.bind(cmd)
	return cmd
}

func (o *processingOptions) run(ctx context.Context) error {
	if o.file.path != "" {
		return o.file.write(o.env, func() (output.Page, error) {
			_, page, err := o.read(ctx)
			return page, err
		})
	}
	if err := output.CheckColumns[audit.Processing](o.env.Printer(), nil); err != nil {
		return err
	}
	p, page, err := o.read(ctx)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), p, append([]output.Section{{Title: page.Title, Text: page.Lead}}, page.Sections...))
}

func (o *processingOptions) read(ctx context.Context) (p *audit.Processing, page output.Page, err error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, page, err
	}
	if p, err = audit.ReportProcessing(ctx, c, o.env.Why(), o.authority); err != nil {
		return nil, page, err
	}
	o.tellUnstated(p)
	if o.public {
		p = p.Public()
		return p, notice(p), nil
	}
	return p, register(p), nil
}

// tellUnstated says what only the authority can fill in.
func (o *processingOptions) tellUnstated(p *audit.Processing) {
	for _, c := range p.Controllers {
		var empty []string
		for _, setting := range []struct{ name, value string }{
			{"privacy_contact", c.Contact}, {"recipients", c.Recipients}, {"basis_service", stated(c.Basis)},
		} {
			if orNot(setting.value) == notStated {
				empty = append(empty, setting.name)
			}
		}
		if c.Own && len(empty) > 0 {
			o.env.Note("%s has not stated %s: patronctl settings set %s \"…\" --authority %s", c.Code, strings.Join(empty, ", "), empty[0], c.Code)
		}
	}
}
