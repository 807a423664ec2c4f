package kit

import (
	"testing"

	"patronctl/client/people"
)

func TestOwesNamesWhoIsOwedAndLeavesCreditsOut(t *testing.T) {
	got := Owes([]people.Debt{
		{Authority: "NOR", Currency: "GBP", Outstanding: "12.50"},
		{Authority: "SUF", Currency: "GBP", Outstanding: "-3.00"},
		{Authority: "BRA", Currency: "EUR", Outstanding: "0.01"},
		{Authority: "ESX", Currency: "GBP", Outstanding: "0.00", OverdueItems: 2},
	})
	if want := "NOR 12.50 GBP, BRA 0.01 EUR"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
