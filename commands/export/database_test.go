package export

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// environment is that of a member of staff without a terminal.
func environment(t *testing.T, db *pgtest.DB, login, stdin string) *kit.Env {
	t.Helper()
	in := strings.NewReader(stdin)
	env := &kit.Env{In: in, Out: io.Discard, Err: io.Discard, Terminal: output.NewTerminal(in, io.Discard, io.Discard)}
	env.Flags = kit.Flags{Output: output.Table, Quiet: true, DSN: db.DSN(login), Timeout: time.Minute}
	t.Cleanup(env.Close)
	return env
}

// export writes what there is about the holder of a card, as the officer of the home authority.
func export(t *testing.T, env *kit.Env, card string, f exchange.Format, scope exchange.Scope) string {
	t.Helper()
	o := &options{env: env, people: kit.People{Words: []string{card}}, to: filepath.Join(t.TempDir(), "x"), format: f, scope: scope}
	if err := o.run(t.Context()); err != nil {
		t.Fatalf("%s: %v", card, err)
	}
	return o.to
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
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
	env := environment(t, db, "officer.cam", "")
	for _, f := range []exchange.Format{exchange.JSON, exchange.CSV, exchange.XML, exchange.XLSX} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := watchHeap(t)
		path := export(t, env, sample.CardNoBirthDate, f, exchange.Portability)
		most := peak()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if f == exchange.JSON && info.Size() < 15<<20 {
			t.Errorf("only %d bytes written", info.Size())
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", f, info.Mode())
		}
		grown := int64(most) - int64(before.HeapAlloc)
		t.Logf("%s: %d KiB written, the heap grew by %d KiB", f, info.Size()>>10, grown>>10)
		if grown > 16<<20 {
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

// The head says on which ground the authority keeps the data, and calls a right only what is one.
func TestLegalBasis(t *testing.T) {
	db := pgtest.New(t)
	admin, err := client.Open(t.Context(), client.Config{DSN: db.DSN("admin")})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	env := environment(t, db, "officer.cam", "")
	for basis, want := range map[string]string{
		"": "given voluntarily", "contract": "GDPR art. 20", "consent": "GDPR art. 20", "public-task": "given voluntarily",
		"legal-obligation": "given voluntarily",
	} {
		if basis != "" {
			if _, err := staff.SetSetting(t.Context(), admin, client.Why{}, "CAM", "basis_service", basis); err != nil {
				t.Fatal(err)
			}
		}
		for scope, want := range map[exchange.Scope]string{exchange.Portability: want, exchange.FullAccess: "GDPR art. 15"} {
			head, err := exchange.Read(bytes.NewReader(read(t, export(t, env, sample.CardLongHistory, exchange.XML, scope))), skip)
			if err != nil || !strings.HasPrefix(head.LegalBasis, want) || basis != "" && head.BasisService != basis ||
				head.BasisSpecial != "unstated" {
				t.Errorf("basis %q: %+v, %v", basis, head, err)
			}
		}
		if basis == "" {
			continue
		}
		if _, err := staff.SetSetting(t.Context(), admin, client.Why{}, "CAM", "basis_service", "default"); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range [][2]string{{"basis_service", "art. 6"}, {"basis_special", "contract"}} {
		if _, err := staff.SetSetting(t.Context(), admin, client.Why{}, "CAM", wrong[0], wrong[1]); kit.Exit(err) != kit.ExitUsage {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// Encrypted exports are decrypted by age itself, and add up.
func TestEncrypted(t *testing.T) {
	db := pgtest.New(t)
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	list, keys := filepath.Join(dir, "recipients"), filepath.Join(dir, "key")
	for file, text := range map[string]string{list: "# colleagues\n" + theirs.Recipient().String() + "\n", keys: mine.String() + "\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const phrase = "paper lantern ninety-one"
	password, err := age.NewScryptIdentity(phrase)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args, stdin string
		opens       []age.Identity
	}{
		"x.json.age": {"--encrypt-to " + mine.Recipient().String() + " --encrypt-to " + list, "", []age.Identity{mine, theirs}},
		"x.xml.age":  {"--format xml --passphrase --stdin", phrase + "\n", []age.Identity{password}},
	} {
		to := filepath.Join(t.TempDir(), name)
		if err := runExport(t, db, "officer.cam", c.stdin, sample.CardTitleEscape+" --to "+to+" "+c.args); err != nil {
			t.Fatal(err)
		}
		encrypted := read(t, to)
		if bytes.Contains(encrypted, []byte("Terence")) {
			t.Errorf("%s holds the name in clear", name)
		}
		for _, identity := range c.opens {
			opened, err := age.Decrypt(bytes.NewReader(encrypted), identity)
			if err != nil {
				t.Fatal(err)
			}
			if head, err := exchange.Read(opened, skip); err != nil || head.Patron != 5 {
				t.Errorf("%s: %+v, %v", name, head, err)
			}
		}
		if stranger, _ := age.GenerateX25519Identity(); stranger != nil {
			if _, err := age.Decrypt(bytes.NewReader(encrypted), stranger); err == nil {
				t.Error("a stranger's key opens it")
			}
		}
		// As an import opens it.
		env, file := environment(t, db, "officer.cam", c.stdin), keys
		if c.stdin != "" {
			file = ""
		}
		opened, err := env.Decrypt(t.Context(), bytes.NewReader(encrypted), file, c.stdin != "")
		if err == nil {
			_, err = exchange.Read(opened, skip)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if opened, err = env.Decrypt(t.Context(), bytes.NewReader(encrypted[:len(encrypted)-9]), file, c.stdin != ""); err == nil {
			_, err = exchange.Read(opened, skip)
		}
		if kit.Exit(err) == kit.ExitOK {
			t.Errorf("%s: cut off, and nobody notices", name)
		}
		if _, err = env.Decrypt(t.Context(), strings.NewReader("no age file"), keys, false); kit.Exit(err) != kit.ExitRefused {
			t.Errorf("no age file: %v", err)
		}
	}
}

// runExport runs the command with these arguments.
func runExport(t *testing.T, db *pgtest.DB, login, stdin, args string) error {
	t.Helper()
	cmd := New(environment(t, db, login, stdin))
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(strings.Fields(args))
	return cmd.ExecuteContext(t.Context())
}

// What cannot be encrypted as asked is refused before anybody's data are opened, and no secret is repeated.
func TestEncryptionRefused(t *testing.T) {
	db := pgtest.New(t)
	secret, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public := secret.Recipient().String()
	dir := t.TempDir()
	keys := filepath.Join(dir, "key.txt")
	if err := os.WriteFile(keys, []byte(secret.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]kit.ExitCode{
		"x.json.age --encrypt-to " + secret.String():                       kit.ExitUsage,
		"x.json.age --encrypt-to " + keys:                                  kit.ExitUsage,
		"x.json.age --encrypt-to " + public[:30]:                           kit.ExitUsage,
		"x.json.age --encrypt-to nobody":                                   kit.ExitUsage,
		"x.json --encrypt-to " + public:                                    kit.ExitUsage, // the name
		"x.json.age":                                                       kit.ExitUsage,
		"x.json.age --passphrase":                                          kit.ExitNotConfirmed, // no terminal
		"x.json.age --passphrase --stdin":                                  kit.ExitUsage,        // too short
		"x.json.age --passphrase --stdin --encrypt-to " + public:           kit.ExitUsage,
		"" + " --file - --passphrase --stdin":                              kit.ExitUsage,
		"x.csv --schema --format csv":                                      kit.ExitUsage,
		filepath.Join("missing", "x.json.age") + " --encrypt-to " + public: kit.ExitUsage,
	} {
		who := sample.CardTitleEscape + " "
		if strings.Contains(args, "--file") {
			who = ""
		}
		err := runExport(t, db, "officer.cam", "short\n", who+"--to "+filepath.Join(dir, args))
		if kit.Exit(err) != want || strings.Contains(err.Error(), secret.String()) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("files: %v", files)
	}
	var opened int
	records := db.Super(t).QueryRow(t.Context(), "SELECT count(*) FROM patronctl.access WHERE operation = 'export'")
	if err := records.Scan(&opened); err != nil || opened != 0 {
		t.Errorf("%d exports were opened, %v", opened, err)
	}
}

func skip(string, json.RawMessage) error { return nil }
