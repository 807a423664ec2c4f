package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

var testHead = head{
	Schema: "patronctl-export/1", Scope: client.FullAccess, LegalBasis: "GDPR art. 15",
	GeneratedAt: "2026-01-31T12:00:00Z", Access: 7, Patron: 123,
}

// everything has every relation, and a loan for each of n.
func everything(n int) []client.ExportRelation {
	relation := func(name, columns string, rows ...string) client.ExportRelation {
		return client.ExportRelation{Name: name, Columns: strings.Fields(columns), Rows: func(yield func(json.RawMessage, error) bool) {
			for _, row := range rows {
				if !yield(json.RawMessage(row), nil) {
					return
				}
			}
		}}
	}
	loans := relation("loan", "id barcode title authority branch lent_at due_at returned_at renewals")
	loans.Rows = func(yield func(json.RawMessage, error) bool) {
		for i := range n {
			row := fmt.Sprintf(`{"id":%d,"barcode":"B%d","title":"=cmd()","authority":"CAM","branch":"C1","lent_at":"2026-01-02T10:00:00+00:00","due_at":null,"returned_at":null,"renewals":0}`, i, i)
			if !yield(json.RawMessage(row), nil) {
				return
			}
		}
	}
	return []client.ExportRelation{
		relation("patron", "patron authority branch category birth_year status registered_on expires_on last_fee_on last_activity_on keeps_history login",
			`{"patron":123,"authority":"CAM","branch":"C1","category":"adult","birth_year":null,"status":"active","registered_on":"2020-01-01","expires_on":null,"last_fee_on":null,"last_activity_on":null,"keeps_history":false,"login":"local"}`),
		relation("identity", "surname forenames title birth_date email phone document_number language",
			`{"surname":"Nováková \"Jana\"\n","forenames":"Jana","title":null,"birth_date":"1990-05-06","email":null,"phone":"+421900","document_number":null,"language":"sk"}`),
		relation("address", "kind lines town postcode country"),
		relation("special", "faith sexuality disability ethnic_origin"),
		relation("card", "number issued_on status", `{"number":"20000000000012","issued_on":null,"status":"active"}`),
		relation("membership", "authority basis joined_on expires_on"),
		relation("consent", "authority purpose channel wording given_at withdrawn_at source"),
		loans,
		relation("hold", "id kind barcode title authority placed_at closed_at outcome"),
		relation("fee", "id authority currency kind amount raised_on loan", `{"id":1,"authority":"CAM","currency":"GBP","kind":"fine","amount":"-3.50","raised_on":"2026-01-02","loan":null}`),
		relation("payment", "id fee currency amount paid_on method branch"),
		relation("account", "deleted_on protected password_set_at one_time_until must_change failed_attempts locked_until"),
		relation("block", "id authority level reason_code placed_on lifted_on"),
		relation("consultation", "access at authority operation purpose"),
	}
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("schema/patronctl-export-1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONFitsTheSchema(t *testing.T) {
	portability := testHead
	portability.Scope, portability.LegalBasis = client.Portability, legalBasis[client.Portability]
	all := everything(3)
	withGuardian := slices.Clone(all)
	withGuardian[1].Rows = output.Slice([]json.RawMessage{json.RawMessage(`{"surname":"N","forenames":null,"title":null,"birth_date":null,"email":null,"phone":null,"document_number":null,"language":null,"guardian":"Eva"}`)})
	for name, c := range map[string]struct {
		head      head
		relations []client.ExportRelation
		fits      bool
	}{
		"access":                        {testHead, all, true},
		"access without blocks":         {testHead, all[:11], false},
		"portability":                   {portability, all[:11], true},
		"portability with consultation": {portability, all, false},
		"a relation is missing":         {testHead, all[1:], false},
		"a guardian's name":             {testHead, withGuardian, false},
		"nothing":                       {testHead, nil, false},
	} {
		var b bytes.Buffer
		if err := writeJSON(&b, c.head, slices.Values(c.relations)); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Errorf("%s: not one JSON document: %v", name, err)
			continue
		}
		if err := schema(t).Validate(document); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZip(t *testing.T) {
	for _, raw := range []bool{false, true} {
		var b bytes.Buffer
		if err := writeZip(&b, testHead, slices.Values(everything(2)), raw); err != nil {
			t.Fatal(err)
		}
		files := unzip(t, b.Bytes())
		var m manifest
		if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
			t.Fatal(err)
		}
		if m.head != testHead || m.GuardedCells == raw || len(m.Files) != 14 || len(files) != 15 {
			t.Errorf("manifest %+v, %d files", m, len(files))
		}
		for _, f := range m.Files {
			sum := sha256.Sum256(files[f.Name])
			rows, err := csv.NewReader(bytes.NewReader(files[f.Name])).ReadAll()
			if err != nil || int64(len(rows)) != f.Rows+1 || hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s: %d lines, %+v, %v", f.Name, len(rows), f, err)
			}
		}
		guard := map[bool]string{false: "'"}[raw]
		if got := string(files["identity.csv"]); !strings.Contains(got, guard+"+421900,,sk\n") || !strings.Contains(got, `"Nováková ""Jana""`+"\n") {
			t.Errorf("raw %v: %s", raw, got)
		}
		if got := string(files["loan.csv"]); !strings.Contains(got, "\n1,B1,"+guard+"=cmd(),CAM,C1,2026-01-02T10:00:00+00:00,,,0\n") {
			t.Errorf("raw %v: %s", raw, got)
		}
		if got := string(files["fee.csv"]); !strings.Contains(got, "fine,-3.50,") {
			t.Errorf("raw %v: %s", raw, got)
		}
	}
}

func unzip(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		entry, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(entry); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

type written int

func (w *written) Write(p []byte) (int, error) {
	*w += written(len(p))
	return len(p), nil
}

// TestStreams looks, while rows are still being read, at how much is written already.
func TestStreams(t *testing.T) {
	const n = 100_000
	for _, f := range []format{formatJSON, formatCSV} {
		var out written
		relations := everything(n)
		loans := relations[7].Rows
		relations[7].Rows = func(yield func(json.RawMessage, error) bool) {
			read := 0
			for row, err := range loans {
				if !yield(row, err) {
					return
				}
				if read += len(row); read > 5_000_000 && int(out) < read/200 {
					t.Fatalf("%s: %d bytes read, %d written", f, read, out)
				}
			}
		}
		var err error
		if f == formatJSON {
			err = writeJSON(&out, testHead, slices.Values(relations))
		} else {
			err = writeZip(&out, testHead, slices.Values(relations), false)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

type fullDisk struct {
	w    io.Writer
	left int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, syscall.ENOSPC
	}
	return d.w.Write(p)
}

func TestFailureLeavesNoFileAndStopsReading(t *testing.T) {
	lost := errors.New("connection lost")
	for _, f := range []format{formatJSON, formatCSV} {
		for want, left := range map[error]int{syscall.ENOSPC: 10_000, lost: 1 << 30} {
			dir := t.TempDir()
			path := filepath.Join(dir, "x")
			read := 0
			relations := everything(0)
			relations[7].Rows = func(yield func(json.RawMessage, error) bool) {
				for row, err := range everything(100_000)[7].Rows {
					if read++; read == 30_000 {
						err = lost
					}
					if !yield(row, err) {
						return
					}
				}
			}
			o := &options{env: quiet(), format: f}
			err := output.WriteFileAtomic(path, false, func(w io.Writer) error {
				_, err := o.write(&fullDisk{w, left}, path, testHead, &client.Export{Relations: slices.Values(relations)})
				return err
			})
			files, _ := os.ReadDir(dir)
			if !errors.Is(err, want) || len(files) > 0 || (read == 30_000) != errors.Is(want, lost) || kit.Exit(err) != kit.ExitUnexpected {
				t.Errorf("%s, %v: got %v after %d rows, files %v", f, want, err, read, files)
			}
		}
	}
}

func quiet() *kit.Env {
	in := strings.NewReader("")
	return &kit.Env{Err: io.Discard, Terminal: output.NewTerminal(in, io.Discard, io.Discard), Flags: kit.Flags{Quiet: true}}
}

func TestReceiptCountsRows(t *testing.T) {
	var errs bytes.Buffer
	env := quiet()
	env.Err, env.Flags.Quiet = &errs, false
	o := &options{env: env, format: formatJSON, scope: client.FullAccess}
	done, err := o.write(io.Discard, "x.json", testHead, &client.Export{Relations: slices.Values(everything(25_000))})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range done.Relations {
		got[r.Relation] = r.Rows
	}
	if len(got) != 14 || got["loan"] != 25_000 || got["fee"] != 1 || got["hold"] != 0 {
		t.Errorf("%v", got)
	}
	if want := "loan: 10000\nloan: 20000\nloan: 25000\nhold: 0\n"; !strings.Contains(errs.String(), want) {
		t.Errorf("progress:\n%s", errs.String())
	}
}
