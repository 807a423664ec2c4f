package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
)

// bouncer is a PgBouncer in transaction mode before a test database, with a pool of one server connection per login: all
// clients of a login take turns on it, transaction by transaction.
type bouncer struct {
	db  *pgtest.DB
	dir string
}

func newBouncer(t *testing.T, db *pgtest.DB, logins ...string) *bouncer {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "../../.ci/install", "pgbouncer").CombinedOutput(); err != nil {
		t.Fatalf("install PgBouncer: %v: %s", err, out) // never a skip
	}
	dir, err := os.MkdirTemp("/tmp", "bouncer") //nolint:usetesting // t.TempDir is too long for a socket
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })

	settings, err := pgx.ParseConfig(db.DSN(localpg.Owner))
	must(t, err)
	var users strings.Builder
	for _, login := range logins {
		fmt.Fprintf(&users, "%q \"\"\n", login)
	}
	must(t, os.WriteFile(filepath.Join(dir, "users.txt"), []byte(users.String()), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), fmt.Appendf(nil, `
[databases]
%[1]s = host=%[2]s port=%[3]d
merged = host=%[2]s port=%[3]d dbname=%[1]s user=admin
[pgbouncer]
unix_socket_dir = %[4]s
listen_port = 6432
auth_type = trust
auth_file = %[4]s/users.txt
pool_mode = transaction
default_pool_size = 1
max_client_conn = 200
`, db.Name, settings.Host, settings.Port, dir), 0o644))

	program, err := exec.LookPath("pgbouncer")
	if errors.Is(err, exec.ErrNotFound) {
		program = "/usr/sbin/pgbouncer" // Debian's place, outside an ordinary user's path
	}
	serve := exec.CommandContext(t.Context(), program, "-q", filepath.Join(dir, "pgbouncer.ini"))
	if os.Geteuid() == 0 { // PgBouncer refuses to run as root, as PostgreSQL does
		serve.SysProcAttr = &syscall.SysProcAttr{Credential: accountOfServer(t, dir)}
	}
	var log strings.Builder
	serve.Stdout, serve.Stderr = &log, &log
	must(t, serve.Start())
	t.Cleanup(func() {
		_ = serve.Process.Signal(os.Interrupt)
		_ = serve.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	eventually(t, "PgBouncer listens", func() bool {
		_, err := os.Stat(filepath.Join(dir, ".s.PGSQL.6432"))
		return err == nil
	})
	return &bouncer{db, dir}
}

// accountOfServer makes dir belong to the account that root runs servers under.
func accountOfServer(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	account, err := user.Lookup(localpg.AccountName)
	must(t, err)
	uid, err := strconv.Atoi(account.Uid)
	must(t, err)
	gid, err := strconv.Atoi(account.Gid)
	must(t, err)
	must(t, os.Chown(dir, uid, gid))
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// TestDoctorSeesMergedLogins asks through a pool for each login, where all is well, and through one that lets everybody in as
// one login, so that records would name the wrong person.
func TestDoctorSeesMergedLogins(t *testing.T) {
	db := pgtest.New(t)
	b := newBouncer(t, db, "auditor", "admin")
	const finding = `error,pooler,"this connection was asked for as auditor and is one of admin: `
	for name, merges := range map[string]bool{db.Name: false, "merged": true} {
		there := *b
		there.db = &pgtest.DB{Name: name}
		out, err := there.command(t, "auditor", "doctor --server -o csv --columns severity,check,finding").Output()
		if err != nil || strings.Contains(string(out), finding) != merges || strings.Contains(string(out), ",pooler,") != merges {
			t.Errorf("through %s: %v: %s", name, err, out)
		}
	}
}

// command is patronctl as a member of staff who reaches the database through the bouncer only.
func (b *bouncer) command(t *testing.T, login, line string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), "patronctl", strings.Fields(line)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("PATRONCTL_DSN=host=%s port=6432 dbname=%s user=%s sslmode=disable", b.dir, b.db.Name, login))
	return cmd
}

// TestThroughPgBouncer does the five jobs as several logins at once, over and over.
func TestThroughPgBouncer(t *testing.T) {
	db := pgtest.New(t)
	super := db.Super(t)
	// More than two pages of loans to export, more than two chunks of cards to check.
	_, err := super.Exec(t.Context(), `
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, due_at, returned_at)
		SELECT 36, 100 + n % 1000, 'CAM', 'CAM-CEN', '2020-01-01', '2020-02-01', '2020-01-20' FROM generate_series(1, 4500) AS n`)
	must(t, err)
	cards := filepath.Join(t.TempDir(), "cards.csv")
	must(t, os.WriteFile(cards, []byte("card\n"+strings.Repeat("90000041\n90000036\n99999999\n", 1500)), 0o600))

	const rounds = 5
	// What each login does, and as which operation it is recorded. No two logins touch the same patron, except to read.
	jobs := map[string][]string{
		"clerk.cam": {
			"patron find 90000001", "patron show 90000002", "debt check 90000012", "password reset 90000041 --yes",
			"history anonymize 90000030 --before today --yes",
		},
		"clerk.ken": {
			"patron find 90000003", "patron show 90000004", "debt check 90000013", "password reset 90000025 --yes",
			"history anonymize 90000033 --before today --yes",
		},
		"clerk.pbk": {
			"patron find 90000031", "patron show 90000031", "debt check 90000015", "password reset 90000040 --yes",
			"history anonymize 90000031 --before today --yes",
		},
		"officer.cam":    {"export 90000036 --to FILE", "export 90000036 --to FILE --format csv --scope access", "patron show 90000036"},
		"supervisor.cam": {"item show 300000000500 --reason 4711", "history show 90000036 --reason 4711", "debt check --file " + cards},
		"job":            {"debt check --file " + cards, "debt check --file " + cards + " -o jsonl"},
	}
	var logins []string
	for login := range jobs {
		logins = append(logins, login)
	}
	b := newBouncer(t, db, logins...)
	var group sync.WaitGroup
	clients := 0
	for login, lines := range jobs {
		for i, line := range lines {
			clients += rounds
			group.Go(func() {
				for round := range rounds {
					file := filepath.Join(t.TempDir(), fmt.Sprintf("%s-%d-%d", login, i, round))
					out, err := b.command(t, login, strings.ReplaceAll(line, "FILE", file)+" -q").CombinedOutput()
					if err != nil {
						t.Errorf("%s: %s: %v: %s", login, line, err, out)
					}
				}
			})
		}
	}
	group.Wait()
	b.sharedConnections(t, super, logins, clients)
	b.nobodyElse(t, super, jobs, rounds)
	b.leftNothing(t, logins)
}

// sharedConnections shows that all clients of a login used one connection to the server.
func (b *bouncer) sharedConnections(t *testing.T, super *pgx.Conn, logins []string, clients int) {
	t.Helper()
	var servers int
	must(t, super.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = ANY ($2)`, b.db.Name,
		logins).Scan(&servers))
	if servers == 0 || servers > len(logins) {
		t.Errorf("%d clients of %d logins used %d connections to the server, want at most one per login", clients, len(logins), servers)
	}
}

// nobodyElse shows that each access was recorded under the login that asked, with the patron it asked for, and allowed.
func (b *bouncer) nobodyElse(t *testing.T, super *pgx.Conn, jobs map[string][]string, rounds int) {
	t.Helper()
	for login, lines := range jobs {
		var accesses, allowed, patrons int
		must(t, super.QueryRow(t.Context(), `
			SELECT count(*), count(*) FILTER (WHERE outcome = 'allowed'), count(DISTINCT p)
			FROM patronctl.access AS a LEFT JOIN unnest(a.patrons) AS p ON a.operation IN ('password reset', 'history anonymize', 'export')
			WHERE login = $1`, login).Scan(&accesses, &allowed, &patrons))
		want := map[string]int{"clerk.cam": 2, "clerk.ken": 2, "clerk.pbk": 2, "officer.cam": 1}[login]
		if accesses < len(lines)*rounds || accesses != allowed || patrons != want {
			t.Errorf("%s: %d accesses, %d allowed, to change or export %d patrons", login, accesses, allowed, patrons)
		}
	}
}

// leftNothing looks at the session that the next client of a login gets.
func (b *bouncer) leftNothing(t *testing.T, logins []string) {
	t.Helper()
	for _, login := range logins {
		settings, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=6432 dbname=%s user=%s sslmode=disable", b.dir, b.db.Name, login))
		must(t, err)
		settings.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		conn, err := pgx.ConnectConfig(t.Context(), settings)
		must(t, err)
		var who, changed string
		var prepared, locks int
		// The first three are those that PgBouncer itself keeps per client.
		err = conn.QueryRow(t.Context(), `
			SELECT session_user || ' ' || current_user,
				(SELECT count(*) FROM pg_prepared_statements),
				(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
				coalesce((SELECT string_agg(name, ' ') FROM pg_settings
					WHERE source = 'session'
						AND name NOT IN (
							'application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings'
						)), '')`).
			Scan(&who, &prepared, &locks, &changed)
		must(t, err)
		must(t, conn.Close(t.Context()))
		if who != login+" "+login || prepared != 0 || locks != 0 || changed != "" {
			t.Errorf("%s: session of %s with %d prepared statements, %d advisory locks and these settings: %s", login, who, prepared, locks, changed)
		}
	}
}

// TestPgBouncerPoolsTransactions leaves a scanner connected, and meanwhile another client of the same login works on the
// only connection of the pool: in session mode it would wait for the scanner to end.
func TestPgBouncerPoolsTransactions(t *testing.T) {
	db := pgtest.New(t)
	b := newBouncer(t, db, "clerk.cam")
	scanner := b.command(t, "clerk.cam", "debt check - -o jsonl --columns input,verdict")
	scan, err := scanner.StdinPipe()
	must(t, err)
	answers, err := scanner.StdoutPipe()
	must(t, err)
	scanner.Stderr = os.Stderr
	must(t, scanner.Start())
	lines := bufio.NewReader(answers)
	for _, card := range []string{"90000012", "90000017", "99999999"} {
		_, err := io.WriteString(scan, card+"\n")
		must(t, err)
		if answer, err := lines.ReadString('\n'); err != nil || !strings.Contains(answer, card) {
			t.Fatalf("scanned %s, answer %q (%v)", card, answer, err)
		}
		if out, err := b.command(t, "clerk.cam", "patron show 90000041").CombinedOutput(); err != nil {
			t.Fatalf("another client: %v: %s", err, out)
		}
	}
	must(t, scan.Close())
	must(t, scanner.Wait())
	var backends int
	must(t, db.Super(t).QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = 'clerk.cam'`,
		db.Name).Scan(&backends))
	if backends != 1 {
		t.Errorf("two clients at once had %d connections to the server, want 1", backends)
	}
}
