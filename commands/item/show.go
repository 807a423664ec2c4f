package item

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type showOptions struct {
	env     *kit.Env
	barcode string
	last    bool
}

func newShow(env *kit.Env) *cobra.Command {
	o := &showOptions{env: env}
	cmd := &cobra.Command{
		Use:   "show BARCODE",
		Short: "Show an item and who has it",
		Long: `Show an item: its title, its branch, and who has it now.

With --last also who had it last, for when something was found in it or damaged.
This needs the role supervisor or officer at the borrower's home, and --reason
with the matter (a ticket number). Nobody is named when that loan has been
anonymized.

Exit status:
  0  the item was shown
  2  --last without --reason
  3  no such item
  8  your role may not see who has, or had, this item`,
		Example: `  patronctl item show 300000000073
  patronctl item show 300000000073 --last --reason "ticket 4711"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.barcode = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.last, "last", false, "show who had it last")
	return cmd
}

func (o *showOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns[people.Item](printer, nil); err != nil {
		return err
	}
	if o.last && o.env.Flags.Reason == "" {
		return kit.Usage("--last needs a reason: the matter, such as --reason \"ticket 4711\"")
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	item, err := people.ShowItem(ctx, c, o.env.Why(), o.barcode, o.last)
	if err != nil {
		return err
	}
	return output.Document(printer, item, screen(item, o.last))
}

func screen(i *people.Item, last bool) []output.Section {
	about := []output.Pair{
		{Name: "title", Value: i.Title, Style: output.Strong},
		{Name: "barcode", Value: i.Barcode},
		{Name: "branch", Value: i.Branch},
		statusPair(i),
	}
	sections := []output.Section{{Pairs: about}}
	if i.Borrower != nil {
		pairs := append(borrower(i.Borrower), output.Pair{Name: "lent", Value: kit.Instant(i.LentAt)}, due(i))
		sections = append(sections, output.Section{Title: "borrower", Pairs: pairs})
	}
	switch {
	case i.LastBorrower != nil:
		pairs := append(borrower(i.LastBorrower), output.Pair{Name: "returned", Value: kit.Instant(i.ReturnedAt)})
		sections = append(sections, output.Section{Title: "last borrower", Pairs: pairs})
	case last:
		sections = append(sections, output.Section{Title: "last borrower", Text: "nobody on record: never lent, or the loan was anonymized"})
	}
	return sections
}

func statusPair(i *people.Item) output.Pair {
	if i.Status == "available" {
		return output.Pair{Name: "status", Value: "available", Style: output.Good}
	}
	return output.Pair{Name: "status", Value: "on loan"}
}

func due(i *people.Item) output.Pair {
	if i.Overdue {
		return output.Pair{Name: "due", Value: kit.Instant(i.DueAt) + " overdue", Style: output.Bad}
	}
	return output.Pair{Name: "due", Value: kit.Instant(i.DueAt)}
}

// borrower has no name and card where facts leave them out, and after the person was erased.
func borrower(b *people.Borrower) []output.Pair {
	var pairs []output.Pair
	if name := kit.Name(b.Surname, b.Forenames); name != "" {
		pairs = append(pairs, output.Pair{Name: "name", Value: name, Style: output.Strong})
	}
	if b.Erased {
		pairs = append(pairs, output.Pair{Name: "name", Value: "none: this account was erased", Style: output.Faint})
	}
	if b.Card != "" {
		pairs = append(pairs, output.Pair{Name: "card", Value: b.Card})
	}
	return append(pairs, output.Pair{Name: "patron", Value: "id:" + strconv.FormatInt(b.Patron, 10)})
}
