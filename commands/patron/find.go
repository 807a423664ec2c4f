package patron

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// mostHits is what a search shows at most: more would be a list of people, not a search for one.
const mostHits = 20

type findOptions struct {
	env   *kit.Env
	query people.FindQuery
}

func newFind(env *kit.Env) *cobra.Command {
	o := &findOptions{env: env}
	cmd := &cobra.Command{
		Use:   "find WORDS...",
		Short: "Find patrons by card, name, e-mail, phone or birth date",
		Long: `Find patrons. Every word must fit: a card number, a part of the name, an e-mail
address, a phone number or a birth date (1980-02-03). Names are found without
regard to case and accents, from their first three letters on, and when they
are misspelt a little. The best match comes first; there are at most 20.

On a terminal narrower than 100 columns category and expires are left out;
--columns chooses others.

Words you type stay in your shell's history. "patronctl patron show -" reads
cards from a scanner instead.

Exit status:
  0  somebody was found
  3  nobody was found
  8  your role may not look patrons up`,
		Example: `  patronctl patron find cisarova
  patronctl patron find margaret ellison 1984-03-15
  patronctl patron find ellison --authority CAM -o csv`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.query.Words = args
			return o.run(cmd.Context())
		},
	}
	kit.NameVar(cmd, env, &o.query.Authority, "authority", "authority", "only patrons whose home is this `AUTHORITY`")
	cmd.Flags().IntVar(&o.query.Limit, "limit", mostHits, "show at most this `NUMBER` of patrons")
	return cmd
}

func (o *findOptions) run(ctx context.Context) error {
	if o.query.Limit < 1 || o.query.Limit > mostHits {
		return kit.Usage("--limit must be from 1 to %d", mostHits)
	}
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := people.Find(ctx, c, o.env.Why(), o.query)
	if err != nil {
		return err
	}
	if len(found) == o.query.Limit {
		o.env.Note("these are the best %d; another word, or --authority, narrows the search", len(found))
	}
	return list(printer, output.Slice(found))
}
