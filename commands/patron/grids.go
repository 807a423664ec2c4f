package patron

import (
	"fmt"
	"strconv"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func cards(list []people.Card) *output.Grid {
	grid := &output.Grid{Headers: []string{"number", "status", "issued"}}
	for _, c := range list {
		status := output.Cell{Text: c.Status}
		if c.Status != "active" {
			status.Style = output.Bad
		}
		grid.Rows = append(grid.Rows, []output.Cell{{Text: c.Number}, status, {Text: kit.Day(c.IssuedOn)}})
	}
	return grid
}

func memberships(list []people.Membership) *output.Grid {
	grid := &output.Grid{Headers: []string{"library", "basis", "joined", "expires"}}
	for _, m := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: m.Authority}, {Text: m.Basis}, {Text: kit.Day(m.JoinedOn)}, {Text: kit.Day(m.ExpiresOn)},
		})
	}
	return grid
}

func blocks(list []people.Block) *output.Grid {
	grid := &output.Grid{Headers: []string{"library", "level", "reason", "placed"}}
	for _, b := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: b.Authority},
			{Text: b.Level, Style: kit.VerdictStyle(people.Verdict(b.Level))},
			{Text: b.ReasonCode},
			{Text: kit.Day(b.PlacedOn)},
		})
	}
	return grid
}

// loans has no columns for what facts leave out.
func loans(p *people.Patron) *output.Grid {
	grid := &output.Grid{
		Headers: []string{"due", "branch", "renewed", "title", "barcode"},
		Right:   []bool{false, false, true},
	}
	if p.Facts {
		grid.Headers = grid.Headers[:3]
	}
	for _, l := range p.Loans {
		row := []output.Cell{due(l), {Text: l.Branch}, {Text: strconv.Itoa(l.Renewals)}, {Text: l.Title}, {Text: l.Barcode}}
		grid.Rows = append(grid.Rows, row[:len(grid.Headers)])
	}
	return grid
}

func due(l people.Loan) output.Cell {
	if l.Overdue {
		return output.Cell{Text: kit.DayOf(l.DueAt) + " overdue", Style: output.Bad}
	}
	return output.Cell{Text: kit.DayOf(l.DueAt)}
}

// loansTitle counts what a reader would otherwise have to count.
func loansTitle(loans []people.Loan) string {
	overdue := 0
	for _, l := range loans {
		if l.Overdue {
			overdue++
		}
	}
	if overdue == 0 {
		return fmt.Sprintf("loans (%d)", len(loans))
	}
	return fmt.Sprintf("loans (%d, overdue %d)", len(loans), overdue)
}

func fees(list []people.Fee) *output.Grid {
	grid := &output.Grid{
		Headers: []string{"raised", "library", "kind", "amount", "still owed", "currency"},
		Right:   []bool{false, false, false, true, true},
	}
	for _, f := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: kit.Day(f.RaisedOn)},
			{Text: f.Authority},
			{Text: f.Kind},
			{Text: string(f.Amount)},
			{Text: string(f.Outstanding)},
			{Text: f.Currency},
		})
	}
	return grid
}
