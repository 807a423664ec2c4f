package kit

import (
	"patronctl/client/people"
	"patronctl/output"
)

// VerdictStyle is how a verdict stands out.
func VerdictStyle(v people.Verdict) output.Style {
	switch v {
	case people.Clear:
		return output.Good
	case people.Refuse:
		return output.Bad
	default:
		return output.Caution
	}
}

// VerdictPairs are the first lines of a screen about somebody: the verdict and its reasons in words.
func VerdictPairs(v people.Verdict, reasons []string) []output.Pair {
	pairs := []output.Pair{{Name: "verdict", Value: string(v), Style: VerdictStyle(v)}}
	name := "because"
	for _, code := range reasons {
		pairs = append(pairs, output.Pair{Name: name, Value: reasonInWords(code)})
		name = ""
	}
	return pairs
}

func reasonInWords(code string) string {
	if words, ok := reasonWords[code]; ok {
		return words
	}
	return code // of a newer database; its name is better than nothing
}

// reasonWords explain the reasons that the database gives. "Here" is the authority whose desk asks.
var reasonWords = map[string]string{
	"deleted":       "the account was deleted",
	"erased":        "the account was erased",
	"expired":       "the registration has expired, and no membership is valid here",
	"card_lost":     "the card was reported lost",
	"blocked":       "a library has blocked the account",
	"warning":       "a library has placed a warning on the account",
	"overdue":       "items are overdue",
	"debt_own":      "owes more here than the limit allows",
	"debt_others":   "owes more to other libraries than the limit here allows",
	"debt_no_limit": "owes other libraries in a currency for which no limit is set here",
}
