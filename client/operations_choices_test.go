package client_test

import (
	"testing"

	"patronctl/client"
)

// tryChoices is try for consents, blocks, choices and special categories.
func tryChoices(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	word := "en"
	switch operation {
	case "patron set":
		_, err = c.SetChoices(ctx, why, s.patron, nil, &word)
	case "patron set special":
		_, err = c.SetSpecial(ctx, why, s.patron, client.SpecialChange{Faith: &word})
	case "patron show special":
		var shown *client.Patron
		if shown, err = c.ShowPatron(ctx, why, s.patron, client.ShowOptions{Special: true}); err == nil && shown.Special == nil {
			t.Error("no special categories")
		}
	case "patron list":
		why.Purpose = "marketing"
		for _, err = range c.ListConsented(ctx, why, client.ConsentFilter{Authority: s.authority}) {
			break
		}
	case "consent list":
		_, _, err = c.ListConsents(ctx, why, s.patron)
	case "consent missing":
		_, err = c.CountMissingConsents(ctx, why, s.authority)
	case "consent give", "consent withdraw":
		_, err = c.GiveConsent(ctx, why, s.patron, "", client.Consent{Purpose: "events", Channel: "post", Wording: "events-1", Source: "desk"})
		if _, second := c.WithdrawConsent(ctx, why, s.patron, "", "events", "post"); (second == nil) != (err == nil) {
			t.Errorf("give: %v, withdraw: %v", err, second)
		}
	case "block list":
		_, _, err = c.ListBlocks(ctx, why, s.patron)
	case "block place", "block lift":
		_, err = c.PlaceBlock(ctx, why, s.patron, "", "warn", "conduct")
		if _, second := c.LiftBlocks(ctx, why, s.patron, "", 0); (second == nil) != (err == nil) {
			t.Errorf("place: %v, lift: %v", err, second)
		}
	default:
		t.Errorf("no test for %s", operation)
	}
	return err
}
