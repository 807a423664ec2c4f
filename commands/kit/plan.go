package kit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/output"
)

// PlanScreen is a plan as an officer reads it, and what can be done with it next.
func PlanScreen(p *forgetting.Plan) []output.Section {
	return append(PlanFacts(p), output.Section{Text: nextOfPlan(p)})
}

// PlanFacts is whom a plan is about, who was left out and why, and what runs have done so far.
func PlanFacts(p *forgetting.Plan) []output.Section {
	sections := []output.Section{planHead(p), planParts(p), planBranches(p), planSkipped(p)}
	if p.Done+p.LeftOut > 0 {
		sections = append(sections, PlanDone(p)...)
	}
	return sections
}

func planHead(p *forgetting.Plan) output.Section {
	pairs := []output.Pair{
		{Name: "plan", Value: strconv.FormatInt(p.ID, 10), Style: output.Strong},
		{Name: "state", Value: p.State, Style: planStyle(p.State)},
		{Name: "people", Value: strconv.Itoa(p.Todo), Style: output.Strong},
		{Name: "made", Value: Moment(p.MadeAt) + " by " + p.MadeBy},
		{Name: "hash", Value: p.Hash},
	}
	if p.NeedsApproval != "" {
		approved := "waiting"
		if p.ApprovedAt != nil {
			approved = Moment(*p.ApprovedAt) + " by " + p.ApprovedBy
		}
		pairs = append(pairs, output.Pair{Name: "too large", Value: p.NeedsApproval}, output.Pair{Name: "approved", Value: approved})
	}
	return output.Section{Pairs: append(pairs, Receipt(p.Receipt)...)}
}

func planStyle(state string) output.Style {
	switch state {
	case "ready", "done":
		return output.Good
	case "superseded", "withdrawn":
		return output.Faint
	default:
		return output.Caution
	}
}

func nextOfPlan(p *forgetting.Plan) string {
	switch {
	case p.State == "waiting":
		return "Another officer, of any member, approves it:\n  " + ApproveCommand(p)
	case p.State == "ready" && !p.MayRun:
		return "An officer runs it, or the nightly job when its rules are in force."
	case p.State == "ready" && p.Done+p.LeftOut > 0:
		return fmt.Sprintf("Not finished. Go on: patronctl retention run %d", p.ID)
	case p.State == "ready":
		return fmt.Sprintf("Nothing was done yet. Run it: patronctl retention run %d", p.ID)
	case p.State == "superseded":
		return "A newer plan took its place: patronctl retention runs"
	case p.State == "withdrawn":
		return "It was withdrawn with its rule. Make a new one: patronctl retention plan RULE"
	case p.Todo == 0:
		return "Nobody is due: there is nothing to do."
	default:
		return ""
	}
}

// ApproveCommand is what a second officer types.
func ApproveCommand(p *forgetting.Plan) string {
	return fmt.Sprintf("patronctl retention approve %d --hash %s", p.ID, p.Hash)
}

func planParts(p *forgetting.Plan) output.Section {
	grid := &output.Grid{
		Headers: []string{"rule", "authority", "action", "before", "people", "skipped", "cap"},
		Right:   []bool{false, false, false, false, true, true, true},
	}
	for _, part := range p.Parts {
		skipped := 0
		for _, branch := range part.Branches {
			skipped += branch.Skipped
		}
		people := output.Cell{Text: strconv.Itoa(part.Todo), Style: output.Strong}
		if part.Todo > part.Cap {
			people.Style = output.Caution
		}
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: cmp.Or(part.Rule, p.Origin)},
			{Text: part.Authority},
			{Text: part.Action},
			{Text: Day(part.Before)},
			people,
			{Text: strconv.Itoa(skipped)},
			{Text: strconv.Itoa(part.Cap)},
		})
	}
	return output.Section{Title: "Parts", Grid: grid}
}

func planBranches(p *forgetting.Plan) output.Section {
	grid := &output.Grid{Headers: []string{"branch", "people", "skipped"}, Right: []bool{false, true, true}}
	for _, part := range p.Parts {
		for _, branch := range part.Branches {
			row := []output.Cell{{Text: branch.Branch}, {Text: strconv.Itoa(branch.Todo)}, {Text: strconv.Itoa(branch.Skipped)}}
			grid.Rows = append(grid.Rows, row)
		}
	}
	return ofParts(p, "By branch", grid, func(part forgetting.PlanPart) int { return len(part.Branches) })
}

// planSkipped counts people by reason; somebody can have several.
func planSkipped(p *forgetting.Plan) output.Section {
	grid := &output.Grid{Headers: []string{"people", "because"}, Right: []bool{true}}
	for _, part := range p.Parts {
		grid.Rows = append(grid.Rows, reasonRows(part.Skipped)...)
	}
	return ofParts(p, "Skipped", grid, func(part forgetting.PlanPart) int { return len(part.Skipped) })
}

func reasonRows(reasons []client.Skipped) [][]output.Cell {
	var rows [][]output.Cell
	for _, s := range reasons {
		rows = append(rows, []output.Cell{{Text: strconv.Itoa(s.Count)}, {Text: PlanReason(s.Reason)}})
	}
	return rows
}

// ofParts is a section with the rows of every part; of several parts each row says which it belongs to.
func ofParts(p *forgetting.Plan, title string, grid *output.Grid, rows func(forgetting.PlanPart) int) output.Section {
	if len(grid.Rows) == 0 {
		return output.Section{}
	}
	if len(p.Parts) > 1 {
		grid.Headers, grid.Right = append([]string{"rule"}, grid.Headers...), append([]bool{false}, grid.Right...)
		n := 0
		for _, part := range p.Parts {
			for range rows(part) {
				grid.Rows[n] = append([]output.Cell{{Text: PartName(part.Rule, part.Authority)}}, grid.Rows[n]...)
				n++
			}
		}
	}
	return output.Section{Title: title, Grid: grid}
}

// PartName is a rule and the authority it is applied to.
func PartName(rule, authority string) string { return strings.TrimSpace(rule + " " + authority) }

// PlanDone is what runs have made of a plan: how many people and rows were dealt with, and who had changed since.
func PlanDone(p *forgetting.Plan) []output.Section {
	done := output.Section{
		Title: "Done",
		Pairs: []output.Pair{{Name: "people", Value: fmt.Sprintf("%d of %d", p.Done, p.Todo), Style: output.Strong}},
	}
	counts := map[string]int{}
	for _, part := range p.Parts {
		for kind, n := range part.Counts {
			counts[kind] += n
		}
	}
	for _, kind := range []string{"loans", "holds", "zero_fees", "fees_unlinked", "fees"} {
		if n, ok := counts[kind]; ok {
			done.Pairs = append(done.Pairs, output.Pair{Name: rowWords[kind], Value: strconv.Itoa(n)})
		}
	}
	if left := p.Todo - p.Done - p.LeftOut; left > 0 {
		done.Pairs = append(done.Pairs, output.Pair{Name: "remaining", Value: strconv.Itoa(left), Style: output.Caution})
	}
	sections := []output.Section{done}
	if p.LeftOut > 0 {
		sections = append(sections, output.Section{Title: "Left out by the run; the next plan has them again if they are due", Grid: &output.Grid{
			Headers: []string{"people", "because"}, Right: []bool{true}, Rows: reasonRows(p.LeftOutBy),
		}})
	}
	return sections
}

// rowWords say what was counted.
var rowWords = map[string]string{
	"loans": "loans moved", "holds": "holds moved", "zero_fees": "zero fees moved",
	"fees_unlinked": "fees unlinked from loans", "fees": "fees unlinked from people",
}

// PlanReason is why somebody is left out of a plan, in words.
func PlanReason(code string) string {
	word, about, _ := strings.Cut(code, " ")
	words, ok := planReasons[word]
	if !ok {
		return code // of a newer database; its name is better than nothing
	}
	return strings.ReplaceAll(words, "%", about)
}

// PlanReasons is several of them for one cell.
func PlanReasons(codes []string) string {
	words := slices.Clone(codes)
	for i, code := range words {
		words[i] = PlanReason(code)
	}
	return strings.Join(words, ", ")
}

var planReasons = map[string]string{
	"loans":         "loans out at %",
	"reservations":  "open reservations at %",
	"orders":        "open orders at %",
	"fees":          "owes fees at %",
	"credit":        "% owes them money",
	"memberships":   "still a member at %",
	"request":       "an open request at %",
	"disclosure":    "a disclosure that waits at %",
	"guardian":      "guardian of somebody who is active",
	"protected":     "protected: no rule may erase the account",
	"no_date":       "no date to count from",
	"reactivation":  "can still be reactivated",
	"rule":          "left to the closer rule %",
	"keeps_history": "chose to keep the history",
	"unpaid_fee":    "an unpaid fee on a loan",
	"last_borrower": "last borrower of an item, kept for now",
	"on_loan":       "loan not returned yet",
	"open_hold":     "hold still open",
	"home":          "at home at %",
	"busy":          "somebody was working on the account",
	"changed":       "not due when it was run",
	"failed":        "could not be done (%): ask whoever runs the database",
}
