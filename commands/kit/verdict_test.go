package kit

import (
	"testing"

	"patronctl/client/people"
)

func TestReasonsAreSentencesAndUnknownCodesSurvive(t *testing.T) {
	pairs := VerdictPairs(people.Refuse, []string{"card_lost", "of_tomorrow"})
	if len(pairs) != 3 || pairs[0].Value != "refuse" || pairs[1].Value != "the card was reported lost" || pairs[2].Value != "of_tomorrow" {
		t.Errorf("%+v", pairs)
	}
}
