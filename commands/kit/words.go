package kit

import (
	"strconv"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/output"
)

// Name is a person's name as a desk reads it: "Surname, Forenames".
func Name(surname, forenames string) string {
	if surname == "" || forenames == "" {
		return surname + forenames
	}
	return surname + ", " + forenames
}

// Owes sums debts up for one cell, as "NOR 12.50 GBP, BRA 3.00 EUR". Credits and authorities that only wait for items
// are left out; amounts are never added up, because debts of several authorities are not one debt.
func Owes(debts []client.Debt) string {
	var parts []string
	for _, d := range debts {
		if owed(d.Outstanding) {
			parts = append(parts, d.Authority+" "+string(d.Outstanding)+" "+d.Currency)
		}
	}
	return strings.Join(parts, ", ")
}

// owed tells a debt from a credit and from nothing.
func owed(m client.Money) bool {
	return !strings.HasPrefix(string(m), "-") && strings.Trim(string(m), "0.") != ""
}

// VerdictStyle is how a verdict stands out.
func VerdictStyle(v client.Verdict) output.Style {
	switch v {
	case client.Clear:
		return output.Good
	case client.Refuse:
		return output.Bad
	default:
		return output.Caution
	}
}

// VerdictPairs are the first lines of a screen about somebody: the verdict and its reasons in words.
func VerdictPairs(v client.Verdict, reasons []string) []output.Pair {
	pairs := []output.Pair{{Name: "verdict", Value: string(v), Style: VerdictStyle(v)}}
	name := "because"
	for _, code := range reasons {
		pairs = append(pairs, output.Pair{Name: name, Value: reasonInWords(code)})
		name = ""
	}
	return pairs
}

func reasonInWords(code string) string {
	if words, ok := reasonWords[code]; ok {
		return words
	}
	return code // of a newer database; its name is better than nothing
}

// reasonWords explain the reasons that the database gives. "Here" is the authority whose desk asks.
var reasonWords = map[string]string{
	"deleted":       "the account was deleted",
	"expired":       "the registration has expired, and no membership is valid here",
	"card_lost":     "the card was reported lost",
	"blocked":       "a library has blocked the account",
	"warning":       "a library has placed a warning on the account",
	"overdue":       "items are overdue",
	"debt_own":      "owes more here than the limit allows",
	"debt_others":   "owes more to other libraries than the limit here allows",
	"debt_no_limit": "owes other libraries in a currency for which no limit is set here",
}

// DebtGrid lists debts, one authority a row.
func DebtGrid(debts []client.Debt) *output.Grid {
	grid := &output.Grid{
		Headers: []string{"library", "owes", "currency", "since", "items overdue"},
		Right:   []bool{false, true, false, false, true},
	}
	for _, d := range debts {
		owes := output.Cell{Text: string(d.Outstanding)}
		if owed(d.Outstanding) {
			owes.Style = output.Bad
		}
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: d.Authority}, owes, {Text: d.Currency}, {Text: Day(d.OldestOn)}, {Text: strconv.Itoa(d.OverdueItems)},
		})
	}
	return grid
}

// Day writes a day that may be unknown.
func Day(d *client.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// Instant writes a moment that may be missing, to the minute, in the time zone of this machine.
func Instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// DayOf is the day of Instant.
func DayOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateOnly)
}
