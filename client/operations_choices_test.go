package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/people"
)

// tryChoices is try for consents, blocks, choices and special categories.
func tryChoices(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	word := "en"
	switch operation {
	case "patron set":
		_, err = people.SetChoices(ctx, c, why, s.patron, nil, &word)
	case "patron set special":
		_, err = people.SetSpecial(ctx, c, why, s.patron, people.SpecialChange{Faith: &word})
	case "patron show special":
		var shown *people.Patron
		if shown, err = people.Show(ctx, c, why, s.patron, people.ShowOptions{Special: true}); err == nil && shown.Special == nil {
			t.Error("no special categories")
		}
	case "patron list":
		why.Purpose = "marketing"
		for _, err = range people.ListConsented(ctx, c, why, people.ConsentFilter{Authority: s.authority}) {
			break
		}
	case "consent list":
		_, _, err = people.ListConsents(ctx, c, why, s.patron)
	case "consent missing":
		_, err = people.CountMissingConsents(ctx, c, why, s.authority)
	case "consent give", "consent withdraw":
		_, err = people.GiveConsent(ctx, c, why, s.patron, "", people.Consent{
			Purpose: "events",
			Channel: "post",
			Wording: "events-1",
			Source:  "desk",
		})
		if _, second := people.WithdrawConsent(ctx, c, why, s.patron, "", "events", "post"); (second == nil) != (err == nil) {
			t.Errorf("give: %v, withdraw: %v", err, second)
		}
	case "block list":
		_, _, err = people.ListBlocks(ctx, c, why, s.patron)
	case "block place", "block lift":
		_, err = people.PlaceBlock(ctx, c, why, s.patron, "", "warn", "conduct")
		if _, second := people.LiftBlocks(ctx, c, why, s.patron, "", 0); (second == nil) != (err == nil) {
			t.Errorf("place: %v, lift: %v", err, second)
		}
	default:
		t.Errorf("no test for %s", operation)
	}
	return err
}
