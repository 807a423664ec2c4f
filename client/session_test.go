package client_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// What a staff login finds out about others and about tables: nothing. What it tries stands in attacks_test.go.
func TestStaffSeeNothingOfOthers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, login := range []string{"clerk.cam", "officer.cam", "support", "admin", "job", "auditor", "opac"} {
		staff := pgtest.Connect(t, db, login)
		for _, empty := range []string{
			"SELECT count(*) FROM pg_stats WHERE schemaname IN ('lms', 'patronctl')",
			"SELECT count(*) FROM pg_stat_activity WHERE usename <> session_user AND query NOT IN ('', '<insufficient privilege>')",
			"SELECT count(*) FROM information_schema.tables WHERE table_schema IN ('lms', 'patronctl', 'desk')",
			"SELECT count(*) FROM information_schema.columns WHERE table_schema IN ('lms', 'patronctl', 'desk')",
		} {
			if n := staff.Must("%s", empty); n != "0" {
				t.Errorf("%s: %s: %s", login, empty, n)
			}
		}
	}
}

// The rights are those of the login that connected: neither SET ROLE nor a setting makes somebody else of it.
func TestTheSessionIsTheLogin(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	clerk.Must("SET ROLE patronctl_clerk; SET application_name = 'officer.cam'; SET search_path = pg_temp, lms, desk")
	id := clerk.Open("patron show", farrow)
	if login := super.Must("SELECT login FROM patronctl.access WHERE id = %s", id); login != "clerk.cam" {
		t.Errorf("recorded as %s", login)
	}
	_, err := clerk.Run("SELECT %s", pgtest.OpenCall("export", farrow))
	pgtest.Refused(t, "an export by a clerk", err)
	// A superuser who shadows what the functions use, as temporary objects would, does not change what they see.
	super.Must(`
		CREATE TEMP TABLE staff AS SELECT 'postgres' AS login;
		CREATE FUNCTION pg_temp.today(text) RETURNS date LANGUAGE sql AS 'SELECT NULL::date';
		SET search_path = pg_temp, public`)
	_, err = super.Run("SELECT %s", pgtest.OpenCall("patron show", farrow))
	pgtest.Refused(t, "a superuser without registration", err)
}

// A registration that ended or has not begun is none, and a group alone gives nothing.
func TestRegistrationsEnd(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	for _, change := range []struct {
		set     string
		allowed bool
	}{
		{"valid_to = patronctl.today('CAM')", true},
		{"valid_to = patronctl.today('CAM') - 1", false},
		{"valid_to = NULL, valid_from = patronctl.today('CAM') + 1", false},
		{"valid_from = patronctl.today('CAM')", true},
	} {
		super.Must("UPDATE patronctl.staff SET %s WHERE login = 'clerk.cam'", change.set)
		if _, err := clerk.Run("SELECT %s", pgtest.OpenCall("patron show", farrow)); (err == nil) != change.allowed {
			t.Errorf("with %s: %v", change.set, err)
		}
	}
	// Old snapshots know of rights that were taken away since.
	clerk.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
	super.Must("DELETE FROM patronctl.staff WHERE login = 'clerk.cam'")
	_, err := clerk.Run("SELECT %s", pgtest.OpenCall("patron show", farrow))
	pgtest.Refused(t, "with a snapshot from before the registration ended", err)
	_, _ = clerk.Run("ROLLBACK")
	_, err = clerk.Run("SELECT %s", pgtest.OpenCall("patron show", farrow))
	pgtest.Refused(t, "with the group alone", err)
}

// What the server can be told to print about the work inside a function shows nothing: neither who a rolled back access
// found, nor to support the values it may not see.
func TestDiagnosticsShowNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var printed strings.Builder
	config, err := pgx.ParseConfig(db.DSN("support"))
	if err != nil {
		t.Fatal(err)
	}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		fmt.Fprintln(&printed, n.Message, n.Detail, n.Hint, n.Where, n.InternalQuery)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // its work is done
	support := pgtest.On(t, conn.PgConn())
	support.Must(`
		SET client_min_messages = debug5;
		SET debug_print_plan = on; SET debug_print_parse = on;
		SET debug_print_rewritten = on;
		SET plpgsql.extra_warnings = 'all';
		SET plan_cache_mode = force_custom_plan`)
	id := support.Open("patron show", farrow)
	support.Must("SELECT desk.show_patron(%s, TRUE)", id)
	support.Must("SELECT desk.find_patrons(%s)", support.Open("patron find", `{"words": ["farrow"]}`))
	support.Must("SELECT desk.check_debt(%s)", support.Open("debt check", farrow))
	if !strings.Contains(printed.String(), "CommitTransaction") {
		t.Fatal("the server printed nothing: this test shows nothing")
	}
	// Plans print a text as a list of bytes in decimal.
	var bytes []string
	for _, b := range []byte("Farrow") {
		bytes = append(bytes, fmt.Sprint(b))
	}
	for _, forbidden := range []string{"Farrow", strings.Join(bytes, " "), hex.EncodeToString([]byte("Farrow"))} {
		if strings.Contains(printed.String(), forbidden) {
			t.Errorf("support sees a surname as %q", forbidden)
		}
	}
	for line := range strings.Lines(printed.String()) {
		if strings.Contains(line, ":constvalue") && strings.Contains(line, "RTE") && !strings.Contains(line, "open_access") {
			t.Errorf("a plan inside a function is printed with its values: %.200s", line)
			break
		}
	}
}

// What a session may set for itself does not change what the functions do.
func TestSessionSettingsChangeNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	odd := "SET standard_conforming_strings = off; SET backslash_quote = on; SET transform_null_equals = on; SET client_min_messages = error"
	clerk, admin := pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "admin")
	clerk.Must("%s", odd)
	admin.Must("%s", odd)
	id := clerk.Open("patron show", `{"ref": "farrow owen"}`)
	if shown := clerk.Must("SELECT desk.show_patron(%s, FALSE)", id); !strings.Contains(shown, sample.CardOwesElsewhere) {
		t.Errorf("not found by two words: %s", shown)
	}
	clerk.Must("SELECT desk.reset_password(%s, '%s')", clerk.Open("password reset", farrow), pgtest.AnyHash)
	admin.Must("SELECT desk.set_setting(%s, 'CAM', 'k', '7')", admin.Open("settings set", "{}"))
	if _, err := admin.Run("SELECT desk.set_setting(%s, 'CAM', 'k', 'ddd')", admin.Open("settings set", "{}")); pgtest.Code(err) != "LB400" {
		t.Errorf("k = ddd: %v", err)
	}
}
