package debt

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
)

type checkOptions struct {
	env       *kit.Env
	people    kit.People
	matches   bool
	condition condition

	applicant bool
	person    people.Applicant
}

func newCheck(env *kit.Env) *cobra.Command {
	o := &checkOptions{env: env}
	var born kit.DateFlag
	cmd := &cobra.Command{
		Use:   "check [PATRON...|-]",
		Short: "Check whether patrons may be served, and what they owe where",
		Long: `Check debts. The verdict is clear, warn or refuse, with its reasons; debts are
listed per authority, never converted and never set off against each other.

  PATRON       one card or id:NUMBER (or words, in quotes, that only one person
               matches): the answer has the name, and other registrations that
               may be the same person
  PATRON...    several cards: one row each, without names
  -            cards from standard input, one a line, each answered with the
               name as it arrives: for a barcode scanner
  --file FILE  cards in the first column of FILE, "-" for standard input; a
               header line "card" is skipped. More than 500 cards need the role
               supervisor, officer or job
  --applicant  somebody who asks to join: registrations that may be this person

A card that nobody has is a row with the verdict not_found. Arguments stay in
your shell's history; what comes from a scanner or a file does not.

With -o json one PATRON is an object, everything else an array.

Exit status:
  0   answered
  3   the only card asked about is unknown
  8   your role may not check this
  10  with --exit-code: a verdict is refuse (=warn: warn or refuse)`,
		Example: `  patronctl debt check 90000036
  patronctl debt check --file cards.csv -o csv > debts.csv
  patronctl debt check --applicant --surname Ellison \
    --forenames Margaret --born 1984-03-15
  patronctl debt check 90000036 --exit-code && echo serve`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.people.Words, o.person.Born = args, born.Date
			if err := o.checkWhom(cmd); err != nil {
				return err
			}
			if !cmd.Flags().Changed("matches") {
				o.matches = o.single()
			}
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	kit.FileVar(cmd, &o.people)
	flags.BoolVar(&o.matches, "matches", false, "name other registrations of the same person (a single PATRON: always, unless =false)")
	kit.EnumVar(cmd, &o.condition.asked, "exit-code", "exit 10 when a verdict is this or graver", "refuse", "warn")
	flags.Lookup("exit-code").NoOptDefVal = string(people.Refuse)
	flags.BoolVar(&o.applicant, "applicant", false, "look for registrations of somebody who asks to join")
	flags.StringVar(&o.person.Surname, "surname", "", "`SURNAME` of the applicant")
	flags.StringVar(&o.person.Forenames, "forenames", "", "`FORENAMES` of the applicant, may be empty")
	flags.Var(&born, "born", "birth `DATE` of the applicant, such as 1980-02-03")
	return cmd
}

// checkWhom makes sure that exactly one way of saying whom to check was used.
func (o *checkOptions) checkWhom(cmd *cobra.Command) error {
	ways := 0
	for _, used := range []bool{len(o.people.Words) > 0, o.people.File != "", o.applicant} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return kit.Usage("say whom to check in one way: PATRON..., -, --file FILE or --applicant")
	}
	for _, flag := range []string{"surname", "forenames", "born"} {
		if cmd.Flags().Changed(flag) != o.applicant {
			return kit.Usage("--applicant goes with --surname, --forenames and --born, all of them")
		}
	}
	switch {
	case o.applicant && (o.condition.asked != "" || cmd.Flags().Changed("matches")):
		return kit.Usage("--applicant has no verdict: leave --exit-code and --matches out")
	case o.applicant && o.person.Surname == "":
		return kit.Usage("--surname must not be empty")
	case o.applicant && o.person.Born.Today:
		return kit.Usage("--born takes a day such as 1980-02-03")
	case len(o.people.Words) > 1 && slices.Contains(o.people.Words, "-"):
		return kit.Usage("\"-\" reads every card from standard input: leave the others out")
	}
	return nil
}

// single tells whether one person is asked about, who may be named.
func (o *checkOptions) single() bool { return len(o.people.Words) == 1 && !o.people.Arriving() }

func (o *checkOptions) run(ctx context.Context) error {
	switch {
	case o.applicant:
		return o.checkApplicant(ctx)
	case o.single():
		return o.checkOne(ctx)
	default:
		return o.checkMany(ctx)
	}
}

// condition is what --exit-code asks about.
type condition struct {
	asked people.Verdict // empty: nothing
	holds bool
}

func (c *condition) see(v people.Verdict) {
	if v == people.Refuse || v == c.asked {
		c.holds = true
	}
}

func (c *condition) err() error {
	if c.asked != "" && c.holds {
		return kit.ErrCondition
	}
	return nil
}
