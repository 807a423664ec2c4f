package pgtest

import (
	"strings"
	"testing"
)

// A search that finds nothing is worth something when it finds what is there.
func TestTracesAreFound(t *testing.T) {
	if _, err := New(t).Super(t).Exec(t.Context(), "DO $$ BEGIN RAISE LOG 'a trace: Zyxwvut'; END $$; SELECT 1 AS a_zyxwvut"); err != nil {
		t.Fatal(err)
	}
	found := strings.Join(Traces(t, "zyxwVUT"), "\n")
	if !strings.Contains(found, "LOG:  a trace") {
		t.Errorf("not found in the log: %s", found)
	}
	if CountsStatements(t) && !strings.Contains(found, "AS a_zyxwvut") {
		t.Errorf("not found among the statements: %s", found)
	}
}
