package client_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// No owner's mistake changes a record.
func TestRecordsAreAppendOnly(t *testing.T) {
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	for _, statement := range []string{
		"UPDATE patronctl.access SET login = 'x'", "DELETE FROM patronctl.access WHERE id = 1", "TRUNCATE patronctl.access CASCADE",
		"UPDATE patronctl.result SET counts = '{}'", "DELETE FROM patronctl.result", "TRUNCATE patronctl.result",
	} {
		if _, err := super.run("SET ROLE patronctl_owner; %s", statement); code(err) != "LB409" {
			t.Errorf("%s: %v", statement, err)
		}
		super.must("RESET ROLE")
	}
}

// tamperings are what a superuser may do to sealed records, and how the next look finds it. The tree is built anew where the
// superuser would hide it, as well as can be done without the key.
var tamperings = []struct {
	name, sql string
	verify    string // what audit verify --full finds
	start     bool   // the next start of a workstation stops
	unhashed  bool   // found without --full too
}{
	{"edit what a record says", "UPDATE patronctl.access SET login = login || '2' WHERE id = $id", "record edited", false, false},
	{"edit a record and its hash", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id", "record edited", false, true},
	{"edit a result", "UPDATE patronctl.result SET counts = '{}' WHERE access = $written", "result edited", false, false},
	{"delete a record", "DELETE FROM patronctl.paging WHERE access = $id; DELETE FROM patronctl.access WHERE id = $id", "record deleted", false, true},
	{"delete a result", "DELETE FROM patronctl.result WHERE access = $written", "result deleted", false, true},
	{"insert a record", "INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(a, '{\"id\": 1000000, \"login\": \"clerk.pbk\"}')).* FROM patronctl.access AS a WHERE id = $id", "record inserted", false, true},
	{"reorder the leaves", "UPDATE patronctl.leaf SET number = -1 - number WHERE number IN (4, 5); UPDATE patronctl.leaf SET number = CASE number WHEN -5 THEN 5 ELSE 4 END WHERE number < 0", "not those that were sealed", false, true},
	{"edit record, hash and leaf", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id; UPDATE patronctl.leaf AS l SET hash = a.row_hash FROM patronctl.access AS a WHERE l.access = a.id AND NOT l.result AND a.id = $id", "not those that were sealed", false, true},
	{"build the tree anew over an edited record", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id; UPDATE patronctl.leaf AS l SET hash = a.row_hash FROM patronctl.access AS a WHERE l.access = a.id AND NOT l.result; DELETE FROM patronctl.node; SELECT desk.add_nodes(0, size) FROM patronctl.tree", "not those that were sealed", false, true},
	{"truncate everything", "TRUNCATE patronctl.access, patronctl.leaf, patronctl.node, patronctl.head CASCADE; UPDATE patronctl.tree SET size = 0, verifier = NULL", "nothing was sealed", true, true},
	{"roll the tree back to an earlier head", "DELETE FROM patronctl.head WHERE size = $size", "the tree ends at", true, true},
	{"empty the records, keep the tree", "TRUNCATE patronctl.access CASCADE", "record deleted", false, true},
	{"forge a head", "UPDATE patronctl.head SET signed = replace(signed, 'patronctl-audit-head', 'patronctl-audit-head ') WHERE size = $size", "not signed with its key", true, true},
	{"another database's number", "UPDATE patronctl.ledger SET database = gen_random_uuid()", "", true, true},
	{"drop the functions that tell", "DROP FUNCTION desk.heads(text[])", "lacks functions", true, true},
}

func TestTampering(t *testing.T) {
	printed := make([][]string, len(tamperings)+1)
	printed[0] = []string{"tampering", "the next start", "audit verify", "audit verify --full", "as expected"}
	t.Cleanup(func() {
		differences := 0
		for _, line := range printed {
			if line == nil || line[4] == "no" {
				differences++
			}
		}
		t.Logf("%d ways to tamper, %d differences\n%s", len(tamperings), differences, table(printed))
	})
	for n, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSealer(t)
			super := connect(t, s.db, "postgres")
			s.work()
			s.mustSeal()
			s.work()
			head := s.mustSeal()
			if _, err := s.start(); err != nil {
				t.Fatal(err)
			}
			id := super.must("SELECT min(a.id) FROM patronctl.access AS a WHERE NOT EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = a.id)")
			fill := strings.NewReplacer("$id", id, "$written", super.must("SELECT min(access) FROM patronctl.result"), "$size", super.must("SELECT max(size) FROM patronctl.head"))
			super.must("SET session_replication_role = replica; %s; RESET session_replication_role", fill.Replace(c.sql))

			_, err := s.start()
			if own, ok := errors.AsType[*client.Error](err); (err != nil) != c.start || err != nil && (!ok || own.Kind != client.KindRefused && own.Kind != client.KindInternal) {
				t.Errorf("the next start: %v", err)
			}
			find := func(full bool) bool {
				for _, f := range s.verify(head, full) {
					if c.verify != "" && strings.Contains(f.What, c.verify) {
						return true
					}
				}
				return c.verify == ""
			}
			full, hashes := find(true), find(false)
			if !full || hashes != c.unhashed {
				t.Errorf("found by audit verify --full: %v, without: %v; %v", full, hashes, s.verify(head, true))
			}
			say := func(found bool, yes, no string) string {
				if found {
					return yes
				}
				return no
			}
			what := cmp.Or(c.verify, "the start stops before it")
			printed[n+1] = []string{
				c.name, say(err != nil, "stops", "goes on"), say(hashes, "finds: "+what, "does not see it"), say(full, "finds: "+what, "does not see it"), say(t.Failed(), "no", "yes"),
			}
		})
	}
}
