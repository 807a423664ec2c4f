package doctor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// Releases with known holes, and the first ones without.
func TestReleases(t *testing.T) {
	p := admit(t)
	for version, want := range map[int]string{
		140020: "15.14", 150013: "15.14", 150014: "", 160009: "16.10", 160010: "", 170005: "17.6", 170006: "", 180000: "",
	} {
		var mend string
		err := p.super.QueryRow(t.Context(), "SELECT coalesce(min(severity || ' ' || mend), '') FROM desk.check_release($1)", version).Scan(&mend)
		if err != nil || (want == "") != (mend == "") || !strings.Contains(mend, want) || want != "" && !strings.HasPrefix(mend, "error ") {
			t.Errorf("%d: %q, want %q (%v)", version, mend, want, err)
		}
	}
}

// A transaction at work that holds sealing up is named with what ends it. Nobody waits for a quarter of an hour here.
func TestOldTransactions(t *testing.T) {
	p := admit(t)
	other := p.db.Connect(t, "clerk.cam")
	ended := make(chan error, 1)
	go func() {
		_, err := other.Exec(t.Context(), "SELECT desk.open_access('patron show', '', '', '{\"ref\": \"id:36\"}'), pg_sleep(3600)")
		ended <- err
	}()
	found := p.awaitCheck("check_transactions", 1)
	if !strings.HasPrefix(found[0].Finding, `a transaction of "clerk.cam" in `+p.db.Name+" is open since ") {
		t.Errorf("found %s", told(found))
	}
	p.mend(found[0].Mend)
	if err := <-ended; err == nil {
		t.Error("it was not ended")
	}
	p.awaitCheck("check_transactions", 0)
}

// Sessions that sit in a transaction are named with who ends them: an administrator those of staff, who may come in again
// unless they were disabled before, and who runs the server the others. Nobody waits for five minutes here.
func TestIdleTransactions(t *testing.T) {
	p := admit(t)
	p.sql("INSERT INTO patronctl.login (login, disabled_at) VALUES ('clerk.ken', now())")
	defer p.sql(`DELETE FROM patronctl.login; ALTER ROLE "clerk.ken" LOGIN`)
	for login, want := range map[string]string{
		"clerk.cam":   `patronctl staff disable "clerk.cam"; patronctl staff enable "clerk.cam"`,
		"clerk.ken":   `patronctl staff disable "clerk.ken"`,
		localpg.Owner: "SELECT pg_terminate_backend($PID)",
	} {
		idle := p.db.Connect(t, login)
		if _, err := idle.Exec(t.Context(), "BEGIN"); err != nil {
			t.Fatal(err)
		}
		pid := fmt.Sprint(idle.PgConn().PID())
		found := p.awaitCheck("check_idle", 1)
		if !strings.HasPrefix(found[0].Finding, "session "+pid+" of ") || !strings.Contains(found[0].Finding, login) ||
			found[0].Mend != strings.ReplaceAll(want, "$PID", pid) {
			t.Errorf("%s: found %s\nnot %s", login, told(found), want)
		}
		p.mend(found[0].Mend)
		p.awaitCheck("check_idle", 0)
		if _, err := idle.Exec(t.Context(), "COMMIT"); err == nil {
			t.Errorf("the session of %s goes on", login)
		}
		if login == "clerk.cam" {
			if _, err := people.Show(t.Context(), p.db.Client(t, login), client.Why{}, "id:36", people.ShowOptions{}); err != nil {
				t.Errorf("%s cannot work again: %v", login, err)
			}
		}
	}
	// Whoever does nothing outside a transaction, or in one that failed and holds nothing any more, is in nobody's way.
	p.db.Connect(t, "clerk.cam")
	if _, err := p.db.Connect(t, "clerk.pbk").Exec(t.Context(), "BEGIN; SELECT 1 / 0"); err == nil {
		t.Fatal("nothing failed")
	}
	p.awaitCheck("check_idle", 0)
}

// A prepared transaction outlives its session.
func TestPreparedTransactions(t *testing.T) {
	p := admit(t)
	const prepare = "BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'for''gotten'"
	p.sql(prepare)
	found := p.awaitCheck("check_idle", 1)
	if !strings.HasPrefix(found[0].Finding, "a transaction was prepared by postgres in "+p.db.Name+" at ") {
		t.Errorf("found %s", told(found))
	}
	p.mend(found[0].Mend)
	p.awaitCheck("check_idle", 0)

	other := admit(t)
	other.sql(prepare)
	found = p.awaitCheck("check_idle", 1)
	mend, elsewhere := strings.CutPrefix(found[0].Mend, "in the database "+other.db.Name+": ")
	if !elsewhere {
		t.Errorf("found %s", told(found))
	}
	other.mend(mend)
	p.awaitCheck("check_idle", 0)
}

// awaitCheck calls a check about transactions, however young they are, until it finds so many.
func (p *patient) awaitCheck(check string, want int) (found []install.Ailment) {
	p.Helper()
	for range 100 {
		rows, err := p.super.Query(p.Context(), "SELECT '', '', severity, finding, mend FROM desk."+check+"(TRUE, '0')")
		if err != nil {
			p.Fatal(err)
		}
		if found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[install.Ailment]); err != nil {
			p.Fatal(err)
		}
		if len(found) == want {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.Fatalf("%s finds %d, not %d: %s", check, len(found), want, told(found))
	return nil
}

// The password of a member of staff that is stored as md5 is given anew.
func TestStoredPasswords(t *testing.T) {
	p := admit(t)
	login := "nina." + p.db.Name
	defer p.sql(`DROP ROLE "` + login + `"`)
	if _, err := staff.AddLogin(
		t.Context(), p.db.Client(t, "admin"), client.Why{}, staff.Registration{Login: login, Authority: "CAM", Role: "clerk"},
		staff.Login{Password: "seven blue kettles hum"},
	); err != nil {
		t.Fatal(err)
	}
	p.heal(install.PartPrivileges)
	p.sql(`ALTER ROLE "` + login + `" PASSWORD 'md50123456789abcdef0123456789abcdef'`)
	found := p.examine("auditor", install.PartPrivileges)
	if len(found) != 1 || line(found[0]) != `error passwords: the password of "`+login+`" is stored as md5, which is easily guessed` ||
		found[0].Mend != `patronctl staff password "`+login+`"` {
		t.Fatalf("found %s", told(found))
	}
	if hidden := p.examine("job", install.PartPrivileges); strings.Contains(told(hidden), login) {
		t.Errorf("a job is told %s", told(hidden))
	}
	p.in = "nine red kettles drum\n"
	p.mend(found[0].Mend + " --stdin")
	p.heal(install.PartPrivileges)
}

// Only those whose work it is may look, and every look is recorded.
func TestWhoMayExamine(t *testing.T) {
	p := admit(t)
	for login, allowed := range map[string]bool{
		"support": true, "admin": true, "job": true, "auditor": true,
		"clerk.cam": false, "supervisor.cam": false, "officer.cam": false, "opac": false, localpg.Owner: false,
	} {
		for _, part := range install.Parts {
			var before, after int
			records := "SELECT count(*) FROM patronctl.access WHERE login = $1 AND operation = 'doctor' AND purpose = 'maintenance' " +
				"AND outcome = 'allowed'"
			if err := p.super.QueryRow(t.Context(), records, login).Scan(&before); err != nil {
				t.Fatal(err)
			}
			_, err := install.Examine(t.Context(), p.db.Client(t, login), client.Why{}, []string{part})
			if (err == nil) != allowed {
				t.Errorf("%s, %s: %v", login, part, err)
			}
			if err := p.super.QueryRow(t.Context(), records, login).Scan(&after); err != nil || (after == before+1) != allowed {
				t.Errorf("%s, %s: %d records more (%v)", login, part, after-before, err)
			}
		}
	}
}
