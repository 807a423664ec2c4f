package audit_test

import (
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
)

// A database of another version cannot tell its heads. Whoever saw them once is stopped there, but for who upgrades it.
func TestUpgradeOfWhatCannotTellItsHeads(t *testing.T) {
	s := newSealer(t)
	s.work()
	s.mustSeal()
	if _, err := s.start(); err != nil {
		t.Fatal(err)
	}
	super := pgtest.Connect(t, s.db, "postgres")
	super.Must("ALTER FUNCTION desk.heads(text[]) RENAME TO heads_of_old")
	if _, err := s.start(); err == nil || !strings.Contains(err.Error(), "lacks functions") {
		t.Errorf("a desk: %v", err)
	}
	owner := client.Config{DSN: s.db.DSN("library"), Observers: pgtest.Watching(), StateDir: s.workstation}
	if _, err := client.Open(t.Context(), owner); err == nil {
		t.Error("the owner for something else got in")
	}
	owner.AnyVersion = true
	c, err := client.Open(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := install.Upgrade(t.Context(), c, func(string) {}); err != nil {
		t.Error(err)
	}
	if _, err := s.start(); err != nil {
		t.Errorf("after it: %v", err)
	}
}
