package pgtest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg"
)

// Freeze stops the clock of the database at an instant, such as 2026-02-28 12:00Z, so that a test can stand at the very end of
// a time. Staff are registered since Day.
func (db *DB) Freeze(t testing.TB, at string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.DSN(localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // its work is done
	const stopped = "CREATE OR REPLACE FUNCTION patronctl.clock() RETURNS timestamptz LANGUAGE sql STABLE RETURN timestamptz '%s'"
	if _, err := conn.Exec(t.Context(), fmt.Sprintf(stopped, at)); err != nil {
		t.Fatal(err)
	}
}
