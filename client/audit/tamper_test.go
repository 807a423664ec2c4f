package audit_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/localpg/pgtest"
)

// No owner's mistake changes a record.
func TestRecordsAreAppendOnly(t *testing.T) {
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	for _, statement := range []string{
		"UPDATE patronctl.access SET login = 'x'", "DELETE FROM patronctl.access WHERE id = 1", "TRUNCATE patronctl.access CASCADE",
		"UPDATE patronctl.result SET counts = '{}'", "DELETE FROM patronctl.result", "TRUNCATE patronctl.result",
	} {
		if _, err := super.Run("SET ROLE patronctl_owner; %s", statement); pgtest.Code(err) != "LB409" {
			t.Errorf("%s: %v", statement, err)
		}
		super.Must("RESET ROLE")
	}
}

// tamperings are what a superuser may do to sealed records, and how the next look finds it. The tree is built anew where the
// superuser would hide it, as well as can be done without the key.
var tamperings = []struct {
	name, sql string
	verify    string // what audit verify --full finds
	start     string // what the next start of a workstation does at once: it stops, it tells, or nothing
	later     string // and what it does once the sealer has run
	unhashed  bool   // found without --full too
}{
	{"edit what a record says", "UPDATE patronctl.access SET login = login || '2' WHERE id = $id", "record edited", "tells", "tells", false},
	{"edit a record and its hash", `
		UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id;
		UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id`, "record edited", "tells", "tells", true},
	{
		"edit the random value of a record", "UPDATE patronctl.access SET nonce = uuid_send(gen_random_uuid()) WHERE id = $id",
		"record edited", "tells", "tells", false,
	},
	{"edit a result", "UPDATE patronctl.result SET counts = '{}' WHERE access = $written", "result edited", "tells", "tells", false},
	{"delete a record", `
		DELETE FROM patronctl.paging WHERE access = $id;
		DELETE FROM patronctl.access WHERE id = $id`, "record deleted", "tells", "tells", true},
	{"delete a result", "DELETE FROM patronctl.result WHERE access = $written", "result deleted", "tells", "tells", true},
	{"insert a record", `
		INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE
		SELECT (jsonb_populate_record(a, '{"id": 1000000, "login": "clerk.pbk"}')).*
		FROM patronctl.access AS a
		WHERE id = $old`, "record inserted", "", "tells", true},
	{"insert a record before all others", `
		INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE
		SELECT (jsonb_populate_record(a, '{"id": -7}')).*
		FROM patronctl.access AS a
		WHERE id = $old`, "record inserted", "", "tells", true},
	{"insert a result", `
		INSERT INTO patronctl.result
		SELECT (jsonb_populate_record(r, '{"access": $old}')).*
		FROM patronctl.result AS r
		WHERE access = $first`, "result inserted", "", "tells", true},
	{
		"reorder the leaves", `
		UPDATE patronctl.leaf SET number = -1 - number WHERE number IN (4, 5);
		UPDATE patronctl.leaf SET number = CASE number WHEN -5 THEN 5 ELSE 4 END WHERE number < 0`, "not those that were sealed", "tells",
		"tells", true,
	},
	{"reorder the last leaves", `
		UPDATE patronctl.leaf SET number = -1 - number WHERE number >= $size - 2;
		UPDATE patronctl.leaf SET number = 2 * $size - 2 + number WHERE number < 0`, "not those that were sealed", "stops", "stops", true},
	{"delete a leaf and its record", `
		DELETE FROM patronctl.access WHERE id = $old;
		DELETE FROM patronctl.leaf WHERE access = $old`, "are missing", "tells", "tells", true},
	{"edit record, hash and leaf", `
		UPDATE patronctl.access SET patrons = '{1}' WHERE id = $old;
		UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $old;
		UPDATE patronctl.leaf AS l SET hash = a.row_hash
		FROM patronctl.access AS a
		WHERE l.access = a.id AND NOT l.result AND a.id = $old`, "not those that were sealed", "tells", "tells", true},
	{"build the tree anew over an edited record", `
		UPDATE patronctl.access SET patrons = '{1}' WHERE id = $old;
		UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $old;
		UPDATE patronctl.leaf AS l SET hash = a.row_hash
		FROM patronctl.access AS a
		WHERE l.access = a.id AND NOT l.result;
		DELETE FROM patronctl.node;
		SELECT desk.add_nodes(0, size) FROM patronctl.tree`, "not those that were sealed", "stops", "stops", true},
	{"truncate everything", `
		TRUNCATE patronctl.access, patronctl.leaf, patronctl.node, patronctl.head CASCADE;
		UPDATE patronctl.tree SET size = 0, verifier = NULL`, "nothing was sealed", "stops", "stops", true},
	{"roll the tree back to an earlier head", "DELETE FROM patronctl.head WHERE size = $size", "the tree ends at", "stops", "stops", true},
	{"empty the records, keep the tree", "TRUNCATE patronctl.access CASCADE", "record deleted", "tells", "tells", true},
	{"forge a head", `
		UPDATE patronctl.head SET signed = replace(signed, 'patronctl-audit-head', 'patronctl-audit-head ')
		WHERE size = $size`, "not signed with its key", "stops", "stops", true},
	{"another database's number", "UPDATE patronctl.ledger SET database = gen_random_uuid()", "", "stops", "stops", true},
	{"drop the functions that tell", "DROP FUNCTION desk.heads(text[])", "lacks functions", "stops", "stops", true},
}

func TestTampering(t *testing.T) {
	audit.SliceLeaves(t, 4)
	table := make([]string, len(tamperings))
	t.Run("each", func(t *testing.T) {
		for n, c := range tamperings {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				s := newSealer(t)
				super := pgtest.Connect(t, s.db, "postgres")
				s.work()
				s.mustSeal()
				s.work()
				s.work()
				printed := s.mustSeal()
				if notices, err := s.start(); err != nil || len(notices) > 0 {
					t.Fatal(notices, err)
				}
				find := func(which string) string {
					return super.Must(`
						SELECT %s
						FROM patronctl.leaf AS l
						WHERE NOT EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = l.access)`, which)
				}
				fill := strings.NewReplacer("$id", find("max(access)"), "$old", find("min(access)"), "$size",
					super.Must("SELECT max(size) FROM patronctl.head"),
					"$written", super.Must("SELECT max(access) FROM patronctl.leaf WHERE result"), "$first",
					super.Must("SELECT min(access) FROM patronctl.leaf WHERE result"))
				super.Must(`
					SET session_replication_role = replica; %s;
					RESET session_replication_role;
					SELECT pg_stat_force_next_flush()`, fill.Replace(c.sql))

				start := s.reaction()
				full, hashes := s.finds(printed, c.verify, true), s.finds(printed, c.verify, false)
				seals := 1 // until the sealer comes round to it
				_, err := s.seal(false)
				for ; err == nil && seals < 4; seals++ {
					_, err = s.seal(false)
				}
				later := s.reaction()
				for tries := 0; later != c.later && tries < 100; tries++ { // open transactions of other tests hold up the head that tells
					_, _ = s.seal(false)
					later = s.reaction()
				}
				table[n] = fmt.Sprintf("%-43s %-8v %-8v %-8s %-8d %s", c.name, full, hashes, start, seals, later)
				if !full || hashes != c.unhashed || start != c.start || later != c.later {
					t.Errorf("audit verify --full: %v, without: %v, next start: %q, after the sealer (%v): %q\n%v", full, hashes, start, err, later,
						s.verify(printed, true))
				}
			})
		}
	})
	t.Logf("\n%-43s %-8s %-8s %-8s %-8s %s\n%s", "tampering", "--full", "verify", "start", "seals", "start after them",
		strings.Join(table, "\n"))
}

// reaction is what the next start of the other workstation does: it stops, it tells, or nothing.
func (s *sealer) reaction() string {
	s.t.Helper()
	notices, err := s.start()
	own, ok := errors.AsType[*client.Error](err)
	switch {
	case err != nil && ok && (own.Kind == client.KindRefused || own.Kind == client.KindInternal):
		return "stops"
	case err != nil:
		s.t.Error(err)
	case len(notices) == 1 && strings.HasPrefix(notices[0], "sealed access records were changed ("):
		return "tells"
	case len(notices) > 0:
		s.t.Error(notices)
	}
	return ""
}

// finds tells whether audit verify finds that.
func (s *sealer) finds(printed, what string, full bool) bool {
	for _, f := range s.verify(printed, full) {
		if what != "" && strings.Contains(f.What, what) {
			return true
		}
	}
	return what == ""
}

// The sealer comes round to every record, however far back it is, and at once when a row was touched. What it found is told
// to everybody until it is put right.
func TestSealerLooksAtOldRecords(t *testing.T) {
	audit.SliceLeaves(t, 4)
	s := newSealer(t)
	super := pgtest.Connect(t, s.db, "postgres")
	for range 40 {
		s.work()
	}
	s.mustSeal()
	laps, err := strconv.Atoi(super.Must("SELECT max(size) / 16 / 2 + 1 FROM patronctl.head"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, change, back string }{
		{
			"edited", "UPDATE patronctl.access SET login = login || '2' WHERE id = $id",
			"UPDATE patronctl.access SET login = rtrim(login, '2') WHERE id = $id",
		},
		{
			"reordered", `
				UPDATE patronctl.leaf SET number = -1 - number WHERE number IN (4, 5);
				UPDATE patronctl.leaf SET number = CASE number WHEN -5 THEN 5 ELSE 4 END WHERE number < 0`,
			`UPDATE patronctl.leaf SET number = -1 - number WHERE number IN (4, 5);
				UPDATE patronctl.leaf SET number = CASE number WHEN -5 THEN 5 ELSE 4 END WHERE number < 0`,
		},
		{"inserted", `
			INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE
			SELECT (jsonb_populate_record(a, '{"id": -7}')).*
			FROM patronctl.access AS a
			WHERE id = $id`, "DELETE FROM patronctl.access WHERE id = -7"},
	} {
		for _, counted := range []bool{true, false} {
			do := func(sql string) {
				owner := pgtest.Connect(t, s.db, "postgres")
				owner.Must(`
					SET session_replication_role = replica; %s;
					RESET session_replication_role;
					SELECT pg_stat_force_next_flush()`, strings.ReplaceAll(sql, "$id", super.Must("SELECT access FROM patronctl.leaf WHERE number = 3")))
				if !counted {
					owner.Must(`
						SELECT count(pg_stat_reset_single_table_counters(r))
						FROM unnest('{patronctl.access, patronctl.result, patronctl.leaf, patronctl.node}'::regclass[]) AS r`)
				}
			}
			do(c.change)
			seals := 1
			for _, err := s.seal(false); err == nil; _, err = s.seal(false) {
				if seals++; seals > laps+1 {
					t.Fatalf("%s, counted %v: not found", c.name, counted)
				}
			}
			told := s.reaction()
			again := s.reaction()
			t.Logf("%s, counted %v: found by seal %d", c.name, counted, seals)
			if told != "tells" || again != "tells" || counted && c.name != "inserted" && seals > 1 {
				t.Errorf("%s: %q, then %q, after %d seals", c.name, told, again, seals)
			}
			do(c.back)
			s.mustSeal()
			for range laps {
				s.mustSeal()
				if told := s.reaction(); told == "stops" || told == "tells" && c.name != "inserted" {
					t.Errorf("%s, put right: %q", c.name, told)
				}
			}
		}
	}
}
