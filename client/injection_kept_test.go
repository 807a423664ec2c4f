package client_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// What the functions take as free text is kept to the byte, without the spaces around it, and shown again; or it is refused in
// one of their own lines.
func TestHostileTextsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, auditor, admin := db.Super(t), db.Client(t, "auditor"), db.Client(t, "admin")
	var kept, personal, refused int
	until := pgtest.Date(t, "2026-12-31")
	for n, text := range pgtest.Hostile() {
		if n%8 != 0 || len(text) > 1000 { // the others are tried without being kept
			continue
		}
		_, err := install.ShowStatus(t.Context(), auditor, client.Why{Reason: text})
		if err != nil {
			refused++
			//nolint:errorlint // the client's own, not wrapped
			if e, ok := err.(*client.Error); !ok || e.Kind != client.KindUsage || strings.ContainsAny(e.Message, "\n\x1b") {
				t.Errorf("reason %.60q: %v", text, err)
			}
		}
		want := strings.Trim(text, " ")
		var access int64
		var reason, because *string
		if err := super.QueryRow(t.Context(), `
			SELECT id, reason, because
			FROM patronctl.access
			WHERE login = 'auditor' AND operation = 'db status'
			ORDER BY id DESC LIMIT 1`).Scan(&access, &reason, &because); err != nil {
			t.Fatal(err)
		}
		switch {
		case err != nil && because != nil && reason == nil: // it speaks about a person
			personal++
		case err == nil && (reason == nil && want != "" || reason != nil && *reason != want):
			t.Errorf("reason %.60q is kept as %v", text, reason)
		case err == nil:
			kept++
			if shown, err := audit.ShowAccess(t.Context(), auditor, client.Why{}, access); err != nil || shown.Reason != want {
				t.Errorf("reason %.60q is shown as %+v: %v", text, shown, err)
			}
		}
		_, err = staff.Add(t.Context(), admin, client.Why{}, staff.Registration{
			Login:        "clerk.pbk",
			Authority:    "PBK",
			Role:         "clerk",
			Kind:         "partner",
			Organisation: text,
			Agreement:    text,
			ValidTo:      &until,
		})
		if err != nil {
			if e, ok := err.(*client.Error); !ok || e.Kind == client.KindInternal { //nolint:errorlint // the client's own, not wrapped
				t.Errorf("organisation %.60q: %v", text, err)
			}
			if utf8.ValidString(text) && !strings.ContainsRune(text, 0) && utf8.RuneCountInString(text) <= 100 && strings.TrimSpace(text) != "" {
				t.Errorf("organisation %.60q is refused: %v", text, err)
			}
			continue
		}
		staff, err := staff.List(t.Context(), admin, client.Why{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range staff {
			if s.Login == "clerk.pbk" && s.Authority == "PBK" && (s.Organisation != text || s.Agreement != text) {
				t.Errorf("organisation %.60q is kept as %q, %q", text, s.Organisation, s.Agreement)
			}
		}
	}
	t.Logf("reasons: %d kept, %d about people, %d refused", kept, personal, refused-personal)
}
