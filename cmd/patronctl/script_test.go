package main

import (
	"errors"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
	"patronctl/commands"
)

func TestMain(m *testing.M) {
	testscript.Main(withServer{m}, map[string]func(){"patronctl": func() { os.Exit(commands.Main()) }})
}

// watched is the path on which patronctl is this test program, and so has the race detector when the tests have it.
var watched string

// withServer builds the program as it is shipped, for the tests to run, and stops the server after them. The race detector
// would make each of thousands of processes slower to work and let it sleep for a second before it ends.
type withServer struct{ m *testing.M }

func (w withServer) Run() int {
	dir, err := os.MkdirTemp("", "patronctl")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nobody needs it any more
	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		log.Printf("build patronctl: %v: %s", err, out)
		return 1
	}
	watched = os.Getenv("PATH")
	if err := os.Setenv("PATH", dir+string(filepath.ListSeparator)+watched); err != nil {
		log.Print(err)
		return 1
	}
	return pgtest.Run(w.m)
}

// TestScripts runs the real program against a database per script, as of pgtest.Day. A script begins as clerk.cam; besides
// the usual commands it has
//
//	login LOGIN           go on as this member of staff; "owner" is the owner of the database
//	emptydb               go on in an empty database that belongs to the owner
//	exits CODE COMMAND... run a command that must end with this exit code
//	sql FILE              run statements as the superuser, for what no member of staff can do
//	backup                keep a copy of the database as it is, before any sql
//	restore               go on in that copy, as the last login
func TestScripts(t *testing.T) { runScripts(t, "testdata/script") }

// TestScriptsAlone runs those that seal: a record is sealed once no older transaction of the whole server is open.
func TestScriptsAlone(t *testing.T) { runScripts(t, "testdata/alone") }

func runScripts(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"login":   login,
			"emptydb": emptyDB,
			"exits":   exits,
			"sql":     sql,
			"backup":  backup,
			"restore": restore,
		},
	})
}

type database struct{}

// current is the database that a script works on.
type current struct {
	*pgtest.DB
	t      testing.TB
	login  string
	backup *pgtest.DB
}

func setup(env *testscript.Env) error {
	t := env.T().(testing.TB)
	db := pgtest.New(t)
	env.Values[database{}] = &current{DB: db, t: t, login: "clerk.cam"}
	env.Setenv("DB", db.Name) // for the names of logins, which belong to the server
	env.Setenv("PATRONCTL_DSN", db.DSN("clerk.cam"))
	env.Setenv("PATRONCTL_STATE_DIR", filepath.Join(env.WorkDir, "state"))
	server, err := pgx.ParseConfig(db.DSN("clerk.cam"))
	if err != nil {
		return err
	}
	env.Setenv("PGHOST", server.Host) // for scripts that do without PATRONCTL_DSN
	env.Setenv("TZ", "UTC")
	return nil
}

func login(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: login LOGIN")
	}
	db := ts.Value(database{}).(*current)
	if db.login = args[0]; db.login == "owner" {
		db.login = localpg.Owner
	}
	ts.Setenv("PATRONCTL_DSN", db.DSN(db.login))
}

func backup(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: backup")
	}
	db := ts.Value(database{}).(*current)
	db.backup = db.Copy(db.t)
}

func restore(ts *testscript.TestScript, neg bool, args []string) {
	db := ts.Value(database{}).(*current)
	if neg || len(args) != 0 || db.backup == nil {
		ts.Fatalf("usage: restore, after a backup")
	}
	db.DB = db.backup
	ts.Setenv("PATRONCTL_DSN", db.DSN(db.login))
}

func emptyDB(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: emptydb")
	}
	db := ts.Value(database{}).(*current)
	db.DB = pgtest.Empty(db.t)
	ts.Setenv("PATRONCTL_DSN", db.Owner())
}

func sql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sql FILE")
	}
	db := ts.Value(database{}).(*current)
	_, err := db.Super(db.t).Exec(db.t.Context(), ts.ReadFile(args[0]))
	ts.Check(err)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
}
