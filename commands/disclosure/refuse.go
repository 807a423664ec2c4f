package disclosure

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type refuseOptions struct {
	env     *kit.Env
	ref     string
	unknown bool
	asked   cases.NewDisclosure
}

func newRefuse(env *kit.Env) *cobra.Command {
	o := &refuseOptions{env: env}
	cmd := &cobra.Command{
		Use:   "refuse PATRON|--unknown --to WORD --because WORD",
		Short: "Record that somebody asked for data and did not get it",
		Long: `Record that somebody asked for a person's data and was refused. The law permits
most disclosures and demands few, so that refusals are kept as well. --unknown
is for nobody in particular, such as a trawl, or nobody the library knows.

  trawl          about many people, or nobody in particular
  no-power       no law permits it
  not-necessary  the purpose does not need these data
  rank           signed by too low a rank
  no-consent     within the authority: no consent in force
  incomplete     their form does not say enough
  not-held       the library does not have it

Exit status:
  0  recorded
  2  something is missing, or names a person
  3  no such patron, or several match
  8  your role may not do this, or the home is elsewhere`,
		Example: `  patronctl disclosure refuse --unknown --to police --because trawl \
    --organisation "Northshire Police" --reference "DP7/2026/41"
  patronctl disclosure refuse id:123 --to partner --because no-power \
    --organisation "Shelfworks" --reference mail-17`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) > 0) == o.unknown {
				return kit.Usage("name the PATRON, or give --unknown")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ref = strings.Join(args, " ")
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.unknown, "unknown", false, "about nobody in particular, or nobody the library knows")
	about(cmd, &o.asked)
	kit.EnumVar(cmd, &o.asked.Because, "because", "why it was refused", cases.DisclosureNoes...)
	kit.NameVar(cmd, env, &o.asked.Authority, "authority", "authority", "with --unknown: the library `AUTHORITY` that was asked")
	_ = cmd.MarkFlagRequired("because") // the flag was added above
	return cmd
}

func (o *refuseOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[cases.Disclosure](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.ref == "-" {
		return kit.Usage("a refusal is about one person, named as an argument, or --unknown")
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	d, err := cases.RefuseDisclosure(ctx, c, o.env.Why(), o.ref, o.asked)
	return show(o.env, d, err)
}
