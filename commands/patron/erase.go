package patron

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

type eraseOptions struct {
	env     *kit.Env
	people  kit.People
	despite []string
	request int64
	dryRun  bool
}

func newErase(env *kit.Env) *cobra.Command {
	o := &eraseOptions{env: env}
	cmd := &cobra.Command{
		Use:   "erase PATRON",
		Short: "Erase a person on request, for good",
		Long: `Erase one person: name, birth date (the year stays), addresses, contacts, cards,
documents, special categories, password and consents go, also where the person
is somebody's guardian. It cannot be undone, and the account can never be opened
again. Loans, holds, fees and payments stay for the statistics and the accounts
and no longer lead to anybody. Cards can be issued again to somebody else.

Loans, open holds, unpaid fees, credits and unexpired memberships anywhere
forbid it: all of them are named at once. --despite waives what is owed to the
person's home; what is owed elsewhere is settled there.

An open request or a disclosure that waits forbids it too, but for the request
that it is done for (--request): one to be erased, or an objection. That one
shows the erasure from then on and can be closed as granted.

You see what would go and are asked before it does; --yes answers, --dry-run
only shows. Data-protection officers of the person's home may do this. The
person is entered in the ledger of erasures by number, and "patronctl erasure
scrub" makes the values physically gone.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn. With -o json
the answers are then one array, and with -o jsonl an object a line.

Exit status:
  0  erased; with --dry-run: it could be
  3  no such patron, or several match
  5  not confirmed; nothing was done
  6  somebody else is working on the account
  7  of several patrons, some could not be done
  8  something forbids it, the account was erased before, the home is elsewhere,
     or your role may not do this`,
		Example: `  patronctl patron erase id:123 --reason "request 2026-17" --dry-run
  patronctl patron erase 20000000000012 --despite memberships --request 17
  patronctl patron erase - --yes -o jsonl < requests.txt`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	flags := cmd.Flags()
	kit.WordsVar(cmd, &o.despite, "despite", "waive `WHAT` is owed to the home", "loans", "reservations", "orders", "fees", "memberships")
	kit.RequestVar(cmd, env, &o.request)
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would happen")
	return cmd
}

func (o *eraseOptions) run(ctx context.Context) error {
	if o.request != 0 && o.people.Several() {
		return kit.Usage("--request is about one person: name the patron as an argument")
	}
	return kit.EachForetold(ctx, o.env, o.people, o.dryRun, func(c *client.Client, ref string) kit.Foretold[forgetting.Erased] {
		return kit.Foretold[forgetting.Erased]{
			Forecast: func() (*forgetting.Erased, error) {
				return forgetting.PreviewErase(ctx, c, o.env.Why(), ref, o.despite, o.request)
			},
			Question: func(e *forgetting.Erased) string {
				return fmt.Sprintf("Erase %s (patron %d) for good?", e.Name, e.Patron)
			},
			Act: func(agreed *forgetting.Erased) (*forgetting.Erased, error) {
				if agreed != nil { // the very person that was confirmed, whatever the words would find now
					ref = fmt.Sprintf("id:%d", agreed.Patron)
				}
				return forgetting.Erase(ctx, c, o.env.Why(), ref, o.despite, o.request)
			},
			Screen: erasing,
		}
	})
}

// relations say what people call the rows about a person.
var relations = map[string]string{
	"identity": "name, birth date, contacts", "address": "addresses", "special": "special categories",
	"card": "cards", "credential": "password", "consent": "consents",
}

// erasing is the screen of a forecast or a result.
func erasing(e *forgetting.Erased) []output.Section {
	title, patron := "Erased", strconv.FormatInt(e.Patron, 10)
	if e.DryRun {
		title, patron = "Would be erased", fmt.Sprintf("%s (%d)", e.Name, e.Patron)
	}
	goes := output.Section{Title: "Goes for good"}
	for _, relation := range slices.Sorted(maps.Keys(e.Goes)) {
		name, ok := relations[relation]
		if !ok {
			name = relation
		}
		goes.Pairs = append(goes.Pairs, output.Pair{Name: name, Value: strconv.Itoa(e.Goes[relation])})
	}
	if e.Wards > 0 {
		goes.Pairs = append(goes.Pairs, output.Pair{Name: "name as the guardian of others", Value: strconv.Itoa(e.Wards), Style: output.Caution})
	}
	stays := output.Section{Title: "Stays, and leads to nobody"}
	for _, relation := range []string{"loans", "holds", "fees", "payments"} {
		stays.Pairs = append(stays.Pairs, output.Pair{Name: relation, Value: strconv.Itoa(e.Stays[relation])})
	}
	about := []output.Pair{{Name: "patron", Value: patron, Style: output.Strong}, {Name: "home", Value: e.Authority}}
	if len(e.Despite) > 0 {
		about = append(about, output.Pair{Name: "despite", Value: kit.PlanReasons(e.Despite), Style: output.Caution})
	}
	if e.Request != nil {
		about = append(about, output.Pair{Name: "request", Value: strconv.FormatInt(*e.Request, 10)})
	}
	about = append(append(about, recorded(e.Access)), kit.Receipt(e.Receipt)...)
	sections := []output.Section{{Title: title, Pairs: about}, goes, stays}
	if e.DryRun {
		return append(sections, output.Section{Text: "This is a forecast: nothing was changed. The real run cannot be undone."})
	}
	return append(sections, output.Section{Title: "State", Pairs: erasedState(e.Erasure)})
}
