package consent

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type withdrawOptions struct {
	env                         *kit.Env
	people                      kit.People
	authority, purpose, channel string
}

func newWithdraw(env *kit.Env) *cobra.Command {
	o := &withdrawOptions{env: env}
	cmd := &cobra.Command{
		Use:   "withdraw PATRON --purpose PURPOSE",
		Short: "Record that somebody withdraws a consent",
		Long: `Record that a patron withdraws, now, what is in force for a purpose at your
library: over every channel, or with --channel over one. The consent stays in
the history with the day it was withdrawn.

Who withdraws "joining" at home wants to leave. The answer says what still keeps
the account (loans, debts, memberships ...) and what the accounts keep in any
case; a data-protection officer of that home also sees what erasing it would
take away. "patronctl patron erase" then erases it: nothing is erased here.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn.

Exit status:
  0  withdrawn
  3  no such patron, or several match
  7  of several patrons, some could not be done
  8  no consent is in force for that, the account was erased, or your role may
     not do this`,
		Example: `  patronctl consent withdraw 20000000000012 --purpose marketing --channel email
  patronctl consent withdraw id:123 --purpose joining`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	purposeFlag(cmd, &o.purpose)
	kit.EnumVar(cmd, &o.channel, "channel", "only over this channel", channels...)
	authorityFlag(cmd, env, &o.authority)
	_ = cmd.MarkFlagRequired("purpose") // the flag was added above
	return cmd
}

func (o *withdrawOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[people.WithdrawnConsent](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		done, err := people.WithdrawConsent(ctx, c, o.env.Why(), ref, o.authority, o.purpose, o.channel)
		if err != nil {
			return err
		}
		return show(done, withdrawn(done))
	})
}

func withdrawn(w *people.WithdrawnConsent) []output.Section {
	sections := []output.Section{{Title: "Consent withdrawn", Pairs: []output.Pair{
		patron(w.Patron),
		{Name: "from", Value: w.Authority},
		{Name: "purpose", Value: w.Purpose, Style: output.Strong},
		{Name: "consents", Value: strconv.Itoa(w.Withdrawn)},
		{Name: "withdrawn", Value: kit.Instant(&w.WithdrawnAt)},
		recorded(w.Access),
	}}}
	switch {
	case w.Leaving != nil:
		sections = append(sections, leaving(w)...)
	case w.Purpose == joining && w.Home != w.Authority:
		text := fmt.Sprintf("The account is kept by its home, %s. What ends here is the membership.", w.Home)
		sections = append(sections, output.Section{Text: text})
	}
	return sections
}

// leaving says what keeps an account whose owner withdrew the consent of joining, and what to do next.
func leaving(w *people.WithdrawnConsent) []output.Section {
	l := w.Leaving
	var pairs []output.Pair
	for _, reason := range l.Keeps {
		pairs = append(pairs, output.Pair{Name: "kept by", Value: kit.PlanReason(reason), Style: output.Caution})
	}
	if len(l.Keeps) == 0 {
		pairs = append(pairs, output.Pair{Name: "kept by", Value: "nothing: the account can be erased", Style: output.Good})
	}
	if l.Fees > 0 {
		pairs = append(pairs, output.Pair{Name: "accounting", Value: fmt.Sprintf("fees stay (%d), and lead to nobody once it is erased", l.Fees)})
	}
	if l.Forecast != nil {
		goes := 0
		for _, n := range l.Forecast.Goes {
			goes += n
		}
		pairs = append(pairs, output.Pair{Name: "erasing takes", Value: fmt.Sprintf("%d rows of name, contacts, cards and the like", goes)})
	}
	return []output.Section{{Title: "The person wants to leave", Pairs: pairs}, {Text: next(w)}}
}

// next is what goes on: the request that keeps the matter from being forgotten, and the officer's command. What other
// libraries are owed is settled there first.
func next(w *people.WithdrawnConsent) string {
	var waivable, elsewhere []string
	asked := false
	for _, reason := range w.Leaving.Keeps {
		what, where, _ := strings.Cut(reason, " ")
		switch {
		case what == "request":
			asked = true
		case what == "disclosure":
		case where != w.Home:
			elsewhere = append(elsewhere, where)
		case what == "credit":
			waivable = append(waivable, "fees")
		default:
			waivable = append(waivable, what)
		}
	}
	command := fmt.Sprintf("patronctl patron erase id:%d --request N", w.Patron)
	if len(waivable) > 0 {
		command += " --despite " + strings.Join(waivable, ",")
	}
	lines := []string{}
	if !asked {
		lines = append(lines, "Enter it as a request, whose clock starts now:",
			fmt.Sprintf("  patronctl request open id:%d --kind erasure --received today", w.Patron))
	}
	if len(elsewhere) > 0 {
		slices.Sort(elsewhere)
		lines = append(lines, "What is open at "+strings.Join(slices.Compact(elsewhere), ", ")+" is settled there first.")
	}
	who := "An officer of " + w.Home
	if w.Leaving.Forecast != nil {
		who = "You, or another officer of " + w.Home + ","
	}
	if len(waivable) > 0 {
		return strings.Join(append(lines, who+" settles the rest, or waives what is owed to "+w.Home+":", "  "+command), "\n")
	}
	return strings.Join(append(lines, who+" erases the account:", "  "+command), "\n")
}
