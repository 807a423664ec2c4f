package staff_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// A password opens the login by SCRAM, in pgx and in libpq, however its letters are composed; and it is nowhere: not in the
// log of a server that logs everything, not among the statements it shows, not in its tables.
func TestAPasswordOpensItsLoginAndIsNowhere(t *testing.T) {
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	login := "scram." + db.Name
	requireScram(super, login)
	for _, set := range []string{
		"log_statement = 'all'", "log_min_duration_statement = 0", "log_parameter_max_length = -1",
		"log_parameter_max_length_on_error = -1", "log_min_error_statement = 'info'",
	} {
		super.Must("ALTER DATABASE %s SET %s", db.Name, set)
	}
	admin := db.Client(t, "admin")
	const composed, apart = "s\u010dervene\u010dn\u00e1 tma nad vodou", "sc\u030cervenec\u030cna\u0301 tma nad vodou"
	passwords := []string{"seven blue kettles hum", composed, `back\slash "quote' $1 %s; --`}
	for n, password := range passwords {
		var err error
		if n == 0 {
			_, err = staff.AddLogin(t.Context(), admin, client.Why{}, staff.Registration{Login: login, Authority: "CAM", Role: "clerk"},
				staff.Login{Password: password})
		} else {
			_, err = staff.SetPassword(t.Context(), admin, client.Why{}, login, password)
		}
		if err != nil {
			t.Fatal(err)
		}
		spelled := []string{password}
		if password == composed {
			spelled = append(spelled, apart)
		}
		for _, typed := range spelled {
			if err := logIn(t, db, login, typed); err != nil {
				t.Errorf("%q: %v", typed, err)
			}
		}
		if err := logIn(t, db, login, password+" "); err == nil {
			t.Error("another password opens the login as well")
		}
	}
	// One's own.
	own, err := client.Open(t.Context(),
		client.Config{DSN: db.DSN(login) + " password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(passwords[2]) + "'"})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	passwords = append(passwords, "my own and only secret")
	if _, err := staff.SetPassword(t.Context(), own, client.Why{}, "", passwords[3]); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, db, login, passwords[3]); err != nil {
		t.Error(err)
	}
	log := pgtest.Log(t)
	if !strings.Contains(log, "desk.add_staff(") || !strings.Contains(log, "desk.set_own_password(") {
		t.Fatal("the server logs too little for this test")
	}
	log += super.Must("SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE datname = '%s'", db.Name)
	for _, password := range append(passwords, apart) {
		if strings.Contains(log, password) {
			t.Errorf("%q is in the server's log or statements", password)
		}
	}
	for _, row := range pgtest.RowsWith(super, passwords...) {
		t.Errorf("a password is in %s", row)
	}
	if kept := super.Must("SELECT rolpassword FROM pg_authid WHERE rolname = '%s'", login); !strings.HasPrefix(kept, "SCRAM-SHA-256$4096:") {
		t.Error("the server keeps no verifier")
	}
	if rest := super.Must(`
		SELECT concat(rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolconnlimit)
		FROM pg_authid
		WHERE rolname = '%s'`, login); rest != "ftffff20" {
		t.Errorf("attributes of a new login: %s", rest)
	}
}

// requireScram makes the server ask this one login for a password.
func requireScram(super *pgtest.Session, login string) {
	path := super.Must("SHOW hba_file")
	super.Must(`COPY (SELECT 'local all "%s" scram-sha-256' UNION ALL SELECT 'local all all trust') TO '%s'`, login, path)
	super.Must("SELECT pg_reload_conf()")
}

// logIn tries a password with pgx and with the server's own psql, which must agree.
func logIn(t *testing.T, db *pgtest.DB, login, password string) error {
	t.Helper()
	config, err := pgx.ParseConfig(db.DSN(login))
	if err != nil {
		t.Fatal(err)
	}
	config.Password = password
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err == nil {
		_ = conn.Close(t.Context())
	}
	bin, missing := localpg.Locate()
	if missing != nil {
		t.Fatal(missing)
	}
	psql := exec.CommandContext(t.Context(), filepath.Join(bin, "psql"), "-X", "-c", "SELECT 1", db.DSN(login))
	psql.Env = []string{"PGPASSWORD=" + password, "LC_ALL=C.UTF-8"}
	if out, other := psql.CombinedOutput(); (err == nil) != (other == nil) {
		return fmt.Errorf("pgx: %w, psql: %w: %s", err, other, out)
	}
	return err
}

// What is easy to guess is refused before anything is sent.
func TestWeakPasswords(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		"seven blue kettles hum": true, "Kj#9x!vQ2m$Lp7&w": true, "čučoriedky v mlieku": true,
		"": false, "short1!": false, "fourteen chars": false, "passwordpassword": false, "Password-12345678": false, "qwertyuiopasdfgh": false,
		"1234567890123456": false, "aaaaaaaaaaaaaaaaaaaa": false, "correcthorsebatterystaple": false, "anna.smithanna.smith": false,
		"Library Password 2026!": false, "ababababababababab": false, "letmein letmein letmein": false, "               ": false,
		"ｓｅｖｅｎ blue kettles": false, "seven\u200bblue kettles hum": false, "seven\nblue kettles hum": false, "seven\xffblue kettles hum": false,
	} {
		err := staff.CheckPassword("anna.smith", password)
		if (err == nil) != good || err != nil && pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%q: %v", password, err)
		}
		if err != nil && password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("%q is in the error", password)
		}
	}
}
