package client_test

import (
	"fmt"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Across authorities people are opened for service and debt only.
func TestPurposesAcrossAuthorities(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk := db.Client(t, "clerk.cam")
	for _, purpose := range []string{"", "service", "debt", "legal", "subject-request", "support", "maintenance"} {
		across := purpose == "" || purpose == "service" || purpose == "debt"
		for card, allowed := range map[string]bool{sample.CardLongHistory: true, sample.CardTwinOwing: across} {
			_, err := people.Show(t.Context(), clerk, client.Why{Purpose: purpose}, card, people.ShowOptions{})
			if allowed && err != nil || !allowed && pgtest.Kind(err) != client.KindRefused {
				t.Errorf("%s for %q: %v", card, purpose, err)
			}
		}
	}
	_, err := people.Show(t.Context(), clerk, client.Why{Purpose: "curiosity"}, sample.CardLongHistory, people.ShowOptions{})
	pgtest.OfKind(t, err, client.KindUsage)
}

// A search for such a purpose looks at home, also where many elsewhere would fit better.
func TestFindingForAPurposeAtHome(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	for n := range 25 {
		super.Patron("KEN", fmt.Sprint("7800", n), "Quimby", fmt.Sprint("A", n), "")
	}
	home := super.Patron("CAM", "77000001", "Quimbyson", "Zoe", "")
	ask := func(purpose string) string {
		found, err := people.Find(t.Context(), clerk, client.Why{Purpose: purpose}, people.FindQuery{Words: []string{"quimby"}})
		if err != nil {
			t.Fatal(err)
		}
		ids := ""
		for _, p := range found {
			ids += fmt.Sprintf("%s%d ", p.Authority, p.Patron)
		}
		return ids
	}
	if got := ask("legal"); got != "CAM"+home+" " {
		t.Errorf("for legal: %s", got)
	}
	if found, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"quimby"}}); err != nil ||
		len(found) != 20 || found[19].Authority != "KEN" {
		t.Errorf("for service: %d, %v: the test shows nothing when home patrons are among them anyway", len(found), err)
	}
	_, err := people.Find(t.Context(), clerk, client.Why{Purpose: "legal"}, people.FindQuery{Words: []string{"quimby"}, Authority: "KEN"})
	pgtest.OfKind(t, err, client.KindNotFound)
}

// A purpose that needs consent opens those who gave it at home, as long as it is in force.
func TestPurposesThatNeedConsent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	super.Must("INSERT INTO patronctl.setting VALUES ('consent_purposes', 'CAM', 'book-club')")
	patron := super.Patron("CAM", "77000001", "Willing", "Wilma", "")
	why := client.Why{Purpose: "book-club"}
	for name, test := range map[string]struct {
		consent string // authority, purpose, given, withdrawn
		allowed bool
	}{
		"none":                 {"", false},
		"given":                {"'CAM', 'book-club', '2026-01-01', NULL", true},
		"given for later":      {"'CAM', 'book-club', '2026-02-01', NULL", false},
		"withdrawn":            {"'CAM', 'book-club', '2025-01-01', '2026-01-30'", false},
		"withdrawn from later": {"'CAM', 'book-club', '2025-01-01', '2026-02-01'", true},
		"to another authority": {"'KEN', 'book-club', '2026-01-01', NULL", false},
		"for something else":   {"'CAM', 'marketing', '2026-01-01', NULL", false},
		"withdrawn, then given again": {
			"'CAM', 'book-club', '2024-01-01', '2025-01-01'), (" + patron + ", 'CAM', 'book-club', '2026-01-01', NULL", true,
		},
	} {
		super.Must("SET session_replication_role = replica; DELETE FROM lms.consent WHERE patron = %s; RESET session_replication_role", patron)
		if test.consent != "" {
			super.Must("INSERT INTO lms.consent (patron, authority, purpose, given_at, withdrawn_at) VALUES (%s, %s)", patron, test.consent)
		}
		_, show := people.Show(t.Context(), clerk, why, "77000001", people.ShowOptions{})
		_, find := people.Find(t.Context(), clerk, why, people.FindQuery{Words: []string{"willing"}})
		if test.allowed && (show != nil || find != nil) ||
			!test.allowed && (pgtest.Kind(show) != client.KindRefused || pgtest.Kind(find) != client.KindNotFound) {
			t.Errorf("%s: %v, %v", name, show, find)
		}
	}
	// Consent given here opens nobody of another authority, and gives another authority no purpose.
	super.Must(`
		INSERT INTO lms.consent (patron, authority, purpose, given_at)
		VALUES (13, 'CAM', 'book-club', '2026-01-01'), (13, 'KEN', 'book-club', '2026-01-01'),
			(%s, 'CAM', 'book-club', '2026-01-01')`, patron)
	_, err := people.Show(t.Context(), clerk, why, sample.CardTwinOwing, people.ShowOptions{})
	pgtest.OfKind(t, err, client.KindRefused)
	for _, login := range []string{"clerk.ken", "support"} {
		_, err = people.Show(t.Context(), db.Client(t, login), why, "77000001", people.ShowOptions{})
		pgtest.OfKind(t, err, client.KindUsage)
	}
}
