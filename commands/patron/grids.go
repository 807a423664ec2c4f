package patron

import (
	"strconv"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

func cards(list []client.Card) *output.Grid {
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

func memberships(list []client.Membership) *output.Grid {
	grid := &output.Grid{Headers: []string{"library", "basis", "joined", "expires"}}
	for _, m := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: m.Authority}, {Text: m.Basis}, {Text: kit.Day(m.JoinedOn)}, {Text: kit.Day(m.ExpiresOn)},
		})
	}
	return grid
}

func blocks(list []client.Block) *output.Grid {
	grid := &output.Grid{Headers: []string{"library", "level", "reason", "placed"}}
	for _, b := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: b.Authority},
			{Text: b.Level, Style: kit.VerdictStyle(client.Verdict(b.Level))},
			{Text: b.ReasonCode},
			{Text: kit.Day(b.PlacedOn)},
		})
	}
	return grid
}

// loans has no columns for what facts leave out.
func loans(p *client.Patron) *output.Grid {
	grid := &output.Grid{
		Headers: []string{"due", "", "library", "renewed", "barcode", "title"},
		Right:   []bool{false, false, false, true},
	}
	if p.Facts {
		grid.Headers = grid.Headers[:4]
	}
	for _, l := range p.Loans {
		var overdue output.Cell
		if l.Overdue {
			overdue = output.Cell{Text: "overdue", Style: output.Bad}
		}
		row := []output.Cell{
			{Text: kit.Instant(l.DueAt)}, overdue, {Text: place(l.Authority, l.Branch)}, {Text: strconv.Itoa(l.Renewals)},
			{Text: l.Barcode}, {Text: l.Title},
		}
		grid.Rows = append(grid.Rows, row[:len(grid.Headers)])
	}
	return grid
}

func fees(list []client.Fee) *output.Grid {
	grid := &output.Grid{
		Headers: []string{"raised", "library", "kind", "amount", "still owed", "currency"},
		Right:   []bool{false, false, false, true, true},
	}
	for _, f := range list {
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: kit.Day(f.RaisedOn)}, {Text: f.Authority}, {Text: f.Kind},
			{Text: string(f.Amount)}, {Text: string(f.Outstanding)}, {Text: f.Currency},
		})
	}
	return grid
}
