package history

import (
	"fmt"
	"strconv"
	"strings"

	"patronctl/client/people"
	"patronctl/output"
)

// reasons says why something stays on the account.
var reasons = map[string]string{
	"unpaid_fee": "loan with an unpaid fee (--include-owing moves it)",
	"on_loan":    "loan not returned yet",
	"open_hold":  "hold still open",
}

// outcome is the screen of a forecast or a result.
func outcome(a *people.Anonymized) []output.Section {
	var remarks []string
	switch {
	case moves(a) == 0:
		remarks = append(remarks, "There is nothing to anonymize.")
	case a.DryRun:
		remarks = append(remarks, "This is a forecast: nothing was changed. The real run cannot be undone.")
	}
	if a.BelowK && moves(a) > 0 {
		warning := fmt.Sprintf("Warning: fewer than %d people are behind this group, so that somebody might recognize the person.", a.K)
		if a.DryRun && a.Group.Branch != nil {
			warning += " --generalize widens the group."
		}
		remarks = append(remarks, warning)
	}
	return []output.Section{what(a), stays(a), group(a), {Text: strings.Join(remarks, "\n")}}
}

func what(a *people.Anonymized) output.Section {
	patron := strconv.FormatInt(a.Patron, 10)
	if a.Name != "" {
		patron = fmt.Sprintf("%s (%d)", a.Name, a.Patron)
	}
	title := "Anonymized"
	if a.DryRun {
		title = "Would be anonymized"
	}
	return output.Section{Title: title, Pairs: []output.Pair{
		{Name: "patron", Value: patron, Style: output.Strong},
		{Name: "before", Value: a.Before.String()},
		{Name: "loans", Value: strconv.Itoa(a.Loans)},
		{Name: "holds", Value: strconv.Itoa(a.Holds)},
		{Name: "zero fees", Value: strconv.Itoa(a.ZeroFees)},
		{Name: "fees unlinked", Value: strconv.Itoa(a.FeesUnlinked)},
		{Name: "access", Value: strconv.FormatInt(a.Access, 10), Style: output.Faint},
	}}
}

func stays(a *people.Anonymized) output.Section {
	section := output.Section{Title: "Stays on the account"}
	for _, s := range a.Skipped {
		reason, ok := reasons[s.Reason]
		if !ok {
			reason = s.Reason
		}
		section.Pairs = append(section.Pairs, output.Pair{Name: strconv.Itoa(s.Count), Value: reason})
	}
	if section.Pairs == nil {
		section.Text = "nothing that could have moved"
	}
	return section
}

// group shows whom the anonymous patron stands for. A dimension is missing where --generalize dropped it and where the
// patron has none.
func group(a *people.Anonymized) output.Section {
	branch, year := "any", "any"
	if a.Group.Branch != nil {
		branch = *a.Group.Branch
	}
	if a.Group.BirthYear != nil {
		year = strconv.Itoa(*a.Group.BirthYear)
	}
	people := output.Pair{Name: "people behind", Value: strconv.Itoa(a.Group.People)}
	if a.BelowK {
		people.Style = output.Caution
	}
	return output.Section{Title: "Anonymous group", Pairs: []output.Pair{
		{Name: "authority", Value: a.Group.Authority},
		{Name: "branch", Value: branch},
		{Name: "category", Value: a.Group.Category},
		{Name: "birth year", Value: year},
		people,
	}}
}
