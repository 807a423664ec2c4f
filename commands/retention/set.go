package retention

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
)

type setOptions struct {
	env                                           *kit.Env
	authority, action, after, countedFrom         string
	branches, exceptBranches, categories, despite []string
	cap, k, lastBorrowerDays                      int
	generalize                                    bool
}

func newSet(env *kit.Env) *cobra.Command {
	o := &setOptions{env: env}
	cmd := &cobra.Command{
		Use:   "set RULE",
		Short: "Make a rule, or change one",
		Long: `Make a rule, or change what is given of one; the rest stays. A new rule needs
--action and --after, belongs to your authority, and is in force nowhere until
"retention enable". Plans that exist stay as they are.

  erase-deleted      erases accounts that were deleted
  erase-lapsed       erases lapsed accounts that nothing holds back
  anonymize-history  moves returned loans, closed holds and zero fees to
                     anonymous patrons
  unlink-accounts    unlinks paid fees from people; the amounts stay

--despite waives what is owed to the rule's own authority: loans, reservations,
orders, fees, memberships; for anonymize-history keeps-history. An empty value
("") makes a list empty again. A rule that names a branch beats a general one.

Exit status:
  0  set
  2  a value that a rule does not take; the message names what it does
  8  a rule of another authority, or a time shorter than accounts can be
     reactivated or history must be kept`,
		Example: `  patronctl retention set mobile --action erase-lapsed --after "2 years" \
    --branch CAM-MOB --counted-from last-fee
  patronctl retention set history-cam --action anonymize-history \
    --after "1 year" --k 10 --generalize --last-borrower-days 30
  patronctl retention set mobile --cap 200 --despite orders,reservations`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: kit.CompleteNames(env, "rule"),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	kit.EnumVar(cmd, &o.action, "action", "what it does", "erase-deleted", "erase-lapsed", "anonymize-history", "unlink-accounts")
	flags.StringVar(&o.after, "after", "", "after which `TIME`: \"365 days\", \"18 months\", \"3 years\"")
	kit.EnumVar(cmd, &o.countedFrom, "counted-from", "day that the time of an erasing rule counts from", "expired", "last-fee", "deleted")
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "`AUTHORITY` it belongs to, or all")
	kit.NamesVar(cmd, env, &o.branches, "branch", "branch", "only people of this `BRANCH` (repeatable)")
	kit.NamesVar(cmd, env, &o.exceptBranches, "branch", "except-branch", "nobody of this `BRANCH` (repeatable)")
	kit.NamesVar(cmd, env, &o.categories, "category", "category", "only people of this `CATEGORY` (repeatable)")
	kit.WordsVar(cmd, &o.despite, "despite", "`WHAT` does not hold it back",
		"loans", "reservations", "orders", "fees", "memberships", "keeps-history")
	flags.IntVar(&o.cap, "cap", 0, "`PEOPLE` that one officer may decide about (new rules: 1000)")
	flags.IntVar(&o.k, "k", 5, "with --generalize: `PEOPLE` who must fit an anonymous group")
	flags.BoolVar(&o.generalize, "generalize", false, "widen anonymous groups until k people fit; =false ends that")
	flags.IntVar(&o.lastBorrowerDays, "last-borrower-days", 0, "`DAYS` to keep the last loan of each item")
	return cmd
}

func (o *setOptions) run(cmd *cobra.Command, name string) error {
	changed := cmd.Flags().Changed
	if changed("k") && !o.generalize {
		return kit.Usage("--k goes with --generalize")
	}
	return o.set(cmd.Context(), name, o.change(changed))
}

// change is what was given of the rule.
func (o *setOptions) change(given func(flag string) bool) forgetting.RuleChange {
	change := forgetting.RuleChange{}
	for flag, field := range map[string]struct {
		name  string
		value any
	}{
		"action":             {"action", o.action},
		"after":              {"age", o.after},
		"counted-from":       {"counted_from", o.countedFrom},
		"authority":          {"authority", unless(o.authority == "all", o.authority)},
		"branch":             {"branches", o.branches},
		"except-branch":      {"except_branches", o.exceptBranches},
		"category":           {"categories", o.categories},
		"despite":            {"despite", o.despite},
		"cap":                {"cap", o.cap},
		"generalize":         {"generalize_to", unless(!o.generalize, o.k)},
		"last-borrower-days": {"last_borrower_days", o.lastBorrowerDays},
	} {
		if given(flag) {
			change[field.name] = field.value
		}
	}
	return change
}

// unless is the value, or NULL in the database.
func unless(none bool, value any) any {
	if none {
		return nil
	}
	return value
}

func (o *setOptions) set(ctx context.Context, name string, change forgetting.RuleChange) error {
	return kit.Answer(ctx, o.env, func(c *client.Client) (*forgetting.Rule, error) {
		return forgetting.SetRule(ctx, c, o.env.Why(), name, change)
	}, screen)
}
