package patron

import (
	"strconv"

	"patronctl/client/forgetting"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// erasedScreen is all that is left to tell of an erased account.
func erasedScreen(p *people.Patron) []output.Section {
	about := append(kit.VerdictPairs(p.Verdict, p.Reasons), filled(
		output.Pair{Name: "patron", Value: "id:" + strconv.FormatInt(p.Patron, 10)},
		output.Pair{Name: "home", Value: p.Authority},
	)...)
	return []output.Section{
		{Pairs: about},
		{Title: "This account was erased", Pairs: append(erasedState(p.Erasure), recorded(p.Access))},
	}
}

// erasedState tells how far the values are gone. Without a number the account came erased from another system.
func erasedState(e *forgetting.ErasedState) []output.Pair {
	if e.Number == 0 {
		return []output.Pair{{Name: "ledger", Value: "not in it: the account was erased elsewhere"}}
	}
	by := "the rule " + e.Rule
	if e.Rule == "request" {
		by = "a request of the person"
	}
	scrubbed := output.Pair{Name: "scrubbed", Value: kit.Instant(e.ScrubbedAt)}
	if e.ScrubbedAt == nil {
		scrubbed = output.Pair{Name: "scrubbed", Value: "not yet: patronctl erasure scrub", Style: output.Caution}
	}
	return filled(
		output.Pair{Name: "erased", Value: kit.Instant(e.ErasedAt)},
		output.Pair{Name: "by", Value: by},
		output.Pair{Name: "ledger", Value: "number " + strconv.FormatInt(e.Number, 10)},
		scrubbed,
		output.Pair{Name: "backups clean on", Value: kit.Day(e.BackupsCleanOn)},
	)
}
