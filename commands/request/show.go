package request

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return decision(env, &cobra.Command{
		Use:   "show REQUEST",
		Short: "Show a request and everything done about it",
		Long: `Show a request: whom it is about, by number, its clock, and who did what about
it and when. Exports and the erasure made for it are among that, by the numbers
of their accesses (patronctl audit show).

Exit status:
  0  shown
  2  not the number of a request
  3  no such request of your authority
  8  your role may not see this`,
		Example: `  patronctl request show 17
  patronctl request show 17 -o json`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error) {
		return cases.ShowRequest(ctx, c, env.Why(), id)
	})
}

func screen(r *cases.Request) []output.Section {
	pairs := []output.Pair{
		{Name: "request", Value: strconv.FormatInt(r.ID, 10), Style: output.Strong},
		{Name: "kind", Value: r.Kind, Style: output.Strong},
		{Name: "patron", Value: patron(*r)},
		{Name: "authority", Value: r.Authority},
		{Name: "received", Value: r.ReceivedOn.String()},
		{Name: "state", Value: standing(*r), Style: style(*r)},
	}
	add := func(name, value string) {
		if value != "" {
			pairs = append(pairs, output.Pair{Name: name, Value: value})
		}
	}
	if r.Home != r.Authority {
		add("home", r.Home)
	}
	add("waits for", r.WaitsFor)
	add("due", kit.Day(r.DueOn))
	if !r.Overdue {
		add("days left", daysLeft(*r))
	}
	add("law", r.Law)
	if r.PausedDays > 0 {
		add("paused for", fmt.Sprintf("%d days", r.PausedDays))
	}
	add("extended", r.ExtendedBecause)
	add("closed", kit.Day(r.ClosedOn))
	add("outcome", outcome(*r))
	add("matter", r.Matter)
	var answers []string
	for _, access := range r.Answers {
		answers = append(answers, strconv.FormatInt(access, 10))
	}
	if len(answers) > 0 {
		add("answered by", "access "+strings.Join(answers, ", "))
	}
	sections := []output.Section{{Pairs: append(pairs, kit.Receipt(r.Receipt)...)}}
	if len(r.History) > 0 {
		sections = append(sections, output.Section{Title: "History", Grid: history(r.History)})
	}
	return append(sections, output.Section{Text: next(r)})
}

// standing is the state, with the days that it is overdue by.
func standing(r cases.Request) string {
	switch {
	case !r.Overdue || r.DaysLeft == nil:
		return state(r)
	case *r.DaysLeft == -1:
		return "overdue by a day"
	default:
		return fmt.Sprintf("overdue by %d days", -*r.DaysLeft)
	}
}

func history(steps []cases.RequestStep) *output.Grid {
	grid := &output.Grid{Headers: []string{"access", "at", "login", "step", "on", "because"}, Right: []bool{true}}
	matters := slices.ContainsFunc(steps, func(s cases.RequestStep) bool { return s.Matter != "" })
	if matters {
		grid.Headers = append(grid.Headers, "matter")
	}
	for _, s := range steps {
		because := s.Because
		if s.Outcome != "" {
			because = strings.TrimSpace(s.Outcome + " " + because)
		}
		row := []output.Cell{
			{Text: strconv.FormatInt(s.Access, 10), Style: output.Faint},
			{Text: kit.Instant(&s.At)},
			{Text: s.Login},
			{Text: s.Step, Style: output.Strong},
			{Text: s.On.String()},
			{Text: because},
		}
		if matters {
			row = append(row, output.Cell{Text: s.Matter})
		}
		grid.Rows = append(grid.Rows, row)
	}
	return grid
}

// next is what an officer does about it.
func next(r *cases.Request) string {
	switch {
	case r.State == "paused":
		return fmt.Sprintf("When the person has answered: patronctl request resume %d", r.ID)
	case r.State == "closed":
		return ""
	case r.Patron != nil && len(r.Answers) == 0 && (r.Kind == "access" || r.Kind == "portability"):
		return fmt.Sprintf("An officer of %s answers it: patronctl export id:%d --scope %s --request %d --to FILE",
			r.Home, *r.Patron, r.Kind, r.ID)
	case r.Patron != nil && len(r.Answers) == 0 && r.Kind == "erasure":
		return fmt.Sprintf("An officer of %s looks what goes: patronctl patron erase id:%d --request %d --dry-run", r.Home, *r.Patron, r.ID)
	default:
		return fmt.Sprintf("An officer of %s ends it: patronctl request close %d --outcome granted", r.Authority, r.ID)
	}
}
