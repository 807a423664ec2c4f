package incident

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "show INCIDENT",
		Short: "Show an incident, and everything that was said of it",
		Long: `Show an incident: what holds, the clock, who was told, and everything that was
said of it since, by whom. It is what a supervisory authority may ask for
(GDPR article 33, paragraph 5).

Exit status:
  0  shown
  2  not the number of an incident
  3  no such incident
  8  your role may not see this`,
		Example: `  patronctl incident show 7
  patronctl incident show 7 -o markdown > incident-7.md`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return write(cmd, env, args[0], func(c *client.Client, number int64) (*cases.Incident, error) {
				return cases.ShowIncident(cmd.Context(), c, env.Why(), number)
			})
		},
	}
}

func screen(i *cases.Incident) []output.Section {
	state := "open"
	if i.ClosedAt != nil {
		state = "closed " + kit.Instant(i.ClosedAt)
	}
	pairs := []output.Pair{
		{Name: "incident", Value: strconv.FormatInt(i.Incident, 10), Style: output.Strong},
		{Name: "kind", Value: i.Kind},
		{Name: "state", Value: state},
		{Name: "reported by", Value: i.Authority},
		{Name: "noticed", Value: kit.Instant(&i.NoticedAt)},
	}
	if i.DueAt != nil {
		pairs = append(pairs, output.Pair{Name: "72 hours end", Value: kit.Instant(i.DueAt)},
			output.Pair{Name: "clock", Value: clock(*i), Style: clockStyle(*i)})
	}
	for _, p := range []output.Pair{
		{Name: "categories", Value: text(i.Categories)},
		{Name: "people, about", Value: number(i.People)},
		{Name: "records, about", Value: number(i.Records)},
		{Name: "consequences", Value: text(i.Consequences)},
		{Name: "measures", Value: text(i.Measures)},
		{Name: "supervisory authority", Value: joined(text(i.Notified), kit.Instant(i.NotifiedAt))},
		{Name: "not told because", Value: text(i.NotNotified)},
		{Name: "members told", Value: members(i.Told)},
		{Name: "not told yet", Value: strings.Join(i.Untold, ", ")},
		{Name: "people told", Value: joined(number(i.PeopleTold), kit.Instant(i.PeopleToldAt))},
		{Name: "accesses of", Value: joined(text(i.AccessesOf), kit.Instant(i.AccessesFrom), kit.Instant(i.AccessesTo))},
	} {
		if p.Value != "" {
			pairs = append(pairs, p)
		}
	}
	sections := []output.Section{{Pairs: append(pairs, kit.Receipt(i.Receipt)...)}}
	if i.Entries != nil {
		sections = append(sections, said(i.Entries))
	}
	return sections
}

// said lists the entries, oldest first.
func said(entries []cases.IncidentEntry) output.Section {
	grid := &output.Grid{Wrap: true, Headers: []string{"at", "login", "authority", "what", "said"}}
	for _, e := range entries {
		var words []string
		for _, p := range []output.Pair{
			{Name: "categories", Value: text(e.Categories)},
			{Name: "people", Value: number(e.People)},
			{Name: "records", Value: number(e.Records)},
			{Name: "consequences", Value: text(e.Consequences)},
			{Name: "measures", Value: text(e.Measures)},
			{Name: "told", Value: joined(strings.Join(e.Told, " "), toldAt(e, len(e.Told) > 0))},
			{Name: "supervisory authority", Value: joined(text(e.Notified), toldAt(e, e.Notified != nil))},
			{Name: "need not be told", Value: text(e.NotNotified)},
			{Name: "people told", Value: joined(number(e.PeopleTold), toldAt(e, e.PeopleTold != nil))},
			{Name: "accesses of", Value: joined(text(e.AccessesOf), kit.Instant(e.AccessesFrom), kit.Instant(e.AccessesTo))},
		} {
			if p.Value != "" {
				words = append(words, p.Name+": "+p.Value)
			}
		}
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: kit.Instant(&e.At)}, {Text: e.Login}, {Text: e.Authority}, {Text: e.Action}, {Text: strings.Join(words, "; ")},
		})
	}
	return output.Section{Title: "What was said", Grid: grid}
}

func toldAt(e cases.IncidentEntry, told bool) string {
	if !told {
		return ""
	}
	return kit.Instant(e.ToldAt)
}

// clock says how the 72 hours stand.
func clock(i cases.Incident) string {
	switch {
	case i.HoursLeft == nil:
		return i.Clock
	case *i.HoursLeft < 0:
		return fmt.Sprintf("overdue by %d hours", -*i.HoursLeft)
	default:
		return fmt.Sprintf("%d hours left", *i.HoursLeft)
	}
}

func clockStyle(i cases.Incident) output.Style {
	switch {
	case i.Clock == "overdue" || i.Clock == "told late":
		return output.Bad
	case i.Pressing:
		return output.Caution
	default:
		return output.Plain
	}
}

func members(told []cases.ToldMember) string {
	words := make([]string, len(told))
	for n, m := range told {
		words[n] = m.Authority + " " + kit.Instant(&m.At)
	}
	return strings.Join(words, ", ")
}

// joined leaves out what is empty.
func joined(words ...string) string {
	there := words[:0:0]
	for _, word := range words {
		if word != "" {
			there = append(there, word)
		}
	}
	return strings.Join(there, ", ")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
