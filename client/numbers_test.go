package client_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patronctl/client/localpg/pgtest"
)

// A number opens one operation to one login, for a minute.
func TestNumbersOpenOneThing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	session := map[string]*pgtest.Session{
		"officer.cam": pgtest.Connect(t, db, "officer.cam"),
		"officer.ken": pgtest.Connect(t, db, "officer.ken"), "admin": pgtest.Connect(t, db, "admin"), "job": pgtest.Connect(t, db, "job"),
		"opac": pgtest.Connect(t, db, "opac"),
	}
	// Another administrator and an officer who is one, too: a right to the call is not enough.
	super.Must("UPDATE patronctl.staff SET authority = 'CAM' WHERE login = 'officer.ken'")
	super.Must("CREATE ROLE boss%s LOGIN IN ROLE patronctl_admin, patronctl_job, patronctl_opac", db.Name)
	session["boss"] = pgtest.Connect(t, db, "boss"+db.Name)
	other := map[string]string{"officer.cam": "officer.ken", "admin": "boss", "job": "boss", "opac": "boss"}

	for _, op := range operations {
		own := session[op.login]
		super.Must("%s", beforehand[op.call])
		if op.name == "audit show" {
			op.criteria = fmt.Sprintf(`{"access": %s}`, own.Open("audit list", "{}"))
		}
		id := own.Open(op.name, op.criteria)

		_, err := session[other[op.login]].Run("SELECT "+op.call, id)
		pgtest.Refused(t, op.call+" with another login's number", err)

		super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '61 seconds' WHERE id = %s", id)
		_, err = own.Run("SELECT "+op.call, id)
		pgtest.Refused(t, op.call+" with an old number", err)
		super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET at = at + interval '5 seconds' WHERE id = %s", id)

		for _, wrong := range operations {
			if wrong.login != op.login || opens(op.name, wrong.call) {
				continue
			}
			_, err = own.Run("SELECT "+wrong.call, id)
			pgtest.Refused(t, wrong.call+" with a number of "+op.name, err)
		}

		_, err = own.Run("SELECT "+op.call, id)
		for tries := 0; tries < 30 && err != nil && strings.Contains(err.Error(), "still visible to"); tries++ { // transactions of other tests
			time.Sleep(100 * time.Millisecond)
			_, err = own.Run("SELECT "+op.call, id)
		}
		if err != nil {
			t.Errorf("%s: %v", op.call, err)
			continue
		}
		_, err = own.Run("SELECT "+op.call, id)
		if op.writes {
			pgtest.Refused(t, op.call+" again", err)
		} else if err != nil {
			t.Errorf("%s again: %v, but a reading call may use a number several times", op.call, err)
		}
		if said, err := own.Run("SELECT "+op.call, "NULL"); pgtest.Code(err) != "LB403" && strings.Join(said, "") != "" {
			t.Errorf("%s without a number: %s, %v", op.call, said, err)
		}
		for _, nobody := range []string{"0", "-1", "9223372036854775807"} {
			_, err = own.Run("SELECT "+op.call, nobody)
			pgtest.Refused(t, op.call+" with number "+nobody, err)
		}
	}
}

// Of two connections that write with one number at the same moment one wins.
func TestANumberWritesOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	for _, op := range operations {
		if !op.writes {
			continue
		}
		pair := [2]*pgtest.Session{pgtest.Connect(t, db, op.login), pgtest.Connect(t, db, op.login)}
		for range 10 {
			super.Must("%s", beforehand[op.call])
			id := pair[0].Open(op.name, op.criteria)
			var errs [2]error
			var together sync.WaitGroup
			for i := range pair {
				together.Go(func() { _, errs[i] = pair[i].Run("SELECT "+op.call, id) })
			}
			together.Wait()
			loser := errs[0]
			if loser == nil {
				loser = errs[1]
			}
			// Some find the account at work on, or already as they wanted it.
			if (errs[0] == nil) == (errs[1] == nil) || !slices.Contains([]string{"LB403", "LB404", "LB409", "LB423"}, pgtest.Code(loser)) {
				t.Errorf("%s: %v and %v, want one refused", op.call, errs[0], errs[1])
			}
			if n := super.Must("SELECT count(*) FROM patronctl.result WHERE access = %s", id); n != "1" {
				t.Errorf("%s: %s results, want 1", op.call, n)
			}
		}
		super.Must("%s", beforehand[op.call])
		// Within one statement, and after a snapshot that is too old to see the first use.
		id := pair[0].Open(op.name, op.criteria)
		_, err := pair[0].Run("SELECT "+op.call+", "+op.call, id, id)
		pgtest.Refused(t, op.call+" twice in one statement", err)
		pair[1].Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
		pair[0].Must("SELECT "+op.call, id)
		_, err = pair[1].Run("SELECT "+op.call, id)
		if state := pgtest.Code(err); state != "LB403" && state != "40001" && state != "LB404" && state != "LB409" {
			t.Errorf("%s with an old snapshot: %v", op.call, err)
		}
	}
}

// The first page of an export lets it go on for a quarter of an hour, whatever the clock that rules ask says.
func TestExportPages(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam")
	page := "SELECT desk.export_page(%s, 'loan', 0, 2)"
	age := func(id, by string) {
		super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '%s' WHERE id = %s", by, id)
		super.Must("UPDATE patronctl.paging SET until = until - interval '%s' WHERE access = %s", by, id)
	}

	late := officer.Open("export", pgtest.Bookworm)
	age(late, "61 seconds")
	_, err := officer.Run(page, late)
	pgtest.Refused(t, "a first page after a minute", err)

	id := officer.Open("export", pgtest.Bookworm)
	officer.Must(page, id)
	age(id, "14 minutes")
	if _, err = officer.Run(page, id); err != nil {
		t.Errorf("a page after 14 minutes: %v", err)
	}
	age(id, "2 minutes")
	_, err = officer.Run(page, id)
	pgtest.Refused(t, "a page after 16 minutes: pages must not prolong", err)

	// Nor may they outlive the right, or the patron's being at home here. Who is disabled is told so at once.
	for _, moment := range []struct{ end, again string }{
		{
			"UPDATE patronctl.staff SET valid_to = patronctl.today('CAM') - 1 WHERE login = 'officer.cam'",
			"UPDATE patronctl.staff SET valid_to = NULL WHERE login = 'officer.cam'",
		},
		{
			"UPDATE patronctl.staff SET authority = 'KEN' WHERE login = 'officer.cam'",
			"UPDATE patronctl.staff SET authority = 'CAM' WHERE login = 'officer.cam'",
		},
		{
			"UPDATE lms.patron SET authority = 'PBK', branch = 'PBK-MES' WHERE id = 36",
			"UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN' WHERE id = 36",
		},
	} {
		id = officer.Open("export", pgtest.Bookworm)
		officer.Must(page, id)
		age(id, "2 minutes")
		super.Must("%s", moment.end)
		_, err = officer.Run(page, id)
		pgtest.Refused(t, "a page after "+moment.end, err)
		super.Must("%s", moment.again)
		officer.Must(page, id)
	}
	id = officer.Open("export", pgtest.Bookworm)
	officer.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
	super.Must("INSERT INTO patronctl.login (login, disabled_at) VALUES ('officer.cam', now())")
	_, err = officer.Run(page, id)
	pgtest.Refused(t, "a page with a snapshot from before the login was disabled", err)
	officer.Must("ROLLBACK")
	super.Must("DELETE FROM patronctl.login WHERE login = 'officer.cam'")
	officer.Must(page, id)

	id = officer.Open("patron show", pgtest.Bookworm)
	super.Must("UPDATE patronctl.installation SET clock_offset = clock_offset - interval '1 year'")
	age(id, "61 seconds")
	_, err = officer.Run("SELECT desk.show_patron(%s, FALSE)", id)
	pgtest.Refused(t, "an old number with the clock set back", err)
}
