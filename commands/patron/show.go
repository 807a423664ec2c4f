package patron

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type showOptions struct {
	env    *kit.Env
	people kit.People
	detail people.ShowOptions
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
history. --file reads those in a file. What cannot be shown is told on stderr,
and reading goes on.

Of an erased account only that is left to show: when and why it was erased, and
since when no file of the server and no backup holds the values.

--special adds special categories (faith, sexuality, disability, ethnic origin),
with an access record of its own. Only data-protection officers of the person's
home may see them, and they say with --reason which matter it is about.

With -o csv, or with --columns, a patron is one row as in "patron find". With
-o json one patron is an object; several are an array, and with -o jsonl an
object a line as it arrives.

Exit status:
  0  the patron was shown
  2  --special without a --reason
  3  no such patron, or several match
  7  of several patrons, some could not be shown
  8  your role may not see this patron`,
		Example: `  patronctl patron show 90000036
  patronctl patron show penny balance --fees
  patronctl patron show id:123 --special --reason "request 2026-17"
  patronctl patron show -`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	cmd.Flags().BoolVar(&o.detail.Fees, "fees", false, "list every fee that is still owed")
	cmd.Flags().BoolVar(&o.detail.Facts, "facts", false, "leave out every personal value")
	cmd.Flags().BoolVar(&o.detail.Special, "special", false, "add special categories")
	return cmd
}

func (o *showOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	if o.detail.Special && o.detail.Facts {
		return kit.Usage("--facts leaves special categories out; use one of the two")
	}
	asRow := !o.env.Flags.WantsJSON() && (printer.Format == output.CSV || printer.Columns != nil)
	if asRow && o.detail.Special {
		return kit.Usage("a row has no special categories; use -o table or -o json")
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	if asRow {
		printer.Live = o.people.Arriving()
		return list(printer, kit.Rows(o.env, o.people, func(ref string) ([]people.Patron, error) {
			p, err := people.Show(ctx, c, o.env.Why(), ref, o.detail)
			if err != nil {
				return nil, err
			}
			return []people.Patron{*p}, nil
		}))
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		p, err := people.Show(ctx, c, o.env.Why(), ref, o.detail)
		if err != nil {
			return err
		}
		return show(p, screen(p))
	})
}
