package export

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/commands/kit"
	"patronctl/output"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// export writes what there is about the holder of a card, as the officer of the home authority.
func export(t *testing.T, db *pgtest.DB, card, officer string, f format, scope client.ExportScope) string {
	t.Helper()
	in := strings.NewReader("")
	env := &kit.Env{Out: io.Discard, Err: io.Discard, Terminal: output.NewTerminal(in, io.Discard, io.Discard)}
	env.Flags = kit.Flags{Output: output.Table, Quiet: true, DSN: db.DSN(officer), Timeout: time.Minute}
	defer env.Close()
	o := &options{env: env, ref: card, to: filepath.Join(t.TempDir(), "x"), format: f, scope: scope}
	if err := o.run(t.Context()); err != nil {
		t.Fatalf("%s: %v", card, err)
	}
	return o.to
}

func TestRealExportsFitTheSchema(t *testing.T) {
	db := pgtest.New(t)
	for card, officer := range map[string]string{
		sample.CardLongHistory: "officer.cam", sample.CardTitleEscape: "officer.cam", sample.CardChild: "officer.cam",
		sample.CardNoBirthDate: "officer.cam", sample.CardHostileItems: "officer.ken", sample.CardRefused: "officer.ken",
		sample.CardExternal: "officer.ken", sample.CardSpecial: "officer.pbk", "90000039": "officer.ken", "90000041": "officer.cam",
	} {
		for _, scope := range []client.ExportScope{client.Portability, client.FullAccess} {
			path := export(t, db, card, officer, formatJSON, scope)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
			if err != nil {
				t.Errorf("%s: not one JSON document: %v", card, err)
				continue
			}
			if err := schema(t).Validate(document); err != nil {
				t.Errorf("%s, %s: %v", card, scope, err)
			}
			for _, other := range []string{"Ruth Wardley", "officer."} { // a guardian, staff
				if strings.Contains(string(text), other) {
					t.Errorf("%s, %s: names %q", card, scope, other)
				}
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", card, info.Mode(), err)
			}
		}
	}
}

// TestConstantMemory exports 100,000 loans, some 20 MB of JSON, and looks at the heap meanwhile.
func TestConstantMemory(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Super(t).Exec(t.Context(), `
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		SELECT c.patron, i.id, 'CAM', 'CAM-CEN', '2020-01-01', '2020-02-01'
		FROM lms.card AS c, (SELECT min(id) AS id FROM lms.item) AS i, generate_series(1, 100000)
		WHERE c.number = $1`, sample.CardNoBirthDate); err != nil {
		t.Fatal(err)
	}
	for _, f := range []format{formatJSON, formatCSV} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := watchHeap(t)
		path := export(t, db, sample.CardNoBirthDate, "officer.cam", f, client.Portability)
		most := peak()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if f == formatJSON && info.Size() < 15<<20 {
			t.Errorf("only %d bytes written", info.Size())
		}
		if grown := int64(most) - int64(before.HeapAlloc); grown > 16<<20 {
			t.Errorf("%s: the heap grew by %d MiB", f, grown>>20)
		}
	}
}

// watchHeap starts looking at the heap; the function returned stops it and tells the most that was seen.
func watchHeap(t *testing.T) func() uint64 {
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan uint64)
	go func() {
		var most uint64
		for ctx.Err() == nil {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			time.Sleep(5 * time.Millisecond)
		}
		result <- most
	}()
	return func() uint64 {
		stop()
		return <-result
	}
}
