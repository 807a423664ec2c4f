package staff_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/staff"
)

// Attacks on the functions that make and change logins: each is refused, and nothing of the server's roles changes.
func TestLoginsCannotBeAbused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "admin")
	n := db.Name
	super.Must(`
		CREATE ROLE reads_%s LOGIN IN ROLE pg_read_all_data;
		CREATE ROLE lends_%[1]s LOGIN;
		GRANT patronctl_clerk TO lends_%[1]s WITH ADMIN OPTION`, n)
	super.Must("CREATE ROLE local_%s LOGIN; CREATE ROLE boss_%[1]s LOGIN; CREATE ROLE group_%[1]s", n)
	hire := func(login, authority, role string) {
		t.Helper()
		admin.Must("SELECT desk.add_staff(%s, '%s', %s, '%s', NULL, verifier => %s)", admin.Open("staff add", "{}"), login, authority, role,
			"'"+pgtest.AnyVerifier+"'")
	}
	hire("risen."+n, "'CAM'", "clerk")
	hire("wide."+n, "'CAM'", "clerk")
	hire("two."+n, "'CAM'", "clerk")
	admin.Must("SELECT desk.add_staff(%s, 'two.%s', 'KEN', 'clerk', NULL)", admin.Open("staff add", "{}"), n)
	admin.Must("SELECT desk.add_staff(%s, 'local_%s', 'CAM', 'clerk', NULL)", admin.Open("staff add", "{}"), n)
	admin.Must("SELECT desk.add_staff(%s, 'boss_%s', 'CAM', 'admin', NULL)", admin.Open("staff add", "{}"), n)
	super.Must(`ALTER ROLE "risen.%s" CREATEROLE; GRANT pg_read_all_data TO "wide.%[1]s"`, n)
	boss := pgtest.Connect(t, db, "boss_"+n)
	roles := `SELECT md5(string_agg(a::text, '|' ORDER BY a.rolname)) FROM pg_authid AS a
		WHERE a.rolname ~ '^(pg|patronctl)_' OR a.rolname IN ('postgres', 'library', 'admin', 'support', 'clerk.ken') OR a.rolname LIKE '%` + n +
		`'`
	before := super.Must("%s", roles)

	verifier := "'" + pgtest.AnyVerifier + "'"
	add := func(login string) string { return "desk.add_staff(%s, '" + login + "', 'CAM', 'clerk', NULL" }
	attempts := []struct {
		who             *pgtest.Session
		operation, call string
		code            string
	}{
		// Names: of the server's own roles, of groups, quoted, endless.
		{admin, "staff add", add("postgres") + ", verifier => " + verifier + ")", "LB409"},
		{admin, "staff add", add("postgres") + ", external => TRUE)", "LB409"},
		{admin, "staff add", add("library") + ", external => TRUE)", "LB409"},
		{admin, "staff add", add("patronctl_owner") + ", verifier => " + verifier + ")", "LB409"},
		{admin, "staff add", add("patronctl_owner") + ", external => TRUE)", "LB404"},
		{admin, "staff add", add("patronctl_roles") + ", external => TRUE)", "LB404"},
		{admin, "staff add", add("patronctl_clerk") + ", external => TRUE)", "LB404"},
		{admin, "staff add", add("patronctl_new") + ", verifier => " + verifier + ")", "LB400"},
		{admin, "staff add", add("pg_read_all_data") + ", external => TRUE)", "LB404"},
		{admin, "staff add", add("pg_new") + ", external => TRUE)", "LB400"},
		{admin, "staff add", add("public") + ", external => TRUE)", "LB400"},
		{admin, "staff add", add("PUBLIC") + ", external => TRUE)", "LB400"},
		{admin, "staff add", add("none") + ", external => TRUE)", "LB400"},
		{admin, "staff add", add("") + ", external => TRUE)", "LB400"},
		{admin, "staff add", "desk.add_staff(%s, NULL, 'CAM', 'clerk', NULL, external => TRUE)", "LB400"},
		{admin, "staff add", add(`x" SUPERUSER; --`) + ", external => TRUE)", "LB400"},
		{admin, "staff add", add(`x'' SUPERUSER`) + ", external => TRUE)", "LB400"},
		{admin, "staff add", add(strings.Repeat("x", 64)) + ", external => TRUE)", "LB400"},
		{admin, "staff add", add("group_"+n) + ", external => TRUE)", "LB404"},
		{admin, "staff add", add("group_"+n) + ")", "LB404"},
		// Roles and passwords that are something else.
		{admin, "staff add", "desk.add_staff(%s, 'new." + n + "', 'CAM', 'clerk SUPERUSER', NULL, external => TRUE)", "LB400"},
		{admin, "staff add", "desk.add_staff(%s, 'new." + n + "', 'CAM', 'owner', NULL, external => TRUE)", "LB400"},
		{admin, "staff add", "desk.add_staff(%s, 'new." + n + "', 'CAM', NULL, NULL, external => TRUE)", "LB400"},
		{admin, "staff add", add("new."+n) + ", verifier => 'seven blue kettles hum')", "LB400"},
		{admin, "staff add", add("new."+n) + ", verifier => 'md5" + strings.Repeat("0", 32) + "')", "LB400"},
		{admin, "staff add", add("new."+n) + ", verifier => '" + pgtest.AnyVerifier + "'' SUPERUSER')", "LB400"},
		{admin, "staff add", add("new."+n) + ", verifier => '')", "LB400"},
		// Logins that reach around the guard.
		{admin, "staff add", add("reads_"+n) + ")", "LB409"},
		{admin, "staff add", add("lends_"+n) + ")", "LB409"},
		{admin, "staff add", add("risen."+n) + ")", "LB409"},
		{admin, "staff password", "desk.set_staff_password(%s, 'risen." + n + "', " + verifier + ")", "LB409"},
		{admin, "staff password", "desk.set_staff_password(%s, 'wide." + n + "', " + verifier + ")", "LB409"},
		// Logins that are nobody's staff, or somebody else's as well.
		{admin, "staff password", "desk.set_staff_password(%s, 'postgres', " + verifier + ")", "LB404"},
		{admin, "staff password", "desk.set_staff_password(%s, 'patronctl_owner', " + verifier + ")", "LB404"},
		{admin, "staff password", "desk.set_staff_password(%s, 'library', " + verifier + ")", "LB404"},
		{admin, "staff password", "desk.set_staff_password(%s, 'local_" + n + "', " + verifier + ")", "LB409"},
		{admin, "staff password", "desk.set_staff_password(%s, 'two." + n + "', NULL)", "LB400"},
		{admin, "staff password", "desk.set_staff_password(%s, 'two." + n + "', 'seven blue kettles hum')", "LB400"},
		{admin, "staff disable", "desk.disable_staff(%s, 'postgres')", "LB404"},
		{admin, "staff disable", "desk.disable_staff(%s, 'patronctl_roles')", "LB404"},
		{admin, "staff enable", "desk.enable_staff(%s, 'group_" + n + "')", "LB404"},
		{admin, "staff enable", "desk.enable_staff(%s, 'two." + n + "')", "LB409"},
		// Oneself.
		{admin, "staff add", "desk.add_staff(%s, 'admin', NULL, 'officer', NULL)", "LB403"},
		{admin, "staff add", "desk.add_staff(%s, 'admin', 'CAM', 'officer', NULL)", "LB403"},
		{admin, "staff revoke", "desk.revoke_staff(%s, 'admin', NULL, 'admin')", "LB403"},
		{admin, "staff disable", "desk.disable_staff(%s, 'admin')", "LB403"},
		{admin, "staff enable", "desk.enable_staff(%s, 'admin')", "LB403"},
		{admin, "staff password", "desk.set_staff_password(%s, 'admin', " + verifier + ")", "LB403"},
		// An administrator of one library.
		{boss, "staff add", "desk.add_staff(%s, 'wide." + n + "', NULL, 'support', NULL)", "LB403"},
		{boss, "staff add", "desk.add_staff(%s, 'new." + n + "', NULL, 'admin', NULL, external => TRUE)", "LB403"},
		{boss, "staff add", "desk.add_staff(%s, 'new." + n + "', 'KEN', 'clerk', NULL, external => TRUE)", "LB403"},
		{boss, "staff revoke", "desk.revoke_staff(%s, 'two." + n + "', 'KEN', 'clerk')", "LB403"},
		{boss, "staff revoke", "desk.revoke_staff(%s, 'support', NULL, 'support')", "LB403"},
		{boss, "staff password", "desk.set_staff_password(%s, 'two." + n + "', " + verifier + ")", "LB403"},
		{boss, "staff disable", "desk.disable_staff(%s, 'two." + n + "')", "LB403"},
		{boss, "staff password", "desk.set_staff_password(%s, 'admin', " + verifier + ")", "LB404"},
		{boss, "staff disable", "desk.disable_staff(%s, 'support')", "LB404"},
		{boss, "staff list", "desk.show_staff(%s, 'support')", "LB404"},
	}
	for _, try := range attempts {
		_, err := try.who.Run("SELECT "+try.call, try.who.Open(try.operation, "{}"))
		if pgtest.Code(err) != try.code {
			t.Errorf("%s: %v, want %s", try.call, err, try.code)
		}
		t.Logf("%-6s %s", pgtest.Code(err), try.call)
	}
	// What they stand on is nobody's to call.
	for _, call := range []string{
		"desk.join_group('clerk.ken', 'admin')", "desk.leave_group('clerk.ken', 'clerk')", "desk.make_login('mine', NULL)",
		"desk.alter_login('postgres', NULL, NULL, 'infinity')",
		"desk.register_staff('clerk.ken', NULL, 'admin', NULL)", "desk.change_verifier('admin', " + verifier + ")",
		"desk.open_or_close('support', FALSE)",
	} {
		_, err := admin.Run("SELECT " + call)
		pgtest.Forbidden(t, call, err)
	}
	if after := super.Must("%s", roles); after != before {
		t.Error("roles of the server were changed")
	}
	if left := super.Must("SELECT count(*) FROM patronctl.login WHERE login !~ '%s$'", n); left != "0" {
		t.Error("a refused registration left something behind")
	}
}

// Who is disabled is out: running sessions are refused and ended, new ones are not let in, and everything is back afterwards.
func TestDisablingWorksAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	login := "nina." + db.Name
	if _, err := staff.AddLogin(t.Context(), admin, client.Why{}, staff.Registration{Login: login, Authority: "CAM", Role: "clerk"},
		staff.Login{External: true}); err != nil {
		t.Fatal(err)
	}
	first, second := pgtest.Connect(t, db, login), pgtest.Connect(t, db, login)
	id := first.Open("patron show", pgtest.Bookworm)
	super.Must("REVOKE pg_signal_backend FROM patronctl_owner")
	defer super.Must("GRANT pg_signal_backend TO patronctl_owner")
	done, err := staff.Disable(t.Context(), admin, client.Why{}, login)
	if err != nil || !done.Closed || done.Sessions != nil {
		t.Fatalf("disabled without the right to end sessions: %+v, %v", done, err)
	}
	_, err = first.Run("SELECT %s", pgtest.OpenCall("patron show", pgtest.Bookworm))
	pgtest.Refused(t, "a running session", err)
	_, err = first.Run("SELECT desk.show_patron(%s, FALSE)", id)
	pgtest.Refused(t, "an access from before", err)
	if _, err := client.Open(t.Context(), client.Config{DSN: db.DSN(login)}); pgtest.Kind(err) != client.KindConnect {
		t.Errorf("a new session: %v", err)
	}
	super.Must("GRANT pg_signal_backend TO patronctl_owner")
	done, err = staff.Disable(t.Context(), admin, client.Why{}, login)
	if err != nil || done.Sessions == nil || *done.Sessions != 2 {
		t.Errorf("disabled again: %+v, %v", done, err)
	}
	if _, err := second.Run("SELECT 1"); err == nil {
		t.Error("a session goes on")
	}
	enabled, err := staff.Enable(t.Context(), admin, client.Why{}, login)
	if err != nil || !enabled.Opened {
		t.Errorf("enabled: %+v, %v", enabled, err)
	}
	pgtest.Connect(t, db, login).Must("SELECT %s", pgtest.OpenCall("patron show", pgtest.Bookworm))
}

// A session that keeps its own registration locked, or its login, holds nobody up: whoever would end the registration is told
// how to go on, and disabling ends the session and closes the login.
func TestOpenTransactionsDoNotKeepALogin(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, why, admin := t.Context(), client.Why{}, db.Client(t, "admin")
	for n, holding := range []string{
		"SELECT " + pgtest.OpenCall("debt check", `{"cards": ["`+sample.CardLongHistory+`"]}`),
		"ALTER ROLE CURRENT_USER PASSWORD '" + pgtest.AnyVerifier + "'",
	} {
		login := fmt.Sprintf("sits%d.%s", n, db.Name)
		if _, err := staff.AddLogin(ctx, admin, why, staff.Registration{Login: login, Authority: "CAM", Role: "clerk"},
			staff.Login{External: true}); err != nil {
			t.Fatal(err)
		}
		sits := pgtest.Connect(t, db, login)
		sits.Must("BEGIN; %s", holding)
		_, err := staff.Revoke(ctx, admin, why, login, "CAM", "clerk")
		if known, ok := errors.AsType[*client.Error](err); !ok || known.Kind != client.KindBusy ||
			!strings.Contains(known.Message, "this login") || !strings.Contains(known.Hint, "patronctl staff disable LOGIN") {
			t.Errorf("%s: a registration is ended: %+v", holding, err)
		}
		done, err := staff.Disable(ctx, admin, why, login)
		if err != nil || !done.Closed || done.Sessions == nil || *done.Sessions != 1 {
			t.Errorf("%s: disabled: %+v, %v", holding, done, err)
		}
		if _, err := sits.Run("COMMIT"); err == nil {
			t.Errorf("%s: the session goes on", holding)
		}
		if _, err := client.Open(ctx, client.Config{DSN: db.DSN(login)}); pgtest.Kind(err) != client.KindConnect {
			t.Errorf("%s: a new session: %v", holding, err)
		}
		if _, err := staff.Revoke(ctx, admin, why, login, "CAM", "clerk"); err != nil {
			t.Errorf("%s: afterwards: %v", holding, err)
		}
	}
	// Who lets go just when the door is being closed does not keep it open.
	super, login := pgtest.Connect(t, db, "postgres"), "nips."+db.Name
	if _, err := staff.AddLogin(ctx, admin, why, staff.Registration{Login: login, Authority: "CAM", Role: "clerk"},
		staff.Login{External: true}); err != nil {
		t.Fatal(err)
	}
	nips, closed := pgtest.Connect(t, db, login), make(chan error, 1)
	nips.Must("BEGIN; ALTER ROLE CURRENT_USER PASSWORD '%s'", pgtest.AnyVerifier)
	go func() {
		done, err := staff.Disable(ctx, admin, why, login)
		if err == nil && !done.Closed {
			err = errors.New("it is open")
		}
		closed <- err
	}()
	pgtest.Eventually(t, "wait", func() bool {
		return super.Must(`
			SELECT count(*)
			FROM pg_stat_activity
			WHERE datname = current_database() AND usename = 'admin' AND wait_event_type = 'Lock'`) == "1" || len(closed) > 0
	})
	_, _ = nips.Run("COMMIT") // unless it was ended by now
	if err := <-closed; err != nil {
		t.Errorf("disabled while it lets go: %v", err)
	}
	// Another administrator at work is no reason to disable anybody.
	super.Must("BEGIN; SELECT FROM patronctl.staff WHERE login = 'clerk.ken' FOR UPDATE")
	_, err := staff.Revoke(ctx, admin, why, "clerk.ken", "KEN", "clerk")
	if known, ok := errors.AsType[*client.Error](err); !ok || known.Kind != client.KindBusy || strings.Contains(known.Hint, "disable") {
		t.Errorf("while somebody else works on it: %+v", err)
	}
}
