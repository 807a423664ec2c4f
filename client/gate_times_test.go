package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patronctl/client/localpg/pgtest"
)

// An access is of use for a minute, and for the pages of an export for a quarter of an hour, as long as it would be allowed.
func TestHowLongAnAccessIsOfUse(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam")
	for _, at := range []struct {
		name, operation, first, call, meanwhile string
		fine                                    bool
	}{
		{"nearly a minute", "patron show", "", "show_patron(%s, FALSE)", "55 seconds", true},
		{"a minute and a second", "patron show", "", "show_patron(%s, FALSE)", "61 seconds", false},
		{"an hour", "patron show", "", "show_patron(%s, FALSE)", "59 minutes", false},
		{"the first page after nearly a minute", "export", "", "export_page(%s, 'loan', 0, 10)", "55 seconds", true},
		{"the first page after a minute", "export", "", "export_page(%s, 'loan', 0, 10)", "61 seconds", false},
		{"the second page after a minute", "export", "export_page(%s, 'loan', 0, 10)", "export_page(%s, 'loan', 10, 10)", "61 seconds", true},
		{
			"the second page after nearly a quarter of an hour", "export", "export_page(%s, 'loan', 0, 10)", "export_page(%s, 'loan', 10, 10)",
			"14 minutes 30 seconds", true,
		},
		{
			"the second page after a quarter of an hour", "export", "export_page(%s, 'loan', 0, 10)", "export_page(%s, 'loan', 10, 10)",
			"15 minutes 1 second", false,
		},
	} {
		id := officer.Open(at.operation, `{"ref": "id:36"}`)
		if at.first != "" {
			officer.Must("SELECT desk."+at.first, id)
		}
		super.Must("UPDATE patronctl.paging SET until = until - interval '%s'", at.meanwhile)
		pgtest.Ago(super, at.meanwhile)
		_, err := officer.Run("SELECT desk."+at.call, id)
		if at.fine != (err == nil) {
			t.Errorf("%s: %v", at.name, err)
		}
		if !at.fine {
			pgtest.Refused(t, at.name, err)
		}
	}
	// Pages end when the person has another home by now.
	id := officer.Open("export", `{"ref": "id:36"}`)
	officer.Must("SELECT desk.export_page(%s, 'loan', 0, 10)", id)
	pgtest.Ago(super, "2 minutes")
	super.Must("UPDATE lms.patron SET authority = 'KEN', branch = 'KEN-CEN' WHERE id = 36")
	_, err := officer.Run("SELECT desk.export_page(%s, 'loan', 10, 10)", id)
	pgtest.Refused(t, "a page of somebody who has moved", err)
}

// What a number is good for: the call of its operation, in a later transaction that is no older, and for one write of an operation
// that says it writes.
func TestWhatAnAccessIsGoodFor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, other := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "supervisor.cam")
	refused := func(what string, err error, says string) {
		t.Helper()
		if pgtest.Code(err) != "LB403" || !strings.Contains(pgtest.Details(err), says) {
			t.Errorf("%s: %v, want it refused: %s", what, err, says)
		}
	}
	const show = "SELECT desk.show_patron(%s, FALSE)"
	id := clerk.Open("patron show", farrow)
	_, err := other.Run(show, id)
	refused("by another login", err, "was not opened by this login for patron show")
	_, err = clerk.Run("SELECT desk.list_consents(%s)", id)
	refused("another call", err, "was not opened by this login for consent list")
	_, err = clerk.Run(show, "NULL")
	refused("no number", err, "was not opened by this login")
	for _, isolation := range []string{"REPEATABLE READ", "SERIALIZABLE"} {
		clerk.Must("BEGIN ISOLATION LEVEL %s", isolation)
		_, err = clerk.Run(show, id)
		refused(isolation, err, "READ COMMITTED")
		clerk.Must("ROLLBACK")
	}
	clerk.Must(show, id)

	clerk.Must("BEGIN; %s", keep)
	super.Must("UPDATE patronctl.installation SET clock_offset = clock_offset") // whose commit takes all before it to the disk
	_, err = clerk.Run("SELECT desk.show_patron(current_setting('my.id')::bigint, FALSE)")
	refused("in its own transaction", err, "is not committed yet")
	clerk.Must("ROLLBACK")

	const place = "SELECT desk.place_block(%s, NULL, 'warn', 'conduct')"
	id = clerk.Open("block place", farrow)
	clerk.Must(place, id)
	_, err = clerk.Run(place, id)
	refused("a second write", err, "see what it did: patronctl audit show "+id)
	super.Must("UPDATE patronctl.operation SET marks = array_remove(marks, 'writes') WHERE name = 'block place'")
	_, err = clerk.Run(place, clerk.Open("block place", farrow))
	refused("a write that the row does not say", err, "its row does not say so")
}

// A clerk checks 500 cards in ten minutes, and the next when those are over.
func TestCardsInTenMinutes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	check := func(from, to int) error {
		_, err := clerk.Run("SELECT desk.check_debts(%s)", clerk.Open("debt check", cards(from, to)))
		return err
	}
	clerk.Open("patron show", farrow) // is no card of a list
	for _, at := range []struct {
		from, to int
		fine     bool
		then     string
	}{
		{0, 499, true, "9 minutes 30 seconds"},
		{0, 1, true, "0"},
		{0, 1, false, "0"},
		{0, 1, false, "31 seconds"},
		{0, 499, true, "0"},
		{0, 1, false, "10 minutes 1 second"},
		{0, 501, false, "0"},
		{0, 500, true, "0"},
	} {
		if err := check(at.from, at.to); at.fine != (err == nil) {
			t.Errorf("%+v: %v", at, err)
		}
		pgtest.Ago(super, at.then)
	}
}

// Somebody who is erased while a call waits for the account is not written about.
func TestErasedWhileACallWaits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for operation, call := range map[string]string{
		"patron reactivate": "reactivate(%s, '2031-01-01')",
		"consent give":      "give_consent(%s, NULL, 'joining', NULL, 'joining-1', 'desk')",
		"consent withdraw":  "withdraw_consent(%s, NULL, 'joining', NULL)",
		"block place":       "place_block(%s, NULL, 'warn', 'conduct')",
		"block lift":        "lift_blocks(%s, NULL, NULL)",
		"history anonymize": "anonymize_history(%s, '2025-01-31', FALSE, FALSE, FALSE)",
		"password reset":    "reset_password(%s, '" + pgtest.AnyHash + "')",
	} {
		super, desk, watch := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "supervisor.cam"), pgtest.Connect(t, db, "postgres")
		id := desk.Open(operation, `{"ref": "id:41"}`)
		super.Must("BEGIN; SELECT desk.erase('{41}', 'request')")
		ended := make(chan error, 1)
		go func() {
			_, err := desk.Run("SELECT desk."+call, id)
			ended <- err
		}()
		for watch.Must(`
			SELECT count(*)
			FROM pg_stat_activity
			WHERE datname = current_database() AND usename = 'supervisor.cam' AND wait_event_type = 'Lock'`) == "0" && len(ended) == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		super.Must("COMMIT")
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "erased") {
			t.Errorf("%s: %v", operation, err)
		}
		written := fmt.Sprintf("SELECT count(*) FROM patronctl.result WHERE access = %s", id)
		if n := super.Must("%s", written); n != "0" {
			t.Errorf("%s: written all the same", operation)
		}
		super.Must("UPDATE lms.patron SET status = 'active' WHERE id = 41; DELETE FROM patronctl.erasure; UPDATE patronctl.ledger SET number = 0")
	}
}
