package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"patronctl/client/localpg/pgtest"
)

// farrow is somebody at the home of clerk.cam, and open and show are what a clerk sends to see the name.
const (
	farrow = `{"ref": "id:14"}`
	keep   = `SELECT set_config('my.id', desk.open_access('patron show', '', '', '` + farrow + `')::text, FALSE)`
	show   = `SELECT desk.show_patron(current_setting('my.id')::bigint, FALSE)`
)

func TestTheGateOpens(t *testing.T) {
	t.Parallel()
	clerk := pgtest.Connect(t, pgtest.New(t), "clerk.cam")
	clerk.Must("BEGIN; " + keep)
	clerk.Must("COMMIT")
	for range 2 { // a reading call may use an id several times
		if shown := clerk.Must(show); !strings.Contains(shown, "Farrow") {
			t.Errorf("an opened patron is not shown: %s", shown)
		}
	}
	clerk.Must(keep) // a SELECT that is a transaction of its own commits, too
	if shown := clerk.Must(show); !strings.Contains(shown, "Farrow") {
		t.Errorf("an opened patron is not shown: %s", shown)
	}
}

// A record that is committed without waiting for the disk could be lost in a crash, after its data was seen.
func TestTheRecordIsOnDisk(t *testing.T) {
	db := pgtest.New(t)
	clerk := pgtest.Connect(t, db, "clerk.cam")
	for _, off := range []string{"SET synchronous_commit = off; BEGIN", "BEGIN; SET LOCAL synchronous_commit = off"} {
		for range 5 {
			clerk.Must("%s; %s", off, keep)
			position := clerk.Must("SET LOCAL synchronous_commit = off; SELECT pg_current_wal_insert_lsn()")
			clerk.Must("COMMIT")
			if flushed := clerk.Must("SELECT pg_current_wal_flush_lsn() > '%s'", position); flushed != "t" {
				t.Fatalf("%s: the commit did not wait for the disk", off)
			}
			if shown := clerk.Must(show); !strings.Contains(shown, "Farrow") {
				t.Errorf("not shown: %s", shown)
			}
		}
	}
	// Another transaction's lazy commit does not matter, but a lazy SELECT of its own does.
	clerk.Must("SET synchronous_commit = off; " + "SELECT 1")
	position := clerk.Must("SELECT pg_current_wal_insert_lsn()")
	clerk.Must(keep)
	if flushed := clerk.Must("SELECT pg_current_wal_flush_lsn() > '%s'", position); flushed != "t" {
		t.Error("a lone SELECT did not wait for the disk")
	}
	// Where a commit does not wait, the call looks, too. The server writes in its own time: one of twenty is seen before.
	pgtest.Connect(t, db, "postgres").Must("ALTER TABLE patronctl.access DISABLE TRIGGER access_commits")
	refused := 0
	for range 20 {
		clerk.Must("%s; %s", "BEGIN", keep)
		clerk.Must("COMMIT")
		if _, err := clerk.Run(show); err != nil && strings.Contains(err.Error(), "is not on disk yet") {
			refused++
		}
	}
	if refused == 0 {
		t.Error("what was opened is always shown before its record is on disk")
	}
}

// A minute is a minute of the server, also within a transaction that began before. One whose snapshot would be as old as it
// shows nothing at all.
func TestAMinuteEnds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk := pgtest.Connect(t, db, "clerk.cam")
	clerk.Must(keep)
	for _, level := range []string{"REPEATABLE READ", "SERIALIZABLE"} {
		clerk.Must("BEGIN ISOLATION LEVEL %s", level)
		_, err := clerk.Run("%s", show)
		pgtest.Refused(t, level, err)
		clerk.Must("ROLLBACK")
	}
	clerk.Must("BEGIN")
	if shown := clerk.Must(show); !strings.Contains(shown, "Farrow") {
		t.Fatal("not shown within the minute:", shown)
	}
	clerk.Must("DECLARE late CURSOR FOR %s", show)
	time.Sleep(61 * time.Second)
	clerk.Must("SAVEPOINT s")
	for _, late := range []string{show, "FETCH late"} {
		shown, err := clerk.Run("%s", late)
		pgtest.Refused(t, late+" after a minute", err)
		if shown != nil {
			t.Errorf("%s after a minute shows %s", late, shown)
		}
		clerk.Must("ROLLBACK TO s")
	}
}

// The two other ways into the server: the extended protocol, whose statements share a transaction until Sync, and the
// old function call.
func TestOtherProtocols(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk := newWire(t, db, "clerk.cam")
	send := clerk.exchange
	extended := extendedQuery
	if _, failure := send(append(append(extended(keep), extended(show)...), &pgproto3.Sync{})...); failure != "LB403" {
		t.Errorf("two statements before one Sync: %q, want LB403", failure)
	}
	lazy := append(extended("SET CONSTRAINTS ALL IMMEDIATE"), extended("SET LOCAL synchronous_commit = off")...)
	if _, failure := send(append(append(lazy, extended(keep)...), &pgproto3.Sync{})...); failure != "LB403" {
		t.Errorf("immediate constraints before Sync: %q, want LB403", failure)
	}

	var function uint32
	if err := db.Super(t).QueryRow(t.Context(), "SELECT 'desk.open_access'::regproc::oid").Scan(&function); err != nil {
		t.Fatal(err)
	}
	id, failure := send(&pgproto3.FunctionCall{Function: function, Arguments: [][]byte{[]byte("patron show"), {}, {}, []byte(farrow)}})
	if failure != "LB403" {
		t.Errorf("an access opened by a function call: id %s, error %q, want LB403", id, failure)
	}
	var hidden uint32
	if err := db.Super(t).QueryRow(t.Context(), "SELECT 'desk.use_access'::regproc::oid").Scan(&hidden); err != nil {
		t.Fatal(err)
	}
	if _, failure := send(&pgproto3.FunctionCall{
		Function:  hidden,
		Arguments: [][]byte{[]byte("1"), []byte("patron show"), []byte("f")},
	}); failure != "42501" {
		t.Errorf("a hidden function by a function call: %q, want 42501", failure)
	}
}

// What a record said cannot be guessed from its hash when it is gone: a random value goes into it, and goes with it.
func TestRecordsHaveARandomValue(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk, super := pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "postgres")
	for range 3 {
		clerk.Open("patron show", `{"ref": "id:36"}`)
	}
	const of = "FROM patronctl.access AS a WHERE a.id > (SELECT max(id) - 3 FROM patronctl.access)"
	if different := super.Must("SELECT count(DISTINCT a.nonce) %s AND length(a.nonce) = 16", of); different != "3" {
		t.Errorf("%s different values of 16 bytes in 3 records", different)
	}
	if hashed := super.Must("SELECT bool_and(a.row_hash = desk.access_hash(a)) %s", of); hashed != "t" {
		t.Error("a hash is not that of its record")
	}
	same := super.Must(`SELECT count(*) %s
		AND desk.access_hash(a) = desk.access_hash(jsonb_populate_record(a, jsonb_build_object('nonce', '\x' || repeat('00', 16))))`, of)
	if same != "0" {
		t.Error("the random value has no part in the hash")
	}
}
