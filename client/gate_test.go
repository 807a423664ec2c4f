package client_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// farrow is somebody at the home of clerk.cam, and open and show are what a clerk sends to see the name.
const (
	farrow = `{"ref": "` + sample.CardOwesElsewhere + `"}`
	keep   = `SELECT set_config('my.id', desk.open_access('patron show', '', '', '` + farrow + `')::text, FALSE)`
	show   = `SELECT desk.show_patron(current_setting('my.id')::bigint, FALSE)`
)

func TestTheGateOpens(t *testing.T) {
	t.Parallel()
	clerk := connect(t, pgtest.New(t), "clerk.cam")
	clerk.must("BEGIN; " + keep)
	clerk.must("COMMIT")
	for range 2 { // a reading call may use an id several times
		if shown := clerk.must(show); !strings.Contains(shown, "Farrow") {
			t.Errorf("an opened patron is not shown: %s", shown)
		}
	}
	clerk.must(keep) // a SELECT that is a transaction of its own commits, too
	if shown := clerk.must(show); !strings.Contains(shown, "Farrow") {
		t.Errorf("an opened patron is not shown: %s", shown)
	}
}

// Nothing is shown before the record is committed, however the transaction is dressed up.
func TestNothingIsShownBeforeTheCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	for _, attempt := range []struct {
		name     string
		messages []string
	}{
		{"same transaction", []string{"BEGIN", keep, show}},
		{"same transaction, serializable", []string{"BEGIN ISOLATION LEVEL SERIALIZABLE", keep, show}},
		{"one statement", []string{`SELECT desk.show_patron(desk.open_access('patron show', '', '', '` + farrow + `'), FALSE)`}},
		{"one message", []string{keep + ";" + show}},
		{"one message with a transaction", []string{"BEGIN;" + keep + ";" + show + "; ROLLBACK"}},
		{"common table expression", []string{`WITH a AS MATERIALIZED (SELECT desk.open_access('patron show', '', '', '` + farrow + `') AS id) SELECT desk.show_patron(id, FALSE) FROM a`}},
		{"savepoint between", []string{"BEGIN", keep, "SAVEPOINT s", show}},
		{"savepoint around", []string{"BEGIN", "SAVEPOINT s", keep, "RELEASE s", show}},
		{"savepoint given up", []string{"BEGIN", "SAVEPOINT s", keep, "ROLLBACK TO s", show}},
		{"rolled back", []string{"BEGIN", keep, "ROLLBACK", show}},
		{"subtransaction", []string{`DO $$ BEGIN
			BEGIN PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow + `')::text, FALSE); EXCEPTION WHEN division_by_zero THEN NULL; END;
			RAISE EXCEPTION '%', desk.show_patron(current_setting('my.id')::bigint, FALSE); END $$`}},
		{"commit in a DO block", []string{`DO $$ BEGIN
			PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow + `')::text, FALSE);
			COMMIT;
			RAISE EXCEPTION '%', desk.show_patron(current_setting('my.id')::bigint, FALSE); END $$`}},
		{"cursor", []string{"BEGIN", keep, "DECLARE c CURSOR WITH HOLD FOR " + show, "FETCH c"}},
		{"cursor that outlives a rollback to a savepoint", []string{"BEGIN", "SAVEPOINT s", keep, "DECLARE c CURSOR FOR " + show, "ROLLBACK TO s", "FETCH c"}},
		{"COPY of both", []string{"BEGIN", "COPY (" + keep + ") TO STDOUT", "COPY (" + show + ") TO STDOUT"}},
		{"COPY commits", []string{"COPY (" + keep + ") TO STDOUT", show}},
		{"prepared transaction", []string{"BEGIN", keep, "PREPARE TRANSACTION 'squat'", show, "COMMIT PREPARED 'squat'", show}},
		{"prepared statement commits", []string{"PREPARE p AS " + keep, "EXECUTE p", show}},
		{"EXPLAIN ANALYZE commits", []string{"EXPLAIN ANALYZE " + keep, show}},
		{"SET CONSTRAINTS before", []string{"SET synchronous_commit = off", "BEGIN", "SET CONSTRAINTS ALL IMMEDIATE", keep, "COMMIT", show}},
		{"SET CONSTRAINTS after", []string{"SET synchronous_commit = off", "BEGIN", keep, "SET CONSTRAINTS ALL IMMEDIATE", "COMMIT", show}},
		{"SET CONSTRAINTS in one message", []string{"SET synchronous_commit = off", "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; " + keep + "; COMMIT", show}},
		{"SET CONSTRAINTS in a DO block", []string{"SET synchronous_commit = off", "DO $$ BEGIN PERFORM set_config('my.id', desk.open_access('patron show', '', '', '" + farrow + "')::text, FALSE); SET CONSTRAINTS ALL IMMEDIATE; COMMIT; END $$", show}},
		{"COMMIT AND CHAIN", []string{"BEGIN", keep, "SET LOCAL synchronous_commit = off", "COMMIT AND CHAIN", show}},
	} {
		t.Run(attempt.name, func(t *testing.T) {
			clerk := connect(t, db, "clerk.cam")
			// A number of nobody's keeps later messages from failing on an unset value.
			clerk.must("SELECT set_config('my.id', '0', FALSE)")
			before := super.must("SELECT count(*) FROM patronctl.access")
			var last error
			for _, message := range attempt.messages {
				super.must("UPDATE patronctl.installation SET initialized = initialized") // somebody's commit brings everything before it to the disk
				values, err := clerk.run(message)
				shown := strings.Join(values, "\n")
				if err != nil {
					last = err
					shown += err.Error()
				}
				if strings.Contains(shown, "Farrow") {
					t.Fatalf("%s showed the patron", message)
				}
			}
			// 25P02 and 34000: the refusal ended the transaction, and its cursors with it.
			if state := code(last); state != "42501" && state != "25P02" && state != "34000" {
				t.Errorf("ended with %v, want it refused", last)
			}
			_, _ = clerk.run("ROLLBACK")
			if after := super.must("SELECT count(*) FROM patronctl.access"); after != before {
				t.Errorf("%s records, were %s: the attempt committed one in a way that is not allowed", after, before)
			}
		})
	}
	if left := super.must("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()"); left != "0" {
		t.Errorf("%s prepared transactions are left", left)
	}
}

// A record that is committed without waiting for the disk could be lost in a crash, after its data was seen.
func TestTheRecordIsOnDisk(t *testing.T) {
	clerk := connect(t, pgtest.New(t), "clerk.cam")
	for _, off := range []string{"SET synchronous_commit = off; BEGIN", "BEGIN; SET LOCAL synchronous_commit = off"} {
		for range 5 {
			clerk.must("%s; %s", off, keep)
			position := clerk.must("SET LOCAL synchronous_commit = off; SELECT pg_current_wal_insert_lsn()")
			clerk.must("COMMIT")
			if flushed := clerk.must("SELECT pg_current_wal_flush_lsn() > '%s'", position); flushed != "t" {
				t.Fatalf("%s: the commit did not wait for the disk", off)
			}
			if shown := clerk.must(show); !strings.Contains(shown, "Farrow") {
				t.Errorf("not shown: %s", shown)
			}
		}
	}
	// Another transaction's lazy commit does not matter, but a lazy SELECT of its own does.
	clerk.must("SET synchronous_commit = off; " + "SELECT 1")
	position := clerk.must("SELECT pg_current_wal_insert_lsn()")
	clerk.must(keep)
	if flushed := clerk.must("SELECT pg_current_wal_flush_lsn() > '%s'", position); flushed != "t" {
		t.Error("a lone SELECT did not wait for the disk")
	}
}

// The two other ways into the server: the extended protocol, whose statements share a transaction until Sync, and the
// old function call.
func TestOtherProtocols(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk := connect(t, db, "clerk.cam")
	front := clerk.conn.Frontend()
	send := func(messages ...pgproto3.FrontendMessage) (shown string, failure string) {
		for _, message := range messages {
			front.Send(message)
		}
		if err := front.Flush(); err != nil {
			t.Fatal(err)
		}
		for {
			answer, err := front.Receive()
			if err != nil {
				t.Fatal(err)
			}
			switch m := answer.(type) {
			case *pgproto3.DataRow:
				for _, value := range m.Values {
					shown += string(value)
				}
			case *pgproto3.FunctionCallResponse:
				shown += string(m.Result)
			case *pgproto3.ErrorResponse:
				failure = m.Code
			case *pgproto3.ReadyForQuery:
				return shown, failure
			}
		}
	}
	extended := func(sql string) []pgproto3.FrontendMessage {
		return []pgproto3.FrontendMessage{&pgproto3.Parse{Query: sql}, &pgproto3.Bind{}, &pgproto3.Execute{}}
	}
	if _, failure := send(append(append(extended(keep), extended(show)...), &pgproto3.Sync{})...); failure != "42501" {
		t.Errorf("two statements before one Sync: %q, want 42501", failure)
	}
	lazy := append(extended("SET CONSTRAINTS ALL IMMEDIATE"), extended("SET LOCAL synchronous_commit = off")...)
	if _, failure := send(append(append(lazy, extended(keep)...), &pgproto3.Sync{})...); failure != "42501" {
		t.Errorf("immediate constraints before Sync: %q, want 42501", failure)
	}

	var function uint32
	if err := db.Super(t).QueryRow(t.Context(), "SELECT 'desk.open_access'::regproc::oid").Scan(&function); err != nil {
		t.Fatal(err)
	}
	id, failure := send(&pgproto3.FunctionCall{Function: function, Arguments: [][]byte{[]byte("patron show"), {}, {}, []byte(farrow)}})
	if failure != "42501" {
		t.Errorf("an access opened by a function call: id %s, error %q, want 42501", id, failure)
	}
	var hidden uint32
	if err := db.Super(t).QueryRow(t.Context(), "SELECT 'desk.use_access'::regproc::oid").Scan(&hidden); err != nil {
		t.Fatal(err)
	}
	if _, failure := send(&pgproto3.FunctionCall{Function: hidden, Arguments: [][]byte{[]byte("1"), []byte("patron show"), []byte("f")}}); failure != "42501" {
		t.Errorf("a hidden function by a function call: %q, want 42501", failure)
	}
}
