package kit

import (
	"testing"

	"patronctl/client"
)

func TestOwesNamesWhoIsOwedAndLeavesCreditsOut(t *testing.T) {
	got := Owes([]client.Debt{
		{Authority: "NOR", Currency: "GBP", Outstanding: "12.50"},
		{Authority: "SUF", Currency: "GBP", Outstanding: "-3.00"},
		{Authority: "BRA", Currency: "EUR", Outstanding: "0.01"},
		{Authority: "ESX", Currency: "GBP", Outstanding: "0.00", OverdueItems: 2},
	})
	if want := "NOR 12.50 GBP, BRA 0.01 EUR"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestName(t *testing.T) {
	for want, parts := range map[string][2]string{
		"Novák, Anna": {"Novák", "Anna"},
		"Novák":       {"Novák", ""},
		"Anna":        {"", "Anna"},
		"":            {"", ""},
	} {
		if got := Name(parts[0], parts[1]); got != want {
			t.Errorf("%q: got %q, want %q", parts, got, want)
		}
	}
}

func TestReasonsAreSentencesAndUnknownCodesSurvive(t *testing.T) {
	pairs := VerdictPairs(client.Refuse, []string{"card_lost", "of_tomorrow"})
	if len(pairs) != 3 || pairs[0].Value != "refuse" || pairs[1].Value != "the card was reported lost" || pairs[2].Value != "of_tomorrow" {
		t.Errorf("%+v", pairs)
	}
}
