package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type sharingOptions struct {
	env      *kit.Env
	from, to kit.DateFlag
	file     file
}

func newSharing(env *kit.Env) *cobra.Command {
	o := &sharingOptions{env: env, to: kit.DateFlag{Date: client.Date{Today: true}}}
	cmd := &cobra.Command{
		Use:   "sharing --from DATE",
		Short: "Count lookups across authorities, by purpose",
		Long: `Count who looked at whose people: lookups of patrons by staff of another
authority, by pair of authorities and purpose. Officers and supervisors see the
pairs that their authority is one of. The columns:

  home     the authority of the patrons
  looked   the authority of the staff; "-" is staff of the whole consortium
  lookups  how often somebody was looked up
  people   how many people these were
  debts    of how many of them debts were told (debt check, patron show)

A group of fewer than 5 people is shown as "<5", its other numbers as hidden; so
is a number of debts that is of, or leaves, fewer than 5 people. Sums, in the
plots too, are of what is shown, so that no hidden number follows from them.
Reports of periods that overlap could be compared: publish such that do not.

Days are those of your authority; an auditor's are in UTC. They are the days of
the server's clock.

Exit status:
  0  reported, also when there is nothing
  2  wrong flag or value, or the file exists
  8  your role may not see this`,
		Example: `  patronctl report sharing --from 2026-01-01 --to 2026-03-31
  patronctl report sharing --from 2026-01-01 --html sharing.html
  patronctl report sharing --from today -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().Var(&o.from, "from", "from this day, or today")
	cmd.Flags().Var(&o.to, "to", "up to and with this day, or today")
	_ = cmd.MarkFlagRequired("from") // it exists
	o.file.bind(cmd)
	return cmd
}

var sharingColumns = []output.Column[audit.SharingCount]{
	{Name: "home", Value: func(s audit.SharingCount) string { return s.Home }},
	{Name: "looked", Value: func(s audit.SharingCount) string { return looked(s) }},
	{Name: "purpose", Value: func(s audit.SharingCount) string { return s.Purpose }},
	{Name: "lookups", Right: true, Value: func(s audit.SharingCount) string { return count(s.Lookups, "hidden") }},
	{Name: "people", Right: true, Value: func(s audit.SharingCount) string { return count(s.People, "<5") }},
	{Name: "debts", Right: true, Value: func(s audit.SharingCount) string { return count(s.Debts, "hidden") }},
}

func looked(s audit.SharingCount) string {
	if s.Looked == "" {
		return "-"
	}
	return s.Looked
}

// count says of a number that it is hidden. People are then fewer than 5; of lookups and debts that may not be so.
func count(n *int, hidden string) string {
	if n == nil {
		return hidden
	}
	return strconv.Itoa(*n)
}

func (o *sharingOptions) run(ctx context.Context) error {
	if o.file.path != "" {
		return o.file.write(o.env, func() (output.Page, error) {
			found, err := o.read(ctx)
			if err != nil {
				return output.Page{}, err
			}
			return sharingPage(found), nil
		})
	}
	printer := o.env.Printer()
	if err := o.checkColumns(printer); err != nil {
		return err
	}
	found, err := o.read(ctx)
	if err != nil {
		return err
	}
	if printer.Format == output.JSON {
		return output.Document(printer, found, nil)
	}
	if err := output.List(printer, sharingColumns, output.Slice(found.Rows)); err != nil {
		return err
	}
	if len(found.Rows) == 0 {
		o.env.Note("nobody was looked up by another authority")
	} else if note := hidden(found.Rows); note != "" {
		o.env.Note("%s", note)
	}
	return nil
}

// hidden says how many groups a report keeps back.
func hidden(rows []audit.SharingCount) string {
	groups := 0
	for _, r := range rows {
		if r.Hidden {
			groups++
		}
	}
	switch groups {
	case 0:
		return ""
	case 1:
		return "1 group of fewer than 5 people is hidden"
	default:
		return fmt.Sprintf("%d groups of fewer than 5 people are hidden", groups)
	}
}

func (o *sharingOptions) read(ctx context.Context) (*audit.Sharing, error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, err
	}
	return audit.ReportSharing(ctx, c, o.env.Why(), o.from.Date, o.to.Date)
}

func (o *sharingOptions) checkColumns(p *output.Printer) error {
	if p.Format == output.JSON {
		return output.CheckColumns[audit.Sharing](p, nil)
	}
	return output.CheckColumns(p, sharingColumns)
}

func sharingPage(s *audit.Sharing) output.Page {
	page := output.Page{
		Title: "Who looked at whose patrons",
		Lead:  fmt.Sprintf("Lookups across authorities from %s to %s.", s.From.Format("2 January 2006"), s.To.Format("2 January 2006")),
		Foot:  "Groups of fewer than 5 people are left out of numbers, bars and sums.",
	}
	if len(s.Rows) == 0 {
		page.Sections = []output.Section{{Text: "Nobody was looked up by another authority."}}
		return page
	}
	names := map[string]string{"": "the consortium"}
	for _, a := range s.Authorities {
		names[a.Code] = a.Name
	}
	plot := lookupsPlot(s, names)
	table := &output.Grid{
		Headers: []string{"patrons of", "looked up by", "purpose", "lookups", "people", "debts told"},
		Right:   []bool{false, false, false, true, true, true},
	}
	for _, r := range s.Rows {
		table.Rows = append(table.Rows, row(r.Home, looked(r), r.Purpose,
			count(r.Lookups, "hidden"), count(r.People, "<5"), count(r.Debts, "hidden")))
	}
	var codes []output.Pair
	for _, a := range s.Authorities {
		codes = append(codes, output.Pair{Name: a.Code, Value: a.Name})
	}
	lookups := output.Section{Title: "Lookups by purpose", Text: hidden(s.Rows)}
	if len(plot.Bars) > 0 {
		lookups.Plot = plot
	}
	page.Sections = []output.Section{
		lookups,
		{
			Title: "In numbers", Pairs: codes, Grid: table,
			Text: "Debts are told by a debt check and by showing a patron: the numbers are people whose debts, or that there were none, were told.",
		},
	}
	return page
}

// mostParts is how many colours there are.
const mostParts = 6

// lookupsPlot has a bar for each pair of authorities, of the numbers that are shown. Purposes beyond the colours are one part.
func lookupsPlot(s *audit.Sharing, names map[string]string) *output.Plot {
	plot := &output.Plot{Title: "Who looked up whose patrons, how often"}
	for _, r := range s.Rows {
		if r.Lookups != nil && !slices.Contains(plot.Parts, r.Purpose) {
			plot.Parts = append(plot.Parts, r.Purpose)
		}
	}
	slices.Sort(plot.Parts)
	purposes := slices.Clone(plot.Parts)
	if len(plot.Parts) > mostParts {
		plot.Parts = append(plot.Parts[:mostParts-1:mostParts-1], "other purposes")
	}
	bars := map[string]int{}
	for _, r := range s.Rows {
		if r.Lookups == nil {
			continue
		}
		pair := names[r.Looked] + " → " + names[r.Home]
		if _, known := bars[pair]; !known {
			bars[pair] = len(plot.Bars)
			plot.Bars = append(plot.Bars, output.Bar{Label: pair, Parts: make([]int, len(plot.Parts))})
		}
		plot.Bars[bars[pair]].Parts[min(slices.Index(purposes, r.Purpose), len(plot.Parts)-1)] += *r.Lookups
	}
	return plot
}
