// Package disclosure is the register of who else asked for a person's data, and what they got.
package disclosure

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the disclosure command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("disclosure", "Who else asked for a person's data, and what they got",
		newRecord(env), newRefuse(env), newApprove(env), newDecline(env), newList(env), newShow(env))
}

// about are the flags that a release and a refusal have in common.
func about(cmd *cobra.Command, d *cases.NewDisclosure) {
	kit.EnumVar(cmd, &d.To, "to", "who asks", cases.Recipients...)
	cmd.Flags().StringVar(&d.Organisation, "organisation", "", "the `NAME` of theirs, such as \"Met Police, Camden\"")
	cmd.Flags().StringVar(&d.Reference, "reference", "", "`NUMBER` of their form, warrant or order")
	kit.EnumVar(cmd, &d.Rank, "rank", "of who signed for them", cases.Ranks...)
	cmd.Flags().StringVar(&d.Power, "power", "", "the `LAW` that permits or demands it")
	kit.EnumVar(cmd, &d.Necessity, "necessity", "what it is needed for", cases.Necessities...)
	for _, name := range []string{"to", "organisation", "reference"} {
		_ = cmd.MarkFlagRequired(name) // they were added above
	}
}

// show writes what came of a verb.
func show(env *kit.Env, d *cases.Disclosure, err error) error {
	if err != nil {
		return err
	}
	return output.Document(env.Printer(), d, screen(d))
}

// numbered is a verb about one disclosure: do with its number, then the disclosure is shown.
func numbered(
	env *kit.Env, cmd *cobra.Command, do func(ctx context.Context, c *client.Client, id int64) (*cases.Disclosure, error),
) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	cmd.ValidArgsFunction = kit.CompleteNames(env, "disclosure")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := output.CheckColumns[cases.Disclosure](env.Printer(), nil); err != nil {
			return err
		}
		id, err := kit.Number("disclosure", args[0], "patronctl disclosure list")
		if err != nil {
			return err
		}
		c, err := env.Client(cmd.Context())
		if err != nil {
			return err
		}
		d, err := do(cmd.Context(), c, id)
		return show(env, d, err)
	}
	return cmd
}

func newShow(env *kit.Env) *cobra.Command {
	return numbered(env, &cobra.Command{
		Use:   "show DISCLOSURE",
		Short: "Show what was asked for and decided",
		Long: `Show one disclosure: who asked with which power, what was decided by whom, and
what was handed over.

Exit status:
  0  shown
  2  not the number of a disclosure
  3  no such disclosure of your authority
  8  your role may not see this`,
		Example: `  patronctl disclosure show 3`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Disclosure, error) {
		return cases.ShowDisclosure(ctx, c, env.Why(), id)
	})
}

// patron names whom a disclosure is about the way every command takes it.
func patron(d cases.Disclosure) string {
	if d.Patron == nil {
		return "unknown"
	}
	return fmt.Sprintf("id:%d", *d.Patron)
}

func style(d cases.Disclosure) output.Style {
	switch d.State {
	case "pending":
		return output.Caution
	case "released":
		return output.Good
	default:
		return output.Faint
	}
}

func screen(d *cases.Disclosure) []output.Section {
	asked := output.Section{Pairs: []output.Pair{
		{Name: "disclosure", Value: strconv.FormatInt(d.ID, 10), Style: output.Strong},
		{Name: "state", Value: d.State, Style: style(*d)},
	}}
	add := func(section *output.Section, name, value string) {
		if value != "" {
			section.Pairs = append(section.Pairs, output.Pair{Name: name, Value: value})
		}
	}
	add(&asked, "patron", patron(*d))
	add(&asked, "home", d.Authority)
	add(&asked, "to", d.To)
	add(&asked, "organisation", d.Organisation)
	add(&asked, "reference", d.Reference)
	add(&asked, "signed by", d.Rank)
	add(&asked, "power", d.Power)
	add(&asked, "necessity", d.Necessity)
	add(&asked, "consent to", d.Consent)
	decided := output.Section{Title: "Decided"}
	add(&decided, "by", d.Login+", "+kit.Instant(&d.At))
	if d.SecondAt != nil {
		add(&decided, "and by", d.SecondLogin+", "+kit.Instant(d.SecondAt))
	}
	add(&decided, "because", d.Because)
	add(&decided, "released", strings.Join(d.Released, ", "))
	if d.ReleasedBy != nil {
		add(&decided, "read by", "access "+strconv.FormatInt(*d.ReleasedBy, 10))
	}
	add(&decided, "matter", d.Matter)
	decided.Pairs = append(decided.Pairs, output.Pair{Name: "access", Value: strconv.FormatInt(d.Access, 10), Style: output.Faint})
	decided.Pairs = append(decided.Pairs, kit.Receipt(d.Receipt)...)
	sections := []output.Section{asked, decided}
	if d.State == "pending" {
		sections = append(sections, output.Section{Text: fmt.Sprintf(
			"Nothing may be handed over yet. Another officer of %s agrees or not:\n  patronctl disclosure approve %d\n"+
				"  patronctl disclosure decline %d --because WORD", d.Authority, d.ID, d.ID)})
	}
	return sections
}
