package main

import (
	"strings"
	"testing"

	"patronctl/client/localpg/pgtest"
)

// TestChoicesOnATerminal answers what "patron set" asks: the choice is made in any case, the history goes on yes only, and a
// special category that was typed is shown to nobody.
func TestChoicesOnATerminal(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := db.Super(t)
	state := func(want string) {
		t.Helper()
		var got string
		must(t, super.QueryRow(t.Context(),
			`SELECT concat_ws(' ', p.keeps_history, (SELECT count(*) FROM lms.loan WHERE patron = 36), s.faith, s.disability)
			FROM lms.patron AS p LEFT JOIN lms.special AS s ON s.patron = p.id WHERE p.id = 36`).Scan(&got))
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, test := range []struct {
		line, typed string
		code        int
		shows, want string
	}{
		{"patron set 90000036 --keep-history yes", "", 0, "kept at the patron's wish", "t 242"},
		{
			"patron set 90000036 --keep-history no", "n\n", 0,
			"Bookworm (patron 36) is not kept from now on. Also make what there is anonymous, for good? Loans: 2", "f 242",
		},
		{"patron set 90000036 --keep-history no", "\n", 0, "patronctl history anonymize id:36", "f 242"},
		{"patron set 90000036 --special faith,disability", "Quaker\nhearing loss\n", 0, "2 written", "f 242 Quaker hearing loss"},
		{"patron set 90000036 --special faith", "\n", 0, "1 written", "f 242 hearing loss"},
		{"patron set 90000036 --keep-history no", "y\n", 0, "anonymized", "f 10 hearing loss"},
		{"patron set 90000036 --keep-history no", "", 0, "not kept", "f 10 hearing loss"}, // nothing left to ask about
	} {
		term := newTerminal(t, 80)
		term.press(test.typed)
		shown, code := term.run(db, "clerk.cam", words(test.line)...)
		if _, said, _ := strings.Cut(shown, "Set"); code != test.code || !strings.Contains(shown, test.shows) ||
			strings.Contains(said, "Quaker") {
			t.Errorf("%s: exit %d, %s", test.line, code, shown)
		}
		harmless(t, test.line, colours.ReplaceAllString(strings.ReplaceAll(shown, "\r", ""), ""))
		state(test.want)
	}
}
