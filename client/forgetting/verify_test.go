package forgetting_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
)

// A server with the recommended settings, without autovacuum, is clean, and nobody notices that it was looked at.
func TestVerify(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	super := s.super()
	const people = `
		SELECT count(*), sum(id) FROM lms.patron
		UNION ALL SELECT count(*), sum(patron) FROM lms.identity
		UNION ALL SELECT count(*), sum(id) FROM lms.word`
	before := super.Must(people)
	eraseSome(super)
	after := strings.Replace(super.Must(people), before, "", 1)
	s.clean("recommended settings")
	if got := super.Must(people); got != after {
		t.Errorf("people differ: %s, were %s", got, after)
	}
	if got := super.Must(`
		SELECT count(*), max(number), count(scrubbed_at), count(*) FILTER (WHERE rule = 'canary')
		FROM patronctl.erasure`); got != "9\n9\n9\n3" {
		t.Errorf("ledger: %s", got)
	}

	// Settings that would write people into files: of a role, and of everybody.
	bad := map[string]string{
		"log_statement": "all", "log_min_duration_statement": "0", "log_min_duration_sample": "5", "log_transaction_sample_rate": "0.5",
		"log_min_error_statement": "error", "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1",
	}
	var ofRole, ofAll []string
	for name, value := range bad {
		super.Must(`ALTER ROLE "clerk.ken" IN DATABASE library SET %s = '%s'`, name, value)
		ofRole = append(ofRole, name+"="+value+" of clerk.ken")
	}
	s.finds("settings of a role", ofRole...)
	super.Must(`ALTER ROLE "clerk.ken" IN DATABASE library RESET ALL`)
	for name, value := range bad {
		super.Must("ALTER DATABASE library SET %s = '%s'", name, value)
		ofAll = append(ofAll, name+" = ")
	}
	s.reconnect()
	s.finds("settings", ofAll...)
	super.Must("ALTER DATABASE library RESET ALL")
	s.reconnect()

	// What keeps old files of the log of changes: the canary is found in them.
	super.Must("ALTER SYSTEM SET wal_keep_size = '64MB'; ")
	super.Must("SELECT pg_reload_conf(), pg_sleep(0.3)")
	s.finds("wal_keep_size", "wal_keep_size = 64MB", "pg_wal", "holds what was erased")
	super.Must("ALTER SYSTEM RESET wal_keep_size")
	super.Must("SELECT pg_reload_conf(), pg_sleep(0.3)")
	super.Must("SELECT pg_create_physical_replication_slot('standby', TRUE)")
	s.finds("slot", "replication slot standby", "pg_wal")
	super.Must("SELECT pg_drop_replication_slot('standby')")
	s.clean("after the slot")

	// What still sees the erased rows.
	keeper := s.super()
	keeper.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lms.authority")
	s.refuses("old snapshot", s.data(), "of postgres")
	keeper.Must("COMMIT; BEGIN; SELECT pg_current_xact_id()")
	s.refuses("somebody who writes", s.data(), "of postgres")
	keeper.Must("PREPARE TRANSACTION 'forgotten'")
	s.refuses("prepared transaction", s.data(), "'forgotten'")
	keeper.Must("ROLLBACK PREPARED 'forgotten'")
	s.clean("after the snapshots")

	// What it cannot look at.
	s.refuses("no data directory", t.TempDir(), "postmaster.pid")
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "postmaster.pid"), []byte("1\n/nowhere\n"+strconv.FormatInt(time.Now().Unix()-1000, 10)+"\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	s.refuses("another server's directory", other, "another server")
	own, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "postmaster.pid"), own, 0o600); err != nil {
		t.Fatal(err)
	}
	s.refuses("a directory that only looks like it", other, "could not be searched")
	super.Must("REVOKE pg_read_all_stats FROM patronctl_owner")
	s.refuses("no grants", s.data(), "not set up")
	super.Must("GRANT pg_read_all_stats TO patronctl_owner")

	// What a crash leaves behind.
	victim := s.super()
	pid, err := strconv.Atoi(victim.Must("SELECT pg_backend_pid()"))
	if err != nil {
		t.Fatal(err)
	}
	victim.Must("BEGIN; CLUSTER lms.identity_of_cam USING identity_of_cam_pkey")
	super.Must("CHECKPOINT")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.awaitRestart()
	s.reconnect()
	s.finds("crash in a rewrite", "base/", "belongs to no relation")
	v, err := s.verify(s.data())
	if err != nil {
		t.Fatal(err)
	}
	for _, orphan := range v.Findings {
		if orphan.Hits != 0 {
			t.Errorf("a canary in %+v", orphan)
		}
		if err := os.Remove(filepath.Join(s.data(), orphan.File)); err != nil {
			t.Error(err)
		}
	}
	s.clean("without what the crash left")
	if err := os.MkdirAll(filepath.Join(s.data(), "base/77777"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.data(), "base/77777/12345"), []byte("left"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.finds("files of no database", "base/77777/12345")
}

// A canary stands in every text that the catalogue calls personal, special or secret: one more column needs one more canary.
func TestCanariesAreEverywhere(t *testing.T) {
	t.Parallel()
	super := pgtest.Connect(t, pgtest.New(t), "postgres")
	super.Must("BEGIN; SELECT lms.plant_canary('KEN', 'CANARY')")
	columns, err := super.Run(`SELECT format('%I.%I', k.schema_name, k.relation), quote_ident(k.column_name)
		FROM patronctl.catalogue AS k
		JOIN pg_attribute AS a ON a.attrelid = format('%I.%I', k.schema_name, k.relation)::regclass
			AND a.attname = k.column_name AND a.atttypid IN ('text'::regtype, 'text[]'::regtype)
		WHERE k.class IN ('personal', 'special', 'secret')`)
	if err != nil || len(columns) < 40 {
		t.Fatal(columns, err)
	}
	for n := 0; n < len(columns); n += 2 {
		if got := super.Must("SELECT count(*) FROM %s WHERE upper(%s::text) IN ('CANARY', '{CANARY}')", columns[n], columns[n+1]); got != "1" {
			t.Errorf("%s.%s: %s canaries", columns[n], columns[n+1], got)
		}
	}
}

// Old files under new names, and those that cannot be archived, hold what was erased.
func TestVerifyFindsOldFilesOfTheLog(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"wal_recycle": "on", "min_wal_size": "80MB", "archive_mode": "on", "archive_command": "false"})
	s.finds("wal_recycle", "wal_recycle = on", "archiving", "pg_wal")
}

// server is a cluster of one test, for what concerns all databases of a server.
type server struct {
	*localpg.Cluster
	t   *testing.T
	job *client.Client
}

// newServer starts a cluster with the sample consortium in the database library. Settings are added to those of tests.
func newServer(t *testing.T, settings map[string]string) *server {
	t.Helper()
	cluster, remove, err := localpg.Temporary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	})
	maps.Copy(cluster.Settings,
		map[string]string{"wal_level": "replica", "max_wal_senders": "2", "shared_buffers": "32MB", "min_wal_size": "32MB"})
	maps.Copy(cluster.Settings, settings)
	if err := cluster.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.CreateConsortium(t.Context(), "library", pgtest.Date(t, pgtest.Day), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if err := cluster.SQL(t.Context(), "library", install.AdminSQL()); err != nil {
		t.Fatal(err)
	}
	return &server{cluster, t, hasty(t, cluster.DSN("job", "library"))}
}

func (s *server) data() string { return filepath.Join(s.Dir, "data") }

func (s *server) super() *pgtest.Session {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.DSN(localpg.Superuser, "library"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(s.t.Context())) })
	return pgtest.On(s.t, conn.PgConn())
}

// verify is a run of erasure verify by the nightly job, with little patience.
func (s *server) verify(dir string) (*forgetting.Verified, error) {
	s.t.Helper()
	return forgetting.Verify(s.t.Context(), s.job, client.Why{}, dir, func(string) {})
}

// reconnect takes a new connection for the job after the server ended the last one.
func (s *server) reconnect() { s.job = hasty(s.t, s.DSN("job", "library")) }

// clean fails the test unless the server is found clean.
func (s *server) clean(when string) {
	s.t.Helper()
	v, err := s.verify(s.data())
	if err != nil || !v.Clean || len(v.Findings) != 0 || v.Planted != 3 || v.Files < 300 {
		s.t.Fatalf("%s: %+v, %v", when, v, err)
	}
}

// finds fails the test unless the server is found unclean, for a reason and perhaps a file with these words.
func (s *server) finds(when string, words ...string) {
	s.t.Helper()
	v, err := s.verify(s.data())
	if err != nil {
		s.t.Fatalf("%s: %v", when, err)
	}
	for _, word := range words {
		if found := fmt.Sprint(v.Findings); v.Clean || !strings.Contains(found, word) {
			s.t.Errorf("%s: clean %t: %s; want %s", when, v.Clean, found, word)
		}
	}
}

func (s *server) refuses(when, dir, word string) {
	s.t.Helper()
	v, err := s.verify(dir)
	var known *client.Error
	if !errors.As(err, &known) || known.Kind != client.KindRefused || !strings.Contains(known.Message, word) {
		s.t.Errorf("%s: %+v, %v; want it refused for %q", when, v, err, word)
	}
}

// awaitRestart waits until the server has recovered.
func (s *server) awaitRestart() {
	for range 200 {
		time.Sleep(50 * time.Millisecond)
		if conn, err := pgx.Connect(s.t.Context(), s.DSN(localpg.Superuser, "library")); err == nil {
			_ = conn.Close(s.t.Context())
			return
		}
	}
	s.t.Fatal("the server did not come back")
}
