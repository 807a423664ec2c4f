package patron

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type setOptions struct {
	env         *kit.Env
	people      kit.People
	keepHistory string
	language    string
	special     []string
	stdin       bool
}

func newSet(env *kit.Env) *cobra.Command {
	o := &setOptions{env: env}
	cmd := &cobra.Command{
		Use:   "set PATRON",
		Short: "Change what a patron chose: history, language, special categories",
		Long: `Change what a patron at home here chose or told you.

--keep-history no ends the keeping of the reading history and offers to make
what there is anonymous at once, for good: you see how much it is and are asked;
--yes answers. Where nobody can be asked it only names the command.
--keep-history yes keeps it from the rules that would make it anonymous.

--special asks for special categories (GDPR article 9), one after the other; an
empty answer clears. With --stdin they are read from standard input, a line
each, in the order given; they never are arguments, which other users and your
shell's history would keep. You can write them without being able to read them:
only "patronctl patron show --special" of a data-protection officer shows them.

With "-" (standard input) or --file there are several patrons, one a line (not
with --special). What cannot be done is told on stderr, and the next one gets
its turn.

Exit status:
  0  set
  2  nothing to set, or a value that is not accepted
  3  no such patron, or several match
  5  --special without a terminal and without --stdin
  7  of several patrons, some could not be done
  8  the account was erased, the home is elsewhere, or your role may not do this`,
		Example: `  patronctl patron set 20000000000012 --keep-history no
  patronctl patron set id:123 --language cy
  patronctl patron set id:123 --special disability
  patronctl patron set id:123 --special faith --stdin < answer.txt`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			changed := cmd.Flags().Changed
			switch {
			case o.stdin && o.special == nil:
				return kit.Usage("--stdin goes with --special")
			case o.special != nil && (changed("keep-history") || changed("language")):
				return kit.Usage("--special is written on its own; leave --keep-history and --language out")
			case o.special != nil && o.people.Several():
				return kit.Usage("--special is for one patron at a time")
			case o.special != nil:
				return o.setSpecial(cmd.Context())
			case !changed("keep-history") && !changed("language"):
				return kit.Usage("nothing to set; use --keep-history, --language or --special")
			}
			var language *string
			if changed("language") {
				language = &o.language
			}
			return o.run(cmd.Context(), language)
		},
	}
	flags := cmd.Flags()
	kit.PeopleVar(cmd, &o.people)
	kit.EnumVar(cmd, &o.keepHistory, "keep-history", "keep the reading history", "yes", "no")
	flags.StringVar(&o.language, "language", "", "the patron's `LANGUAGE`, such as en or cy; empty for none")
	kit.WordsVar(cmd, &o.special, "special", "ask for `WHAT`", "faith", "sexuality", "disability", "ethnic-origin")
	kit.StdinVar(cmd, &o.stdin)
	return cmd
}

// chosen is people.Choices with the history that was made anonymous on the way.
type chosen struct {
	people.Choices
	Anonymized *people.Anonymized `json:"anonymized"`
}

func (o *setOptions) run(ctx context.Context, language *string) error {
	if err := output.CheckColumns[chosen](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	var keeps *bool
	if o.keepHistory != "" {
		yes := o.keepHistory == "yes"
		keeps = &yes
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		set, err := people.SetChoices(ctx, c, o.env.Why(), ref, keeps, language)
		if err != nil {
			return err
		}
		now := chosen{Choices: *set}
		if keeps != nil && !*keeps {
			if now.Anonymized, err = o.offer(ctx, c, set.Patron); err != nil {
				return err
			}
		}
		return show(now, chosenScreen(now))
	})
}

// offer asks whether the history goes at once. The choice stands whatever the answer is.
func (o *setOptions) offer(ctx context.Context, c *client.Client, patron int64) (*people.Anonymized, error) {
	ref := fmt.Sprintf("id:%d", patron)
	later := fmt.Sprintf("what there is stays until a rule takes it, or: patronctl history anonymize %s --before today", ref)
	if !o.env.Flags.Yes && !o.env.Terminal.CanPrompt() {
		o.env.Note("%s", later)
		return nil, nil
	}
	options := people.AnonymizeOptions{Before: client.Date{Today: true}, DryRun: true}
	forecast, err := people.AnonymizeHistory(ctx, c, o.env.Why(), ref, options)
	switch {
	case kit.Exit(err) == kit.ExitRefused || kit.Exit(err) == kit.ExitUsage: // younger than the library lets go
		o.env.Note("the history stays for now: %s", err)
		return nil, nil
	case err != nil:
		return nil, err
	case forecast.Loans+forecast.Holds+forecast.ZeroFees == 0:
		return nil, nil
	}
	err = o.env.Confirm(ctx, fmt.Sprintf("The history of %s (patron %d) is not kept from now on. "+
		"Also make what there is anonymous, for good? Loans: %d, holds: %d, zero fees: %d.",
		forecast.Name, patron, forecast.Loans, forecast.Holds, forecast.ZeroFees))
	switch {
	case kit.Exit(err) == kit.ExitNotConfirmed:
		o.env.Note("%s", later)
		return nil, nil
	case err != nil:
		return nil, err
	}
	options.DryRun = false
	return people.AnonymizeHistory(ctx, c, o.env.Why(), ref, options)
}

func chosenScreen(c chosen) []output.Section {
	keeps := "not kept"
	if c.KeepsHistory {
		keeps = "kept at the patron's wish"
	}
	pairs := []output.Pair{
		{Name: "patron", Value: fmt.Sprintf("id:%d", c.Patron), Style: output.Strong},
		{Name: "home", Value: c.Authority},
		{Name: "history", Value: keeps},
		{Name: "language", Value: c.Language},
	}
	if a := c.Anonymized; a != nil {
		moved := fmt.Sprintf("loans: %d, holds: %d, zero fees: %d", a.Loans, a.Holds, a.ZeroFees)
		pairs = append(pairs, output.Pair{Name: "anonymized", Value: moved})
	}
	return []output.Section{{Title: "Set", Pairs: filled(append(pairs, recorded(c.Access))...)}}
}

// setSpecial asks before it opens anything, and answers with nothing that was there.
func (o *setOptions) setSpecial(ctx context.Context) error {
	if err := output.CheckColumns[people.SpecialSet](o.env.Printer(), nil); err != nil {
		return err
	}
	change, err := o.askSpecial(ctx, strings.Join(o.people.Words, " "))
	if err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		set, err := people.SetSpecial(ctx, c, o.env.Why(), ref, change)
		if err != nil {
			return err
		}
		return show(set, []output.Section{{Title: "Set", Pairs: []output.Pair{
			{Name: "patron", Value: fmt.Sprintf("id:%d", set.Patron), Style: output.Strong},
			{Name: "special", Value: fmt.Sprintf("%d written", set.Fields)},
			recorded(set.Access),
		}}})
	})
}

func (o *setOptions) askSpecial(ctx context.Context, patron string) (change people.SpecialChange, err error) {
	fields := map[string]**string{
		"faith": &change.Faith, "sexuality": &change.Sexuality, "disability": &change.Disability, "ethnic-origin": &change.EthnicOrigin,
	}
	for _, what := range o.special {
		if fields[what] == nil {
			return change, kit.Usage("--special takes faith, sexuality, disability, ethnic-origin")
		}
	}
	if !o.stdin && !o.env.Terminal.CanPrompt() {
		return change, &kit.Error{
			Code: kit.ExitNotConfirmed, Message: "there is no terminal to ask on", Hint: "give the values with --stdin, a line each",
		}
	}
	lines := bufio.NewReader(o.env.In)
	for _, what := range o.special {
		var value string
		if o.stdin {
			value, err = lines.ReadString('\n')
			if err != nil && value == "" {
				return change, kit.Usage("standard input ended before %s came; an empty line clears it", what)
			}
			value = strings.TrimSpace(value)
		} else {
			value, err = o.env.Terminal.Ask(ctx, fmt.Sprintf("%s of %s (empty clears it): ", what, output.Clean(patron)))
			if errors.Is(err, io.EOF) {
				return change, &kit.Error{Code: kit.ExitNotConfirmed, Message: "no answer; nothing was set"}
			}
			if err != nil {
				return change, err
			}
		}
		*fields[what] = &value
	}
	return change, nil
}
