package install_test

import (
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"patronctl/client/delivery"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/schema"
)

var update = flag.Bool("update", false, "rewrite testdata/migrations.txt and the dump of this version")

// frozen says what each file of a migration is.
const frozen = "testdata/migrations.txt"

// A migration that is on main is frozen: databases were made by it. Lines are added to the list of their hashes with
//
//	go test ./client/install -run TestMigrationsAreFrozen -update
//
// and never changed once a version was released with them.
func TestMigrationsAreFrozen(t *testing.T) {
	var found strings.Builder
	for _, layout := range []string{"native", "patronctl"} {
		files, err := fs.Glob(schema.Files, layout+"/migrations/*/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", layout, len(files), err)
		}
		for _, file := range files {
			fmt.Fprintf(&found, "%x  %s\n", sha256.Sum256([]byte(schema.File(file))), file)
		}
	}
	if *update {
		if err := os.WriteFile(frozen, []byte(found.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(frozen)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != found.String() {
		t.Errorf("a migration is not as it was, or is not in %s:\n%s", frozen, found.String())
	}
}

// releases are dumps of databases as each released version left them, with people in them. The last is of this version until that is
// released: it is made anew with
//
//	go test ./client/install -run TestUpgradeOfReleases -update
var releases = []string{"testdata/release/0.1.0.sql.gz"}

// What a released version left behind is brought to the present, and is then what an installation of today is.
func TestUpgradeOfReleases(t *testing.T) {
	pgtest.New(t) // makes the logins, which belong to the server
	today := pgtest.Empty(t)
	owner := today.Client(t, "library")
	if err := install.Init(t.Context(), owner, "admin", func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []install.Authority{
		{Code: "CAM", Name: "Cambermere", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "KEN", Name: "Kenbridge", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "PBK", Name: "Podbrezová", Currency: "EUR", TimeZone: "Europe/Bratislava"},
	} {
		if err := install.AddAuthority(t.Context(), owner, a); err != nil {
			t.Fatal(err)
		}
	}
	want := schemaOf(t, today)
	if *update {
		made := sample.Options{Seed: 1, Day: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), Patrons: 120, Loans: 500, LongHistory: 20}
		dir := t.TempDir()
		if err := sample.Write(dir, made); err != nil {
			t.Fatal(err)
		}
		if _, err := delivery.Import(t.Context(), owner, dir, delivery.Options{}); err != nil {
			t.Fatal(err)
		}
		dump(t, today, releases[len(releases)-1])
	}
	for _, release := range releases {
		db := pgtest.Empty(t)
		restore(t, db, release)
		if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err != nil {
			t.Errorf("%s: %v", release, errors.Join(err, errors.Unwrap(err)))
			continue
		}
		got := schemaOf(t, db)
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("%s, upgraded: %s", release, line)
			}
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s, upgraded, lacks %s", release, line)
			}
		}
		super := pgtest.Connect(t, db, "postgres")
		if found := super.Must("SELECT count(*) FROM lms.search('{cisarova}', NULL, 20)"); found == "0" {
			t.Errorf("%s, upgraded: nobody is found", release)
		}
		for _, relation := range []string{"identity", "address", "loan", "hold", "fee", "payment", "consent", "block"} {
			if super.Must("SELECT count(*) FROM lms.%s", relation) == "0" {
				t.Errorf("%s, upgraded: no %s is left", release, relation)
			}
		}
	}
}

// dump writes a database to a compressed file.
func dump(t *testing.T, db *pgtest.DB, file string) {
	t.Helper()
	cmd := serverProgram(t, "pg_dump", "--format=plain", "--dbname="+db.DSN(localpg.Superuser))
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	to, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packed.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
}

// restore reads a dump into an empty database.
func restore(t *testing.T, db *pgtest.DB, file string) {
	t.Helper()
	from, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	packed, err := gzip.NewReader(from)
	if err != nil {
		t.Fatal(err)
	}
	cmd := serverProgram(t, "psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction",
		"--dbname="+db.DSN(localpg.Superuser))
	cmd.Stdin = io.Reader(packed)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, said)
	}
}

// serverProgram is a program that came with the server.
func serverProgram(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	bin, err := localpg.Locate()
	if err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), filepath.Join(bin, program), args...)
}
