package sample

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// cardOwner is the id of the patron with that card.
func cardOwner(t *testing.T, data map[string][]row, card string) string {
	t.Helper()
	for _, r := range data["card"] {
		if r["number"] == card {
			return r["patron"]
		}
	}
	t.Fatalf("no card %s", card)
	return ""
}

func TestAwkwardCardsAreFixed(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	identities := by(t, data["identity"], "patron")
	for i, person := range Awkward {
		if want := strconv.Itoa(90_000_001 + i); person.Card != want {
			t.Errorf("%s: card %s, not %s", person.What, person.Card, want)
		}
		who := identities[cardOwner(t, data, person.Card)]
		if who["surname"] != person.surname || who["forenames"] != person.forenames {
			t.Errorf("%s: another person has card %s", person.What, person.Card)
		}
		if !utf8.ValidString(person.surname+person.forenames) || strings.ContainsRune(person.surname+person.forenames, 0) {
			t.Errorf("%s: the name cannot be stored", person.What)
		}
	}
}

func TestAwkwardAccounts(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	patrons, identities := by(t, data["patron"], "id"), by(t, data["identity"], "patron")
	credentials, cards := by(t, data["credential"], "patron"), by(t, data["card"], "number")
	patron := func(card string) row { return patrons[cardOwner(t, data, card)] }
	identity := func(card string) row { return identities[cardOwner(t, data, card)] }

	free, owing := identity(CardTwinClear), identity(CardTwinOwing)
	if free["surname"] != owing["surname"] || free["birth_date"] != owing["birth_date"] || free["authority"] == owing["authority"] {
		t.Errorf("no twins: %v and %v", free, owing)
	}
	for what, holds := range map[string]bool{
		"expired":       patron(CardExpired)["expires_on"] < "2026-01-31",
		"lost":          cards[CardLost]["status"] == "lost",
		"external":      patron(CardExternal)["login"] == "external" && credentials[cardOwner(t, data, CardExternal)] == nil,
		"guardian":      patron(CardChild)["guardian_patron"] == patron(CardParent)["id"],
		"protected":     patron(CardProtected)["protected"] == "t",
		"no birth date": identity(CardNoBirthDate)["birth_date"] == "",
		"locked out":    credentials[cardOwner(t, data, CardLockedOut)]["locked_until"] > "2026-01-31",
		"one-time code": credentials[cardOwner(t, data, CardOneTime)]["one_time_until"] > "2026-01-31",
		"keeps history": patron(CardKeepsHistory)["keeps_history"] == "t",
		"deleted":       patron(CardDeleted)["status"] == "deleted",
	} {
		if !holds {
			t.Errorf("not as promised: %s", what)
		}
	}
	for card, want := range map[string]map[string]int{
		CardTwinClear:     {},
		CardTwinOwing:     {"KEN": 3750},
		CardOwesElsewhere: {"KEN": 4200},
		CardOwesEuro:      {"PBK": 1860},
		CardCredit:        {"CAM": -1000, "KEN": 1240},
		"90000041":        {"CAM": 9600},
	} {
		got := outstanding(t, data, cardOwner(t, data, card))
		for _, authority := range []string{"CAM", "KEN", "PBK"} {
			if got[authority] != want[authority] {
				t.Errorf("card %s owes %d cents at %s, not %d", card, got[authority], authority, want[authority])
			}
		}
	}
}

// outstanding is fees less payments, in cents by authority.
func outstanding(t *testing.T, data map[string][]row, patron string) map[string]int {
	t.Helper()
	sum, at := map[string]int{}, map[string]string{}
	for _, fee := range data["fee"] {
		if fee["patron"] == patron {
			at[fee["id"]] = fee["authority"]
			sum[fee["authority"]] += cents(t, fee["amount"])
		}
	}
	for _, payment := range data["payment"] {
		if authority, ok := at[payment["fee"]]; ok {
			sum[authority] -= cents(t, payment["amount"])
		}
	}
	return sum
}

// TestGroups checks the two accounts on which anonymizing is shown: one can hide among others, one cannot.
func TestGroups(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	patrons, people := by(t, data["patron"], "id"), map[string]int{}
	group := func(p row) string {
		return strings.Join([]string{p["authority"], p["branch"], p["category"], p["birth_year"]}, "/")
	}
	for _, p := range data["patron"] {
		people[group(p)]++
	}
	if n := people[group(patrons[cardOwner(t, data, CardTinyGroup)])]; n != 1 {
		t.Errorf("%d people in the tiny group", n)
	}
	reader := cardOwner(t, data, CardLongHistory)
	if n := people[group(patrons[reader])]; n < 5 {
		t.Errorf("only %d people in the group of the long history", n)
	}
	returned, active := 0, 0
	for _, loan := range data["loan"] {
		switch {
		case loan["patron"] != reader:
		case loan["returned_at"] == "":
			active++
		default:
			returned++
		}
	}
	if returned != 240 || active != 2 {
		t.Errorf("%d returned and %d active loans, not 240 and 2", returned, active)
	}
	if owes := outstanding(t, data, reader)["CAM"]; owes <= 0 {
		t.Errorf("the long history owes %d cents", owes)
	}
}
