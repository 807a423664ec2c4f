package kit

import (
	"strconv"
	"strings"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/output"
)

// Owes sums debts up for one cell, as "NOR 12.50 GBP, BRA 3.00 EUR". Credits and authorities that only wait for items
// are left out; amounts are never added up, because debts of several authorities are not one debt.
func Owes(debts []people.Debt) string {
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

// DebtGrid lists debts, one authority a row.
func DebtGrid(debts []people.Debt) *output.Grid {
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
