package patron

import (
	"strconv"
	"strings"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// registering is the screen of a registration, or of what it would be.
func registering(r *people.Registered) []output.Section {
	title, patron := "Would be registered", ""
	if r.Patron != nil {
		title, patron = "Registered", "id:"+strconv.FormatInt(*r.Patron, 10)
	}
	sections := []output.Section{
		{Title: title, Pairs: filled(
			output.Pair{Name: "name", Value: name(r), Style: output.Strong},
			output.Pair{Name: "patron", Value: patron, Style: output.Strong},
			output.Pair{Name: "home", Value: r.Authority + ", " + r.Branch},
			output.Pair{Name: "category", Value: r.Category},
			output.Pair{Name: "card", Value: r.Card},
			output.Pair{Name: "member", Value: r.Basis + ", from " + r.JoinedOn.String() + " to " + r.ExpiresOn.String()},
			output.Pair{Name: "consents", Value: "to joining, in the words " + r.Wording + " (" + r.Source + ")"},
			recorded(r.Access),
		)},
		{Title: "Moves", Pairs: moving(r)},
		{Title: "Comes from", Pairs: []output.Pair{
			{Name: "library", Value: r.From.Authority},
			{Name: "patron", Value: strconv.FormatInt(r.From.Patron, 10) + " there"},
			{Name: "exported", Value: kit.Moment(r.From.GeneratedAt) + " (" + r.From.Scope + ")"},
		}},
		{Title: "May be registered already", Grid: matching(r.Matches)},
		{Title: "Consents given there, not copied", Grid: consenting(r.Consents)},
		{Title: "Stays behind", Grid: staying(r.Stays)},
	}
	if r.DryRun {
		sections = append(sections, output.Section{Text: "This is a forecast: nothing was changed."})
	}
	return sections
}

func name(r *people.Registered) string {
	return kit.Name(value(r.Person.Surname), value(r.Person.Forenames))
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// moving is what the new library takes over.
func moving(r *people.Registered) []output.Pair {
	p := r.Person
	year := ""
	if p.BirthDate == nil && p.BirthYear != nil {
		year = strconv.Itoa(int(*p.BirthYear))
	}
	pairs := []output.Pair{
		{Name: "title", Value: value(p.Title)},
		{Name: "born", Value: value(p.BirthDate) + year},
		{Name: "e-mail", Value: joined(p.Emails)},
		{Name: "phone", Value: joined(p.Phones)},
		{Name: "document", Value: value(p.DocumentNumber)},
		{Name: "language", Value: value(p.Language)},
	}
	for _, a := range r.Addresses {
		pairs = append(pairs, postal(people.Address{
			Kind: a.Kind, Lines: value(a.Lines), Town: value(a.Town), Postcode: value(a.Postcode), Country: value(a.Country),
		}))
	}
	return filled(pairs...)
}

func matching(matches []people.Match) *output.Grid {
	if len(matches) == 0 {
		return nil
	}
	grid := &output.Grid{Headers: []string{"patron", "home", "certainty", "owes"}}
	for _, m := range matches {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: "id:" + strconv.FormatInt(m.Patron, 10)},
			{Text: m.Authority},
			{Text: strings.ReplaceAll(m.Certainty, "_", " ")},
			{Text: kit.Owes(m.Debts), Style: output.Bad},
		})
	}
	return grid
}

func consenting(consents []people.ExportedConsent) *output.Grid {
	if len(consents) == 0 {
		return nil
	}
	grid := &output.Grid{Headers: []string{"library", "purpose", "channel", "wording", "given", "withdrawn"}}
	for _, c := range consents {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: c.Authority},
			{Text: c.Purpose},
			{Text: value(c.Channel)},
			{Text: value(c.Wording)},
			{Text: kit.Moment(c.GivenAt)},
			{Text: kit.Moment(value(c.WithdrawnAt))},
		})
	}
	return grid
}

func staying(left []people.LeftBehind) *output.Grid {
	grid := &output.Grid{Wrap: true, Headers: []string{"what", "rows", "why"}, Right: []bool{false, true}}
	for _, l := range left {
		rows := ""
		if l.Rows > 0 {
			rows = strconv.Itoa(l.Rows)
		}
		grid.Rows = append(grid.Rows, []output.Cell{{Text: l.What}, {Text: rows}, {Text: l.Why}})
	}
	return grid
}
