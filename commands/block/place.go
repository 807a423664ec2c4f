package block

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type placeOptions struct {
	env                      *kit.Env
	people                   kit.People
	authority, level, reason string
}

func newPlace(env *kit.Env) *cobra.Command {
	o := &placeOptions{env: env}
	cmd := &cobra.Command{
		Use:   "place PATRON --level LEVEL --reason-code CODE",
		Short: "Warn every desk of a patron, or refuse service",
		Long: `Place a block of your library on a patron of any member, from today on: with
--level warn every desk sees a warning, with --level refuse none serves the
person. The reason is a code of the setting block_reasons: free words about a
person are stored nowhere.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn.

Exit status:
  0  placed
  2  no such level or reason code
  3  no such patron, or several match
  7  of several patrons, some could not be done
  8  the same block is in force already, the account was erased, or your role
     may not do this`,
		Example: `  patronctl block place 20000000000012 --level warn --reason-code conduct
  patronctl block place id:123 --level refuse --reason-code lost_items`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	kit.EnumVar(cmd, &o.level, "level", "what desks do", "warn", "refuse")
	cmd.Flags().StringVar(&o.reason, "reason-code", "", "`CODE` of the setting block_reasons")
	authorityFlag(cmd, env, &o.authority)
	for _, needed := range []string{"level", "reason-code"} {
		_ = cmd.MarkFlagRequired(needed) // the flags were added above
	}
	return cmd
}

func (o *placeOptions) run(ctx context.Context) error {
	if err := output.CheckColumns(o.env.Printer(), columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return list(o.env, o.people, func(ref string) ([]people.PlacedBlock, error) {
		placed, err := people.PlaceBlock(ctx, c, o.env.Why(), ref, o.authority, o.level, o.reason)
		if err != nil {
			return nil, err
		}
		return []people.PlacedBlock{*placed}, nil
	})
}
