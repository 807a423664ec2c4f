// Package patron is the noun patron: finding people, showing one, registering one, listing who consented, what they chose, and
// the end of an account.
package patron

import (
	"iter"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the noun with its verbs.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("patron", "Look patrons up, register, change and erase them",
		newFind(env), newShow(env), newList(env), newSet(env), newImport(env), newReactivate(env), newErase(env))
}

// columns are a patron as one row of a list.
var columns = []output.Column[people.Patron]{
	{Name: "patron", Right: true, Value: func(p people.Patron) string { return strconv.FormatInt(p.Patron, 10) }},
	{Name: "card", Value: card},
	{Name: "name", Shrink: true, Value: func(p people.Patron) string { return kit.Name(p.Surname, p.Forenames) }},
	{Name: "born", Value: func(p people.Patron) string { return born(&p) }},
	{Name: "home", Value: func(p people.Patron) string { return p.Authority }},
	{Name: "category", Shrink: true, Value: func(p people.Patron) string { return p.Category }},
	{Name: "expires", Value: func(p people.Patron) string { return kit.Day(p.ExpiresOn) }},
	{Name: "status", Value: func(p people.Patron) string { return p.Status }, Style: statusStyle},
	{Name: "owes", Shrink: true, Value: func(p people.Patron) string { return kit.Owes(p.Debts) }, Style: owesStyle},
}

// list writes patrons as rows. On a narrow terminal it leaves out what one can do without, rather than cut every name.
func list(printer *output.Printer, patrons iter.Seq2[people.Patron, error]) error {
	kit.OnNarrow(printer, 100, "patron", "card", "name", "born", "home", "status", "owes")
	return output.List(printer, columns, patrons)
}

// card is the card to use: the database lists it first.
func card(p people.Patron) string {
	if len(p.Cards) == 0 {
		return ""
	}
	return p.Cards[0].Number
}

// born is as much of the birth date as may be shown.
func born(p *people.Patron) string {
	if p.BirthDate == nil && p.BirthYear != nil {
		return strconv.Itoa(*p.BirthYear)
	}
	return kit.Day(p.BirthDate)
}

func statusStyle(p people.Patron) output.Style {
	if p.Status != "active" {
		return output.Bad
	}
	return output.Plain
}

func owesStyle(people.Patron) output.Style { return output.Bad }
