package audit_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
)

// attempt connects as anybody, with a password when one is given, and tells whether it got in.
func attempt(t *testing.T, db *pgtest.DB, login, password, database string) bool {
	t.Helper()
	config, err := pgx.ParseConfig(db.DSN("clerk.cam"))
	if err != nil {
		t.Fatal(err)
	}
	config.User, config.Password, config.Database = login, password, database
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		return false
	}
	_ = conn.Close(t.Context())
	return true
}

// events lists logins, newest first.
func events(t *testing.T, c *client.Client, f audit.LoginFilter) (found []audit.LoginEvent) {
	t.Helper()
	for e, err := range audit.ListLogins(t.Context(), c, client.Why{}, f) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, e)
	}
	return found
}

func outcomes(found []audit.LoginEvent) (all []string) {
	for _, e := range found {
		all = append(all, e.Outcome)
	}
	slices.Reverse(all)
	return all
}

// Every way to get in or not has its name, and what somebody typed for a name is shown when it is one.
func TestLoginsAreListed(t *testing.T) {
	db := pgtest.New(t)
	super, auditor := pgtest.Connect(t, db, "postgres"), db.Client(t, "auditor")
	made, rejected, full, foreign := "made."+db.Name, "rejected."+db.Name, "full."+db.Name, "foreign."+db.Name
	hostile := "h\"} {\"user\":\"x\\u0041', \n\x1b[31m%s" + db.Name
	path := super.Must("SHOW hba_file")
	super.Must(`COPY (SELECT unnest(ARRAY['local all "%s" scram-sha-256', 'local all "%s" reject', 'local all all trust'])) TO '%s'`, made,
		rejected, path)
	super.Must("SELECT pg_reload_conf()")
	const password, typed = "seven blue kettles hum", "nine red kettles drum"

	tries := []struct {
		before, login, password, database, want string
	}{
		{"SELECT", made, password, db.Name, "wrong password"}, // it does not exist yet, but does when this is listed
		{
			`CREATE ROLE "made.$" LOGIN PASSWORD '` + password +
				`' IN ROLE patronctl_clerk;
			INSERT INTO patronctl.staff (login, authority, role, valid_from) VALUES ('made.$', 'CAM', 'clerk', '2020-01-01')`, made,
			"another", db.Name, "wrong password",
		},
		{"SELECT", made, password, db.Name, "ok"},
		{"SELECT", made, "another", "postgres", "wrong password"},
		{`ALTER ROLE "made.$" VALID UNTIL '2001-01-01'`, made, password, db.Name, "expired"},
		{`ALTER ROLE "made.$" VALID UNTIL 'infinity' NOLOGIN`, made, password, db.Name, "disabled"},
		{`CREATE ROLE "rejected.$" LOGIN IN ROLE patronctl_clerk`, rejected, "", db.Name, "not allowed"},
		{`CREATE ROLE "full.$" LOGIN IN ROLE patronctl_clerk CONNECTION LIMIT 0`, full, "", db.Name, "too many"},
		{`CREATE ROLE "foreign.$" LOGIN`, foreign, "", db.Name, "not allowed"},
		{`GRANT CONNECT ON DATABASE postgres TO "foreign.$"`, foreign, "", "postgres", "ok elsewhere"},
		{`ALTER ROLE "foreign.$" NOLOGIN`, foreign, "", "postgres", "disabled elsewhere"},
		{"CREATE ROLE " + pgx.Identifier{hostile}.Sanitize() + " LOGIN IN ROLE patronctl_clerk", hostile, "", db.Name, "ok"},
	}
	want := map[string][]string{}
	for _, try := range tries {
		super.Must("%s", strings.ReplaceAll(try.before, "$", db.Name))
		if in := attempt(t, db, try.login, try.password, try.database); in != strings.HasPrefix(try.want, "ok") {
			t.Fatalf("%s: got in: %v", try.want, in)
		}
		if !strings.HasSuffix(try.want, " elsewhere") {
			want[try.login] = append(want[try.login], try.want)
		}
	}
	// A password in the wrong field, names that are no text, and one that is longer than the server takes.
	for _, nobody := range []string{typed, "\xff\xfe\xc5", "nobody\x1b[2J\"}", strings.Repeat("č", 40), strings.Repeat("x", 1<<20)} {
		attempt(t, db, nobody, "", db.Name)
	}
	clerk := pgtest.Connect(t, db, "clerk.ken")
	_, err := clerk.Run("SELECT * FROM patronctl.access")
	pgtest.Forbidden(t, "a table", err)
	// What staff have the server log is not what it says by itself.
	clerk.Must(`DO $$ BEGIN RAISE LOG 'connection authorized: user=postgres'; END $$`)
	_, err = clerk.Run(`DO $$ BEGIN RAISE 'password authentication failed for user "clerk.pbk"' USING ERRCODE = '28P01'; END $$`)
	if pgtest.Code(err) != "28P01" {
		t.Fatal(err)
	}
	_, err = clerk.Run(`DO $$ BEGIN RAISE E'the end \x1b[2J' USING ERRCODE = '42501'; END $$`)
	pgtest.Forbidden(t, "by itself", err)

	var all []audit.LoginEvent
	pgtest.Eventually(t, "last refusal", func() bool {
		all = events(t, auditor, audit.LoginFilter{})
		return slices.ContainsFunc(all, func(e audit.LoginEvent) bool { return strings.HasPrefix(e.What, "the end ") })
	})
	for login, wanted := range want {
		found := events(t, auditor, audit.LoginFilter{Login: login})
		if got := outcomes(found); !slices.Equal(got, wanted) {
			t.Errorf("%q: %v, want %v", login, got, wanted)
		}
		failed := events(t, auditor, audit.LoginFilter{Login: login, Failed: true})
		if slices.Contains(outcomes(failed), "ok") || len(failed)+strings.Count(strings.Join(wanted, "."), "ok") != len(wanted) {
			t.Errorf("%q, failed only: %v", login, outcomes(failed))
		}
		t.Log(login, outcomes(found), found[0].From)
	}
	said := outcomes(events(t, auditor, audit.LoginFilter{Login: "clerk.ken"}))
	if !slices.Equal(said, []string{"ok", "denied", "denied"}) {
		t.Errorf("clerk.ken: %v", said)
	}
	unknown := 0
	for n, e := range all {
		if n > 0 && e.At.After(all[n-1].At) {
			t.Error("not newest first")
		}
		if (e.Login == "") != (e.Outcome == "no such login") && e.Outcome != "too many" {
			t.Errorf("%+v", e)
		}
		if e.Outcome == "no such login" {
			unknown++
		}
	}
	if unknown < 4 { // those above that the server took
		t.Errorf("%d unknown logins", unknown)
	}
	document, err := json.Marshal(all)
	if err != nil || strings.Contains(string(document), typed) || strings.Contains(string(document), "nobody") {
		t.Errorf("what was typed for a name is shown, %v", err)
	}
	if filtered := events(t, auditor, audit.LoginFilter{Login: typed}); len(filtered) > 0 {
		t.Error("the filter tells which names were tried")
	}
	middle := all[len(all)/2].At
	for _, e := range events(t, auditor, audit.LoginFilter{Since: &middle}) {
		if e.At.Before(middle) {
			t.Error("before --since: ", e)
		}
	}
	if newest := events(t, auditor, audit.LoginFilter{Limit: 2}); len(newest) != 2 {
		t.Errorf("two are %d", len(newest))
	}
}

// logFile gives a database a day's log of its own: lines as the server writes them, at its place in the week.
func logFile(super *pgtest.Session, name string, lines ...string) {
	super.T.Helper()
	path := fmt.Sprintf("%s/log/%s-%s.json", super.Must("SHOW data_directory"), super.Must("SELECT current_database()"), name)
	quoted := make([]string, len(lines))
	for n, line := range lines {
		quoted[n] = "'" + strings.ReplaceAll(line, "'", "''") + "'"
	}
	super.Must(`
		COPY (SELECT unnest(ARRAY[%s]::text[])) TO '%s' (
			FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ESCAPE E'\x03', ENCODING 'LATIN1'
		)`, strings.Join(quoted, ", "), path)
	// Not today's, which is where the server writes.
	super.Must("ALTER FOREIGN TABLE patronctl_log.file_%s OPTIONS (SET filename '%s')",
		super.Must("SELECT extract(isodow FROM now() AT TIME ZONE 'UTC' + interval '3 days')"), path)
}

func logLine(super *pgtest.Session, at, login, rest string) string {
	return fmt.Sprintf(
		`{"timestamp":"%s UTC","user":"%s","dbname":"%s","pid":1,"remote_host":"192.0.2.7","session_id":"%[1]s","line_num":2,%[4]s}`, at, login,
		super.Must("SELECT current_database()"), rest)
}

const (
	authorized = `"error_severity":"LOG","message":"connection authorized: user=x"`
	mistyped   = `"error_severity":"FATAL","state_code":"28P01","message":"password authentication failed for user \"x\""`
	unallowed  = `"error_severity":"ERROR","state_code":"42501","message":"permission denied for table access"`
)

// A line that is being written, one that is none, and a file that is not there do not keep the rest from being read.
func TestABrokenLogIsRead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, auditor := pgtest.Connect(t, db, "postgres"), db.Client(t, "auditor")
	super.Must(`CREATE ROLE "anna.%s"`, db.Name)
	login := "anna." + db.Name
	good := logLine(super, "2026-01-02 03:04:05.678", login, authorized)
	cut := logLine(super, "2026-01-02 03:04:06.000", login, `"error_severity":"FATAL","state_code":"28P01","message":"password } `)
	logFile(super, "broken", "", "{}", "null", `{"timestamp":"x"`, good[:60], "\u00ff\u00fe"+good, good,
		strings.Replace(good, "192.0.2.7", "\u00ff", 1), `"error_severity":"FATAL","state_code":"28P01"`, cut)
	found := events(t, auditor, audit.LoginFilter{Login: login})
	if len(found) != 2 || found[0].At.UTC().Format("2006-01-02 15:04:05.000") != "2026-01-02 03:04:05.678" ||
		found[0].From+found[1].From != "192.0.2.7\u00ff" && found[1].From+found[0].From != "192.0.2.7\u00ff" {
		t.Errorf("%+v", found)
	}
	logFile(super, "crashed", good)
	super.Must(`COPY (SELECT) TO PROGRAM 'cat > /dev/null; head -c 3 /dev/zero >> "%s/log/%s-crashed.json"'`,
		super.Must("SHOW data_directory"), db.Name)
	if found := events(t, auditor, audit.LoginFilter{Login: login}); len(found) != 1 {
		t.Errorf("before the end that a crash left: %+v", found)
	}
	logFile(super, "rotated")
	if found := events(t, auditor, audit.LoginFilter{Login: login}); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	super.Must("ALTER FOREIGN TABLE patronctl_log.file_%s OPTIONS (SET filename '/nonexistent/file')",
		super.Must("SELECT extract(isodow FROM now() AT TIME ZONE 'UTC' + interval '3 days')"))
	if len(events(t, auditor, audit.LoginFilter{})) == 0 {
		t.Error("a file that is not there hides the others")
	}
}

// Nobody reads the log itself: not the owner of the functions, and not what other databases' sessions did.
func TestTheLogStaysClosed(t *testing.T) {
	t.Parallel()
	db, other := pgtest.New(t), pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	_, err := pgtest.Connect(t, other, "clerk.cam").Run("SELECT FROM lms.patron")
	pgtest.Forbidden(t, "a table", err)
	today := super.Must("SELECT extract(isodow FROM now() AT TIME ZONE 'UTC')")
	pgtest.Eventually(t, "line", func() bool {
		return super.Must(`SELECT count(*) FROM patronctl_log.file_%s WHERE line LIKE '%%"dbname":"%s"%%42501%%'`, today, other.Name) != "0"
	})
	super.Must("SET ROLE patronctl_owner")
	_, err = super.Run("SELECT FROM patronctl_log.file_%s", today)
	pgtest.Forbidden(t, "the log as patronctl_owner", err)
	_, err = super.Run("ALTER FOREIGN TABLE patronctl_log.file_1 OPTIONS (SET filename '/etc/passwd')")
	pgtest.Forbidden(t, "another file", err)
	_, err = super.Run("CREATE FOREIGN TABLE patronctl.mine (line text) SERVER patronctl_log OPTIONS (filename '/etc/passwd')")
	pgtest.Forbidden(t, "a file of one's own", err)
	if lines := super.Must(`
		SELECT count(*)
		FROM patronctl_log.day_%s
		WHERE line LIKE '%%"dbname":"%s"%%' AND line NOT LIKE '%%FATAL%%'`, today, other.Name); lines != "0" {
		t.Errorf("%s lines of another database are shown", lines)
	}
}

// Without the set-up the command says what is missing; the set-up can be run again.
func TestLoginsAreSetUp(t *testing.T) {
	db := pgtest.New(t)
	super, auditor := pgtest.Connect(t, db, "postgres"), db.Client(t, "auditor")
	missing := func(want string, c *client.Client) {
		t.Helper()
		for _, err := range audit.ListLogins(t.Context(), c, client.Why{}, audit.LoginFilter{}) {
			own, _ := err.(*client.Error) //nolint:errorlint // as the caller gets it
			if own == nil || own.Kind != client.KindRefused || !strings.Contains(own.Message, want) ||
				!strings.Contains(own.Hint, "--print-admin-sql") {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	super.Must("ALTER FOREIGN TABLE patronctl_log.file_%s OPTIONS (SET filename 'log/another.json')",
		super.Must("SELECT extract(isodow FROM now() AT TIME ZONE 'UTC')"))
	missing("to other files", auditor)
	super.Must("DROP SCHEMA patronctl_log CASCADE; REVOKE EXECUTE ON FUNCTION pg_current_logfile(text) FROM patronctl_owner")
	missing("not set up", auditor)
	if _, err := audit.CollectLogins(t.Context(), db.Client(t, "job"), client.Why{}); pgtest.Kind(err) != client.KindRefused {
		t.Error(err)
	}
	bin, err := localpg.Locate()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		psql := exec.CommandContext(t.Context(), filepath.Join(bin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", db.DSN("postgres"))
		psql.Stdin = strings.NewReader(install.LoginsSQL())
		if out, err := psql.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if len(events(t, auditor, audit.LoginFilter{Login: "auditor"})) == 0 {
			t.Error("nothing is listed")
		}
	}

	// A server that was not restarted yet, or that logs too little.
	for setting, want := range map[string]string{
		"logging_collector": "does not write its log as JSON",
		"log_connections":   "does not log who connects",
	} {
		cluster, remove, err := localpg.Temporary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := remove(); err != nil {
				t.Error(err)
			}
		})
		cluster.Settings[setting] = "off"
		if err := cluster.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		missing(want, small(t, cluster))
	}
}

// small is a client for the administrator of a database without people.
func small(t *testing.T, cluster *localpg.Cluster) *client.Client {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(cluster.CreateOwner(t.Context()))
	must(cluster.CreateDatabase(t.Context(), "small", "", localpg.Owner))
	must(cluster.SQL(t.Context(), "small", "CREATE ROLE boss LOGIN"))
	owner, err := client.Open(t.Context(), client.Config{DSN: cluster.DSN(localpg.Owner, "small")})
	must(err)
	defer owner.Close()
	must(install.Init(t.Context(), owner, "boss", func(string) {}))
	must(cluster.SQL(t.Context(), "small", install.LoginsSQL()))
	boss, err := client.Open(t.Context(), client.Config{DSN: cluster.DSN("boss", "small")})
	must(err)
	t.Cleanup(boss.Close)
	return boss
}
