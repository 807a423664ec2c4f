// Package pgtest gives each test a PostgreSQL database of its own, within milliseconds. For tests only.
//
// One private cluster serves a test process. A package that uses it calls Main from its TestMain:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg"
)

// Day is "today" in every database that New returns: its clock was set to noon UTC of it when the process began.
const Day = "2026-01-31"

// template is the database that New copies.
const template = "consortium"

// DB is the database of one test.
type DB struct {
	Name string
}

var (
	stop  = func() error { return nil }
	serve = sync.OnceValues(start)
	fill  = sync.OnceValue(makeTemplate)
	began atomic.Bool // somebody has asked for the sample
	count atomic.Int64
)

// Main runs the tests of a package and stops the cluster afterwards. It does not return.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a package that has more to end afterwards; it returns the exit code. Tests that left values of people in
// the server's log or statistics have failed.
func Run(m *testing.M) int {
	code := m.Run()
	if began.Load() {
		if err := searchRun(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = 1
		}
	}
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest: stop the cluster:", err)
	}
	return code
}

// New returns a copy of the sample consortium, with staff and as of Day. It is dropped when the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	serverFor(t)
	if err := fill(); err != nil {
		t.Fatal("pgtest: ", err)
	}
	began.Store(true)
	db := create(t, template)
	administer(t.Context(), t, fmt.Sprintf(copyRights, db.Name))
	return db
}

// copyRights gives a copy the rights that db init gave the template: CREATE DATABASE does not copy those.
const copyRights = `DO $$
BEGIN
  REVOKE ALL ON DATABASE %[1]s FROM PUBLIC;
  GRANT CONNECT ON DATABASE %[1]s TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support,
    patronctl_admin, patronctl_job, patronctl_auditor, patronctl_opac;
END $$`

// Copy returns a copy of the database as it is, such as a backup, which nobody may be connected to. It is dropped when the
// test ends.
func (db *DB) Copy(t testing.TB) *DB {
	t.Helper()
	twin := create(t, db.Name)
	administer(t.Context(), t, fmt.Sprintf(copyRights, twin.Name))
	return twin
}

// Empty returns an empty database that belongs to localpg.Owner. It is dropped when the test ends.
func Empty(t testing.TB) *DB {
	t.Helper()
	serverFor(t)
	return create(t, "template0")
}

// DSN is the connection string of a login, such as clerk.cam.
func (db *DB) DSN(login string) string {
	cluster, _ := serve()
	return cluster.DSN(login, db.Name)
}

// Owner is the connection string of the database owner.
func (db *DB) Owner() string { return db.DSN(localpg.Owner) }

// Connect returns a bare connection as login, closed when the test ends.
func (db *DB) Connect(t testing.TB, login string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.DSN(login))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// Super returns a connection as superuser, which reads every table, closed when the test ends.
func (db *DB) Super(t testing.TB) *pgx.Conn {
	t.Helper()
	return db.Connect(t, localpg.Superuser)
}

// Client returns a client for login, closed when the test ends.
func (db *DB) Client(t testing.TB, login string) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{DSN: db.DSN(login)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Log returns what the server has logged so far, for all databases.
func Log(t testing.TB) string {
	t.Helper()
	return serverFor(t).Log()
}

func serverFor(t testing.TB) *localpg.Cluster {
	t.Helper()
	cluster, err := serve()
	if err != nil {
		t.Fatal("pgtest: ", err) // never a skip: it says which package to install
	}
	return cluster
}

func start() (*localpg.Cluster, error) {
	ctx := context.Background()
	cluster, remove, err := localpg.Temporary(ctx)
	if err != nil {
		return nil, err
	}
	stop = remove
	if path := os.Getenv(Filled); path != "" {
		return cluster, startFilled(ctx, cluster, path)
	}
	return cluster, startEmpty(ctx, cluster)
}

func startEmpty(ctx context.Context, cluster *localpg.Cluster) error {
	if err := cluster.Start(ctx); err != nil {
		return err
	}
	if countsStatements(cluster) {
		if err := cluster.SQL(ctx, "postgres", "CREATE EXTENSION "+module); err != nil {
			return err
		}
	}
	return cluster.CreateOwner(ctx)
}

func makeTemplate() error {
	ctx := context.Background()
	cluster, err := serve()
	if err != nil {
		return err
	}
	if os.Getenv(Filled) == "" {
		err = makeSample(ctx, cluster)
	} else {
		err = cluster.SQL(ctx, template, noon)
	}
	if err != nil {
		return err
	}
	return putMutant(ctx, cluster)
}

func makeSample(ctx context.Context, cluster *localpg.Cluster) error {
	day, err := client.ParseDate(Day)
	if err != nil {
		return err
	}
	_, err = cluster.CreateConsortium(ctx, template, day, func(string) {})
	if cause := errors.Unwrap(err); cause != nil { // what users do not see, but developers need
		return fmt.Errorf("%w (%w)", err, cause)
	}
	return err
}

// one lets one database be made at a time: the server refuses to copy a template that is being copied.
var one sync.Mutex

func create(t testing.TB, from string) *DB {
	t.Helper()
	db := &DB{Name: fmt.Sprintf("test%d", count.Add(1))}
	one.Lock()
	defer one.Unlock()
	administer(t.Context(), t, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s", db.Name, from, localpg.Owner))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		administer(ctx, t, "DROP DATABASE "+db.Name+" WITH (FORCE)")
	})
	return db
}

func administer(ctx context.Context, t testing.TB, sql string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, serverFor(t).DSN(localpg.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // its work is done
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}
