package consent

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type giveOptions struct {
	env       *kit.Env
	people    kit.People
	authority string
	given     people.Consent
}

func newGive(env *kit.Env) *cobra.Command {
	o := &giveOptions{env: env}
	cmd := &cobra.Command{
		Use:   "give PATRON --purpose P --wording V --source WORD",
		Short: "Record that somebody agreed to something",
		Long: `Record that a patron agreed to something at your library, now. --purpose says to
what: "joining", which is the consent that your form asks for on joining, or one
of those that the setting consent_purposes names. --channel says over which
channel, --wording which version of your words was agreed to, and --source where
it came from, such as desk, paper or web. Joining needs no channel.

Consent is given to one library and counts nowhere else. Giving it again adds to
the history, since the words may have changed.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn.

Exit status:
  0  recorded
  2  a purpose, channel, wording or source that is not accepted
  3  no such patron, or several match
  7  of several patrons, some could not be done
  8  the account was erased, or your role may not do this`,
		Example: `  patronctl consent give id:123 --purpose joining --wording j-2 --source paper
  patronctl consent give 20000000000012 --purpose marketing --channel email \
    --wording mk-4 --source desk`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	flags := cmd.Flags()
	purposeFlag(cmd, &o.given.Purpose)
	kit.EnumVar(cmd, &o.given.Channel, "channel", "over which channel", channels...)
	flags.StringVar(&o.given.Wording, "wording", "", "`VERSION` of the words that were agreed to")
	flags.StringVar(&o.given.Source, "source", "", "where it comes from, one `WORD` such as desk, paper, web")
	authorityFlag(cmd, env, &o.authority)
	for _, needed := range []string{"purpose", "wording", "source"} {
		_ = cmd.MarkFlagRequired(needed) // the flags were added above
	}
	return cmd
}

func (o *giveOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[people.GivenConsent](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		given, err := people.GiveConsent(ctx, c, o.env.Why(), ref, o.authority, o.given)
		if err != nil {
			return err
		}
		return show(given, []output.Section{{Title: "Consent recorded", Pairs: []output.Pair{
			patron(given.Patron),
			{Name: "to", Value: given.Authority},
			{Name: "purpose", Value: strings.TrimSpace(given.Purpose + " " + given.Channel), Style: output.Strong},
			{Name: "wording", Value: given.Wording},
			{Name: "given", Value: kit.Instant(&given.GivenAt)},
			recorded(given.Access),
		}}})
	})
}
