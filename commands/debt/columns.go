package debt

import (
	"strconv"
	"strings"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type checkColumn = output.Column[people.DebtCheck]

// checkColumns are a check as one row of a list; named adds what tells who it is, matches other registrations.
func checkColumns(named, matches bool) []checkColumn {
	columns := []checkColumn{
		{Name: "input", Value: func(c people.DebtCheck) string { return c.Input }},
		{Name: "patron", Right: true, Value: func(c people.DebtCheck) string { return number(c.Patron) }},
	}
	if named {
		columns = append(columns,
			checkColumn{Name: "card", Value: func(c people.DebtCheck) string { return c.Card }},
			checkColumn{Name: "name", Shrink: true, Value: func(c people.DebtCheck) string { return kit.Name(c.Surname, c.Forenames) }},
		)
	}
	columns = append(columns,
		checkColumn{Name: "verdict", Value: func(c people.DebtCheck) string { return string(c.Verdict) }, Style: verdictStyle},
		checkColumn{Name: "reasons", Shrink: true, Value: func(c people.DebtCheck) string { return strings.Join(c.Reasons, ", ") }},
		checkColumn{Name: "owes", Shrink: true, Value: func(c people.DebtCheck) string { return kit.Owes(c.Debts) }},
	)
	if matches {
		columns = append(columns, checkColumn{
			Name: "matches", Shrink: true, Value: func(c people.DebtCheck) string { return registrations(c.PossibleMatches) },
		})
	}
	return columns
}

func verdictStyle(c people.DebtCheck) output.Style { return kit.VerdictStyle(c.Verdict) }

// matchColumns are a registration that may be the same person.
var matchColumns = []output.Column[people.Match]{
	{Name: "patron", Right: true, Value: func(m people.Match) string { return number(m.Patron) }},
	{Name: "card", Value: func(m people.Match) string { return m.Card }},
	{Name: "name", Shrink: true, Value: func(m people.Match) string { return kit.Name(m.Surname, m.Forenames) }},
	{Name: "home", Value: func(m people.Match) string { return m.Authority }},
	{Name: "certainty", Shrink: true, Value: func(m people.Match) string { return strings.ReplaceAll(m.Certainty, "_", " ") }},
	{Name: "owes", Shrink: true, Value: func(m people.Match) string { return kit.Owes(m.Debts) }},
}

// registrations names matches in one cell.
func registrations(matches []people.Match) string {
	refs := make([]string, len(matches))
	for i, m := range matches {
		refs[i] = patronRef(m.Patron)
	}
	return strings.Join(refs, ", ")
}

// patronRef is a patron as commands take it.
func patronRef(patron int64) string { return "id:" + strconv.FormatInt(patron, 10) }

// number leaves the cell of an unknown patron empty.
func number(patron int64) string {
	if patron == 0 {
		return ""
	}
	return strconv.FormatInt(patron, 10)
}
