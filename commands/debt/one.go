package debt

import (
	"context"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// checkOne answers about one person, with the name.
func (o *checkOptions) checkOne(ctx context.Context) error {
	printer, columns := o.env.Printer(), checkColumns(true, o.matches)
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	check, err := people.CheckDebt(ctx, c, o.env.Why(), o.people.Words[0], o.matches)
	if err != nil {
		return err
	}
	asRow := printer.Format == output.CSV || printer.Columns != nil
	if asRow && !o.env.Flags.WantsJSON() {
		err = output.List(printer, columns, output.Slice([]people.DebtCheck{*check}))
	} else {
		err = output.Document(printer, check, screen(check))
	}
	if err != nil {
		return err
	}
	if check.Verdict == people.NotFound {
		return &kit.Error{
			Code:    kit.ExitNotFound,
			Message: "nobody has this card",
			Hint:    "look the person up: patronctl patron find WORDS",
		}
	}
	o.condition.see(check.Verdict)
	return o.condition.err()
}

func screen(c *people.DebtCheck) []output.Section {
	sections := []output.Section{{Pairs: kit.VerdictPairs(c.Verdict, c.Reasons)}}
	if c.Verdict == people.NotFound {
		return sections
	}
	who := []output.Pair{{Name: "patron", Value: patronRef(c.Patron)}}
	if c.Surname+c.Forenames != "" {
		who = append([]output.Pair{{Name: "name", Value: kit.Name(c.Surname, c.Forenames), Style: output.Strong}}, who...)
	}
	if c.Card != "" {
		who = append(who, output.Pair{Name: "card", Value: c.Card})
	}
	if len(c.Debts) == 0 {
		who = append(who, output.Pair{Name: "debts", Value: "none"})
	}
	sections = append(sections, output.Section{Pairs: who})
	if len(c.Debts) > 0 {
		sections = append(sections, output.Section{Title: "debts", Grid: kit.DebtGrid(c.Debts)})
	}
	if len(c.PossibleMatches) > 0 {
		sections = append(sections, output.Section{Title: "may also be", Grid: matchGrid(c.PossibleMatches)})
	}
	return sections
}

func matchGrid(matches []people.Match) *output.Grid {
	grid := &output.Grid{}
	for _, column := range matchColumns {
		grid.Headers = append(grid.Headers, column.Header())
		grid.Right = append(grid.Right, column.Right)
	}
	for _, m := range matches {
		row := make([]output.Cell, len(matchColumns))
		for i, column := range matchColumns {
			row[i].Text = column.Value(m)
			if column.Style != nil {
				row[i].Style = column.Style(m)
			}
		}
		grid.Rows = append(grid.Rows, row)
	}
	return grid
}
