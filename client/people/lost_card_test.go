package people_test

import (
	"fmt"
	"slices"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Whoever shows a card that was reported lost is refused, though its owner has a new one.
func TestALostCardIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	const lost, good = "80000001", sample.CardNoBirthDate
	super.Must("INSERT INTO lms.card (number, patron, status) VALUES ('%s', 23, 'lost')", lost)
	for screen, got := range screens(t, clerk, lost) {
		if got != "refuse card_lost" {
			t.Errorf("%s by the lost card: %s", screen, got)
		}
	}
	for screen, got := range screens(t, clerk, good) {
		if got != "clear" {
			t.Errorf("%s by the good card: %s", screen, got)
		}
	}
	// By whom, and not by which card, makes nobody a thief.
	for _, ref := range []string{"id:23", "dateless ivy"} {
		shown, err := people.Show(t.Context(), clerk, client.Why{}, ref, people.ShowOptions{})
		if err != nil || shown.Verdict != people.Clear {
			t.Errorf("%s: %v, %v", ref, shown, err)
		}
	}
	// A search may find others beside the card's owner.
	super.Must("UPDATE lms.identity SET surname = 'Samename', forenames = 'Sam' WHERE patron IN (20, 23)")
	found, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"samename"}})
	if err != nil || len(found) != 2 || found[0].Verdict != people.Clear || found[1].Verdict != people.Clear {
		t.Errorf("by name: %s, %v", pgtest.Text(t, found), err)
	}
	found, err = people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"samename", lost}})
	if err != nil || len(found) != 1 || found[0].Patron != 23 || !slices.Equal(found[0].Reasons, []string{"card_lost"}) {
		t.Errorf("by name and lost card: %s, %v", pgtest.Text(t, found), err)
	}
	for _, ref := range []string{" " + lost + " ", lost + "\r\n", "samename " + lost} {
		shown, err := people.Show(t.Context(), clerk, client.Why{}, ref, people.ShowOptions{})
		if err != nil || !slices.Equal(shown.Reasons, []string{"card_lost"}) {
			t.Errorf("by %q: %s, %v", ref, pgtest.Text(t, shown), err)
		}
	}
}

// In a list only the row of the lost card says so, in whatever order and chunk the owner's cards come.
func TestALostCardInAList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	const lost, good = "80000001", sample.CardNoBirthDate
	super.Must("INSERT INTO lms.card (number, patron, status) VALUES ('%s', 23, 'lost')", lost)
	many := make([]string, 1999)
	for n := range many {
		many[n] = fmt.Sprint("none", n)
	}
	for _, refs := range [][]string{
		{lost},
		{good},
		{lost, good},
		{good, lost},
		{good, lost, "id:23", lost, good},
		{"none", lost, good},
		slices.Concat(many, []string{lost, good}), slices.Concat(many, []string{good, lost}),
		slices.Concat([]string{lost}, many, []string{good, lost}),
	} {
		for n, check := range checkAll(t, officer, refs...) {
			want := people.DebtCheck{Input: refs[n], Verdict: people.NotFound}
			switch refs[n] {
			case lost:
				want = people.DebtCheck{Input: lost, Card: lost, Patron: 23, Verdict: people.Refuse, Reasons: []string{"card_lost"}}
			case good:
				want = people.DebtCheck{Input: good, Card: good, Patron: 23, Verdict: people.Clear}
			case "id:23":
				want = people.DebtCheck{Input: "id:23", Patron: 23, Verdict: people.Clear}
			}
			if check.Input != want.Input || check.Patron != want.Patron || check.Verdict != want.Verdict || check.Card != want.Card ||
				!slices.Equal(check.Reasons, want.Reasons) {
				t.Errorf("row %d of %d: %s", n, len(refs), pgtest.Text(t, check))
			}
		}
	}
}

// Somebody who was erased is nobody, and no reason to deny the others of a list.
func TestAnErasedPatronInAList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	super.Must(`INSERT INTO lms.card (number, patron, status) VALUES ('80000001', 40, 'lost');
		UPDATE lms.patron SET status = 'erased' WHERE id = 40;
		INSERT INTO lms.anonymous_patron (id, authority) VALUES (5555555, 'CAM')`)
	refs := []string{sample.CardSpecial, "80000001", sample.CardLongHistory, "id:40", "id:5555555", "id:abc", "ID:36"}
	for n, check := range checkAll(t, clerk, refs...) {
		if found := n == 2 || n == 6; found != (check.Patron == 36) || found == (check.Verdict == people.NotFound) || check.Reasons == nil ||
			check.Debts == nil {
			t.Errorf("%s: %s", refs[n], pgtest.Text(t, check))
		}
		if card := check.Card; card != "" && n != 2 {
			t.Errorf("%s is no card: %s", refs[n], card)
		}
	}
}
