package patron

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

type showOptions struct {
	env    *kit.Env
	scan   bool   // PATRON is "-"
	ref    string // otherwise
	detail client.ShowOptions
}

func newShow(env *kit.Env) *cobra.Command {
	o := &showOptions{env: env}
	cmd := &cobra.Command{
		Use:   "show PATRON",
		Short: "Show everything a desk needs about one patron",
		Long: `Show one patron: first whether the desk may serve this person, and why not;
then identity, contact, cards, memberships, blocks, loans, debts to every
authority, and what kind of password opens the account.

PATRON is a card number, id:NUMBER, or words that only one person matches. With
"-" patrons are read from standard input, one a line, and each is shown as it
arrives: this suits a barcode scanner, and keeps names out of your shell's
history. What cannot be shown is told on stderr, and reading goes on.

With -o csv, or with --columns, a patron is one row as in "patron find". With
-o json one patron is an object; with "-" they are an array, and with -o jsonl
an object a line as it arrives.

Exit status:
  0  the patron was shown
  3  no such patron, or several match
  7  with "-": some could not be shown
  8  your role may not see this patron`,
		Example: `  patronctl patron show 90000036
  patronctl patron show penny balance --fees
  patronctl patron show -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.scan, o.ref = len(args) == 1 && args[0] == "-", strings.Join(args, " ")
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.detail.Fees, "fees", false, "list every fee that is still owed")
	cmd.Flags().BoolVar(&o.detail.Facts, "facts", false, "leave out every personal value")
	return cmd
}

func (o *showOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	asRows := printer.Format == output.CSV || printer.Columns != nil
	if o.env.Flags.WantsJSON() {
		asRows = o.scan
	}
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	read := reader{options: o, client: c}
	rows := read.patrons(ctx)
	if asRows {
		printer.Live = o.scan
		err = list(printer, rows)
	} else {
		err = screens(printer, rows)
	}
	if err == nil && read.failed > 0 {
		err = &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: fmt.Sprintf("%d of %d patrons could not be shown", read.failed, read.asked),
		}
	}
	return err
}

// screens shows each patron as it arrives.
func screens(printer *output.Printer, rows iter.Seq2[client.Patron, error]) error {
	separator := ""
	for p, err := range rows {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(printer.Out, separator); err != nil {
			return err
		}
		if err := output.Document(printer, p, screen(&p)); err != nil {
			return err
		}
		separator = "\n"
	}
	return nil
}

// reader asks for patrons one by one.
type reader struct {
	options       *showOptions
	client        *client.Client
	asked, failed int
}

func (r *reader) patrons(ctx context.Context) iter.Seq2[client.Patron, error] {
	refs := output.Slice([]string{r.options.ref})
	if r.options.scan {
		refs = kit.Lines(r.options.env.In)
	}
	return func(yield func(client.Patron, error) bool) {
		for ref, err := range refs {
			var p *client.Patron
			if err == nil {
				p, err = r.client.ShowPatron(ctx, r.options.env.Why(), ref, r.options.detail)
				err = kit.NotFound(err, "look the person up: patronctl patron find WORDS")
			}
			r.asked++
			switch {
			case err == nil:
				if !yield(*p, nil) {
					return
				}
			case r.options.scan && kit.ConcernsOne(err):
				r.failed++
				r.options.env.Report(err, r.options.env.Flags.WantsJSON())
			default:
				yield(client.Patron{}, err)
				return
			}
		}
	}
}
