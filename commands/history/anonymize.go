package history

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/commands/kit"
)

type anonymizeOptions struct {
	env          *kit.Env
	before       kit.DateFlag
	includeOwing bool
	generalize   bool
	dryRun       bool

	people            kit.People // a file of them is work in bulk
	authority, branch string     // in bulk
}

func newAnonymize(env *kit.Env) *cobra.Command {
	o := &anonymizeOptions{env: env}
	cmd := &cobra.Command{
		Use:   "anonymize [PATRON] --before DATE",
		Short: "Move history to anonymous patrons, for good",
		Long: `Move a patron's history to an anonymous patron that stands for everybody of the
same home, branch, category and birth year. It cannot be undone. Returned loans,
closed holds and fees of zero move; statistics stay as they were. Active loans,
open holds, loans with an unpaid fee and all other fees stay on the account.

"Before DATE" is strictly before that day, except today's date: it covers
everything returned so far. You see what would happen and are asked before it
does; --yes answers, --dry-run only shows.

With "-" several patrons are read from standard input, one a line. What cannot
be done is told on stderr, and the next one gets its turn. With -o json the
answers are then one array, and with -o jsonl an object a line.

In bulk, for data-protection officers: --authority, with --branch if it is only
that one, or --file with the cards of people at home here, in its first column.
That makes a plan, as "retention plan" does. You type the number of its people,
and it is run; people who chose to keep their history are left out. A plan above
the setting plan_cap waits for the approval of another officer instead.

Exit status:
  0  done, or nothing to do
  2  the date is in the future, or later than the library allows
  3  no such patron, or several match
  5  not confirmed; nothing was done
  6  in bulk: somebody else is running the plan
  7  of several patrons, some could not be done; in bulk also: interrupted, or
     the plan waits for an approval
  8  the patron's home is elsewhere, or the account cannot be opened; in bulk:
     your role may not do this`,
		Example: `  patronctl history anonymize 20000000000012 --before today
  patronctl history anonymize id:123 --before 2026-01-31 --dry-run
  patronctl history anonymize id:123 --before 2026-01-31 --generalize --yes
  patronctl history anonymize - --before today --yes -o jsonl < cards.txt
  patronctl history anonymize --authority CAM --before 2023-01-01 --dry-run
  patronctl history anonymize --file cards.csv --before 2023-01-01`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.people.Words = args
			bulk, err := o.inBulk(cmd.Flags().Changed)
			switch {
			case err != nil:
				return err
			case bulk:
				return o.runBulk(cmd.Context())
			}
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&o.before, "before", "first day that is kept, as 2026-01-31 or today")
	flags.BoolVar(&o.includeOwing, "include-owing", false, "also move loans with an unpaid fee")
	flags.BoolVar(&o.generalize, "generalize", false, "drop birth year, then branch, until enough people fit")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would happen")
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "everybody at home at this `AUTHORITY`")
	kit.NameVar(cmd, env, &o.branch, "branch", "branch", "everybody of this `BRANCH`")
	kit.FileVar(cmd, &o.people)
	_ = cmd.MarkFlagRequired("before") // the flag was added above
	return cmd
}

func (o *anonymizeOptions) run(ctx context.Context) error {
	return kit.EachForetold(ctx, o.env, o.people, o.dryRun, func(c *client.Client, ref string) kit.Foretold[people.Anonymized] {
		anonymize := func(ref string, dryRun bool) (*people.Anonymized, error) {
			return people.AnonymizeHistory(ctx, c, o.env.Why(), ref, people.AnonymizeOptions{
				Before: o.before.Date, IncludeOwing: o.includeOwing, Generalize: o.generalize, DryRun: dryRun,
			})
		}
		return kit.Foretold[people.Anonymized]{
			Forecast: func() (*people.Anonymized, error) { return anonymize(ref, true) },
			Question: question,
			Act: func(agreed *people.Anonymized) (*people.Anonymized, error) {
				if agreed != nil { // the very person that was confirmed, whatever the words would find now
					ref = fmt.Sprintf("id:%d", agreed.Patron)
				}
				return anonymize(ref, false)
			},
			Screen: outcome,
		}
	})
}

func moves(a *people.Anonymized) int { return a.Loans + a.Holds + a.ZeroFees }

// question is empty where nothing would move.
func question(a *people.Anonymized) string {
	if moves(a) == 0 {
		return ""
	}
	return fmt.Sprintf("Anonymize the history of %s (patron %d) for good? Loans: %d, holds: %d, zero fees: %d.",
		a.Name, a.Patron, a.Loans, a.Holds, a.ZeroFees)
}
