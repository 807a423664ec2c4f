package patron

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type basis string

type importOptions struct {
	env      *kit.Env
	file     string
	identity string
	stdin    bool
	dryRun   bool
	basis    basis
	expires  kit.DateFlag
	to       people.Registration
}

func newImport(env *kit.Env) *cobra.Command {
	o := &importOptions{env: env, basis: "resident"}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Register somebody with what another library exported",
		Long: `Register somebody who comes from another library, with the file that "patronctl
export" wrote there in json or xml. Name, birth date, contacts, document number,
language and addresses move, to the byte. A file that was altered or cut off is
refused, and nothing of it is used.

Nothing else moves. The consents of before are shown, never copied: the person
gives the consent of joining anew, and --consent-wording and --consent-source
say in which words and where. Special categories, loans, holds, fees, blocks
and the password stay behind, and the answer says why. There is a new card, and
a membership until --expires, a year from now when that is not given.

--authority, --branch, --category, --card and both flags of the consent are
needed: the file cannot know them.

Registrations that may be the same person are listed with their debts, of all
libraries. Who is registered at the new home already, and could still use or get
back that account, is refused. You see what would be created and are asked
before it is; --yes answers, --dry-run only shows. Staff of the new home may do
this.

A file in the age format is decrypted with the key in --identity, or with the
passphrase that you are asked for, or with --stdin from standard input.

Exit status:
  0  registered; with --dry-run: it could be done
  2  no such branch or category, the date is over, or FILE cannot be read
  5  not confirmed, or nobody to ask for the passphrase; nothing was done
  6  somebody else is registering people there, or registered somebody of
     that name in this moment; try again
  8  the file is no export or was altered, the key does not fit, the card
     belongs to somebody, the person is registered already, or you are not
     staff of the new home`,
		Example: `  patronctl patron import novak.json --authority KEN --branch KEN-CEN \
    --category ADULT --card 20000000000012 \
    --consent-wording joining-3 --consent-source paper
  patronctl patron import novak.xml.age --identity key.txt --authority KEN \
    --branch KEN-CEN --category ADULT --card 20000000000012 \
    --consent-wording joining-3 --consent-source desk --dry-run`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	kit.NameVar(cmd, env, &o.to.Authority, "authority", "authority", "`AUTHORITY` that is the new home")
	kit.NameVar(cmd, env, &o.to.Branch, "branch", "branch", "`BRANCH` of the new home")
	kit.NameVar(cmd, env, &o.to.Category, "category", "category", "`CATEGORY` of the person there")
	flags.StringVar(&o.to.Card, "card", "", "`NUMBER` of the new card")
	kit.EnumVar(cmd, &o.basis, "basis", "why the person may join", "resident", "work", "study")
	flags.Var(&o.expires, "expires", "last valid day, such as 2027-01-31")
	flags.StringVar(&o.to.Wording, "consent-wording", "", "`VERSION` of the words in which the person consents to joining")
	flags.StringVar(&o.to.Source, "consent-source", "", "where that consent was given, a `WORD` such as desk, paper or web")
	flags.StringVar(&o.identity, "identity", "", "decrypt with the age keys in this `FILE`")
	kit.StdinVar(cmd, &o.stdin)
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would happen")
	for _, name := range []string{"authority", "branch", "category", "card", "consent-wording", "consent-source"} {
		_ = cmd.MarkFlagRequired(name) // the flags were added above
	}
	cmd.MarkFlagsMutuallyExclusive("identity", "stdin")
	return cmd
}

func (o *importOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[people.Registered](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.expires.Today {
		return kit.Usage("--expires takes a day such as 2027-01-31")
	}
	if !o.dryRun {
		if err := o.env.Answerable(); err != nil {
			return err
		}
	}
	newcomer, err := o.read(ctx)
	if err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	done, err := o.register(ctx, c, newcomer)
	if err != nil {
		return err
	}
	err = output.Document(o.env.Printer(), done, registering(done))
	if err != nil && !done.DryRun {
		return &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: fmt.Sprintf("patron %d was registered, but this could not be shown: %s", *done.Patron, err),
			Hint:    fmt.Sprintf("look at it with: patronctl patron show id:%d", *done.Patron),
		}
	}
	return err
}

// read reads the file to its end before anything in it is believed.
func (o *importOptions) read(ctx context.Context) (*people.Newcomer, error) {
	file, err := o.env.OpenEncrypted(ctx, o.file, o.identity, o.stdin)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	return exchange.ReadNewcomer(file)
}

// register looks for the same person, asks, and registers.
func (o *importOptions) register(ctx context.Context, c *client.Client, newcomer *people.Newcomer) (*people.Registered, error) {
	why := o.env.Why()
	o.to.Card = strings.TrimSpace(o.to.Card) // as scanners leave it
	o.to.Basis = string(o.basis)
	if !o.expires.IsZero() {
		o.to.ExpiresOn = &o.expires.Date
	}
	matches, err := people.CheckNewcomer(ctx, c, why, newcomer)
	if err != nil {
		return nil, err
	}
	matched := func(done *people.Registered, err error) (*people.Registered, error) {
		if err == nil {
			done.Matches = matches
		}
		return done, err
	}
	return kit.Foretold[people.Registered]{
		Forecast: func() (*people.Registered, error) {
			return matched(people.RehearseRegistration(ctx, c, why, newcomer, o.to))
		},
		Question: question,
		Act: func(*people.Registered) (*people.Registered, error) {
			return matched(people.RegisterNewcomer(ctx, c, why, newcomer, o.to))
		},
		Screen: registering,
	}.Do(ctx, o.env, o.dryRun)
}

func question(r *people.Registered) string {
	but := ""
	switch n := len(r.Matches); {
	case n == 1:
		but = " Another registration may be the same person."
	case n > 1:
		but = fmt.Sprintf(" %d other registrations may be the same person.", n)
	}
	return fmt.Sprintf("Register %s at %s with the card %s?%s", name(r), r.Authority, r.Card, but)
}
