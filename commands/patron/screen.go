package patron

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// screen lays a patron out for a desk: first whether this person may be served. What there is none of is named in one line.
func screen(p *people.Patron) []output.Section {
	if p.Erasure != nil {
		return erasedScreen(p)
	}
	sections := []output.Section{
		{Pairs: kit.VerdictPairs(p.Verdict, p.Reasons)},
		{Pairs: identity(p)},
		{Title: "contact", Pairs: contact(p)},
		{Title: "special categories", Pairs: special(p.Special)},
	}
	var none []string
	for _, list := range []struct {
		name, title string
		grid        *output.Grid
		expected    bool // worth a word when there is none
	}{
		{"cards", "cards", cards(p.Cards), !p.Facts},
		{"memberships", "memberships", memberships(p.Memberships), true},
		{"blocks", "blocks", blocks(p.Blocks), true},
		{"loans", loansTitle(p.Loans), loans(p), true},
		{"debts", "debts", kit.DebtGrid(p.Debts), true},
		{"fees", "fees still owed", fees(p.Fees), false},
	} {
		switch {
		case len(list.grid.Rows) > 0:
			sections = append(sections, output.Section{Title: list.title, Grid: list.grid})
		case list.expected:
			none = append(none, list.name)
		}
	}
	sections = append(sections, output.Section{Pairs: account(p, none)})
	return slices.DeleteFunc(sections, func(s output.Section) bool { return s.Grid == nil && len(s.Pairs) == 0 })
}

func identity(p *people.Patron) []output.Pair {
	name := output.Pair{Name: "name", Value: kit.Name(p.Surname, p.Forenames), Style: output.Strong}
	if p.Facts {
		name = output.Pair{Name: "name", Value: "left out, as every personal value", Style: output.Faint}
	}
	return filled(
		name,
		output.Pair{Name: "title", Value: p.Title},
		output.Pair{Name: "born", Value: born(p)},
		output.Pair{Name: "patron", Value: "id:" + strconv.FormatInt(p.Patron, 10)},
		output.Pair{Name: "home", Value: p.Authority},
		output.Pair{Name: "branch", Value: p.Branch},
		output.Pair{Name: "category", Value: p.Category},
		output.Pair{Name: "status", Value: p.Status, Style: statusStyle(*p)},
		output.Pair{Name: "registered", Value: kit.Day(p.RegisteredOn)},
		output.Pair{Name: "expires", Value: kit.Day(p.ExpiresOn)},
		output.Pair{Name: "guardian", Value: p.Guardian},
		output.Pair{Name: "document", Value: p.Document},
		output.Pair{Name: "language", Value: p.Language},
		output.Pair{Name: "protected", Value: when(p.Protected, "no rule ever erases this account")},
		output.Pair{Name: "consent", Value: joiningInWords[p.Joining], Style: output.Caution},
		output.Pair{Name: "history", Value: when(p.KeepsHistory, "kept at the patron's wish")},
	)
}

// joiningInWords says what is wrong with the consent of joining the library that asks; nothing, when it was given.
var joiningInWords = map[string]string{
	"missing":   "the consent of joining is missing: patronctl consent give",
	"withdrawn": "the consent of joining was withdrawn: the person wants to leave",
}

func special(s *people.Special) []output.Pair {
	if s == nil {
		return nil
	}
	told := filled(
		output.Pair{Name: "faith", Value: s.Faith},
		output.Pair{Name: "sexuality", Value: s.Sexuality},
		output.Pair{Name: "disability", Value: s.Disability},
		output.Pair{Name: "ethnic origin", Value: s.EthnicOrigin},
	)
	if len(told) == 0 {
		told = []output.Pair{{Name: "none", Value: "nothing is recorded"}}
	}
	return append(told, recorded(s.Access))
}

func contact(p *people.Patron) []output.Pair {
	pairs := []output.Pair{{Name: "e-mail", Value: joined(p.Emails)}, {Name: "phone", Value: joined(p.Phones)}}
	for _, a := range p.Addresses {
		pairs = append(pairs, postal(a))
	}
	return filled(pairs...)
}

func joined(list []string) string { return strings.Join(list, ", ") }

// postal is an address on one line.
func postal(a people.Address) output.Pair {
	name := "address"
	if a.Kind != "permanent" {
		name = a.Kind
	}
	parts := append(strings.Split(a.Lines, "\n"), strings.TrimSpace(a.Postcode+" "+a.Town), a.Country)
	parts = slices.DeleteFunc(parts, func(part string) bool { return strings.TrimSpace(part) == "" })
	return output.Pair{Name: name, Value: strings.Join(parts, ", ")}
}

func account(p *people.Patron, none []string) []output.Pair {
	password := ""
	if p.Password != nil {
		password = passwordInWords(p.Password)
	}
	return filled(
		output.Pair{Name: "nothing in", Value: strings.Join(none, ", ")},
		output.Pair{Name: "password", Value: password},
		recorded(p.Access),
	)
}

func recorded(access int64) output.Pair {
	return output.Pair{Name: "access", Value: "recorded as " + strconv.FormatInt(access, 10), Style: output.Faint}
}

func passwordInWords(s *people.PasswordState) string {
	words, ok := map[string]string{
		"own":      "the patron's own",
		"card":     "none: the card number opens the account",
		"one_time": "a one-time code, not used yet",
		"locked":   "locked after failed attempts",
		"external": "kept by another system",
	}[s.State]
	switch {
	case !ok:
		words = s.State
	case s.State == "one_time" && s.Expired:
		words = "a one-time code that has expired"
	}
	if s.Since != nil {
		words += fmt.Sprintf(" (since %s)", kit.Instant(s.Since))
	}
	return words
}

// filled leaves pairs without a value out.
func filled(pairs ...output.Pair) []output.Pair {
	return slices.DeleteFunc(pairs, func(p output.Pair) bool { return p.Value == "" })
}

func when(holds bool, words string) string {
	if !holds {
		return ""
	}
	return words
}
