package retention

import (
	"cmp"
	"fmt"
	"strings"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

// actions says what each action does.
var actions = map[string]string{
	"erase-deleted":     "erases accounts that were deleted",
	"erase-lapsed":      "erases accounts that have lapsed",
	"anonymize-history": "moves returned loans, closed holds and zero fees to anonymous patrons",
	"unlink-accounts":   "unlinks paid fees from people; the amounts stay",
}

// countedFrom says which day a time is counted from.
var countedFrom = map[string]string{
	"expired":  "the account expired",
	"last-fee": "the registration fee was last paid (if never: the account expired)",
	"deleted":  "the account was deleted (if unknown: it expired)",
}

// screen is a rule in words.
func screen(r *forgetting.Rule) []output.Section {
	pairs := []output.Pair{
		{Name: "rule", Value: r.Name, Style: output.Strong},
		{Name: "of", Value: cmp.Or(r.Authority, "every authority that puts it in force")},
		inForce(r),
		{Name: "action", Value: cmp.Or(actions[r.Action], r.Action) + " (" + r.Action + ")"},
		{Name: "after", Value: after(r), Style: output.Strong},
		{Name: "area", Value: area(*r)},
		{Name: "stays", Value: stays(r)},
	}
	if r.Action == "anonymize-history" {
		pairs = append(pairs, output.Pair{Name: "groups", Value: groups(r)})
	}
	pairs = append(pairs, output.Pair{Name: "cap", Value: fmt.Sprintf("%d people; a plan of more waits for another officer", r.Cap)})
	return []output.Section{{Pairs: append(pairs, kit.Receipt(r.Receipt)...)}}
}

func inForce(r *forgetting.Rule) output.Pair {
	pair := output.Pair{Name: "in force", Value: strings.Join(r.InForce, ", "), Style: output.Good}
	if len(r.InForce) == 0 {
		pair.Value, pair.Style = "nowhere; to change that: patronctl retention enable "+r.Name, output.Caution
	}
	return pair
}

func after(r *forgetting.Rule) string {
	switch r.Action {
	case "anonymize-history":
		return r.Age + " from the return of the loan, the end of the hold, the day of the fee"
	case "unlink-accounts":
		return r.Age + " from the last payment"
	default:
		return r.Age + " from the day " + cmp.Or(countedFrom[r.CountedFrom], r.CountedFrom)
	}
}

func area(r forgetting.Rule) string {
	var parts []string
	if len(r.Branches) > 0 {
		parts = append(parts, "branches "+strings.Join(r.Branches, ", "))
	}
	if len(r.ExceptBranches) > 0 {
		parts = append(parts, "not branches "+strings.Join(r.ExceptBranches, ", "))
	}
	if len(r.Categories) > 0 {
		parts = append(parts, "categories "+strings.Join(r.Categories, ", "))
	}
	return cmp.Or(strings.Join(parts, "; "), "everybody")
}

// stays says who or what a rule leaves alone.
func stays(r *forgetting.Rule) string {
	switch r.Action {
	case "unlink-accounts":
		return "fees that are not settled"
	case "anonymize-history":
		kept := "loans not returned or with an unpaid fee, open holds"
		if r.LastBorrower > 0 {
			kept += fmt.Sprintf(", the last loan of each item for %d days", r.LastBorrower)
		}
		if len(r.Despite) == 0 {
			kept += ", everything of people who chose to keep their history"
		}
		return kept
	}
	who := "whoever is protected"
	if r.Action == "erase-lapsed" {
		who += ", guardian of an active account, can still be reactivated"
	}
	who += ", or has at any authority: loans, reservations, orders, unpaid fees or credit, a membership"
	if len(r.Despite) > 0 {
		who += "; of its own authority these do not count: " + strings.Join(r.Despite, ", ")
	}
	return who
}

func groups(r *forgetting.Rule) string {
	if r.GeneralizeTo == 0 {
		return "branch, category and birth year"
	}
	return fmt.Sprintf("branch, category and birth year, widened until %d people fit", r.GeneralizeTo)
}
