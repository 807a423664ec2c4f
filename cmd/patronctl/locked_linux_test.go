package main

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client/localpg/pgtest"
)

// TestLockedAccount works on an account that somebody else is changing: the program waits a little, then names who.
func TestLockedAccount(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	poison(t, db) // also makes the hostile login
	term := newTerminal(t, 80)
	if shown, code := term.run(db, "admin", "staff", "add", hostileLogin, "--role", "clerk", "--authority", "CAM"); code != 0 {
		t.Fatal(shown)
	}
	for _, login := range []string{"supervisor.cam", hostileLogin} {
		holder := db.Connect(t, login)
		var access int64
		tx, err := holder.Begin(t.Context())
		must(t, err)
		must(t, tx.QueryRow(t.Context(), `SELECT desk.open_access('password reset', '', '', '{"ref": "id:41"}')`).Scan(&access))
		must(t, tx.Commit(t.Context()))
		tx, err = holder.Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), `SELECT desk.reset_password($1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA')`,
			access)
		must(t, err)
		named := strings.NewReplacer("\x1b", `\x1b`, "\u202e", `\u202e`, "\u009b", `\u009b`).Replace(login)
		for line, named := range map[string]string{
			"password reset id:41 --yes":                           named,
			"history anonymize id:41 --before today --yes -o json": strings.ReplaceAll(named, `\`, `\\`),
		} {
			shown, code := term.run(db, "clerk.cam", append(strings.Fields(line), "--color", "never")...)
			if code != 6 || !strings.Contains(shown, "this account is being changed by "+named) {
				t.Errorf("%s: exit %d, %s", line, code, shown)
			}
			harmless(t, fmt.Sprintf("%s held by %q", line, login), shown)
		}
		must(t, tx.Rollback(t.Context()))
	}
}
