package exchange

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
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"patronctl/output"
)

var testHead = Head{
	Schema: Schema, Scope: FullAccess, LegalBasis: "GDPR art. 15", BasisService: "contract", BasisSpecial: "unstated",
	GeneratedAt: "2026-01-31T12:00:00Z", Access: 7, Patron: 123, Authority: "CAM",
	Omitted: []Omission{{What: "payment.taken_by", Why: "a member of <staff>"}},
}

// everything has every relation of scope access, and a loan for each of n. The first row says which columns there are.
func everything(n int) []Relation {
	var all []Relation
	for _, r := range [][2]string{
		{"patron", `{"patron":123,"authority":"CAM","branch":"C1","category":"adult","birth_year":null,"status":"active",` +
			`"registered_on":"2020-01-01","expires_on":null,"last_fee_on":null,"last_activity_on":null,"keeps_history":false,"login":"local"}`},
		{"identity", `{"surname":"Nováková \"Jana\"\n","forenames":"Jana\u001b[2J\\","title":null,"birth_date":"1990-05-06",` +
			`"emails":null,"phones":["+421900","\u001b=1"],"document_number":"a\r\nb_x0041_x0042_","language":"sk"}`},
		{"address", `{"kind":"permanent","place":1,"lines":"x","town":null,"postcode":null,"country":null}`},
		{"special", `{"faith":null,"sexuality":null,"disability":null,"ethnic_origin":null}`},
		{"card", `{"number":"20000000000012","issued_on":null,"status":"active"}`},
		{"membership", `{"authority":"CAM","basis":"work","joined_on":null,"expires_on":null}`},
		{"consent", `{"authority":"CAM","purpose":"joining","channel":null,"wording":null,"given_at":null,"withdrawn_at":null,"source":null}`},
		{"loan", ""},
		{"hold", `{"id":3,"kind":"order","barcode":null,"title":"Asked for","authority":"CAM","branch":null,` +
			`"placed_at":"2026-01-02T10:00:00.123456+00:00","ready_at":null,"closed_at":null,"outcome":null}`},
		{"fee", `{"id":1,"authority":"CAM","currency":"GBP","kind":"fine","amount":"-3.50","raised_on":"2026-01-02","loan":null}`},
		{"payment", `{"id":1,"fee":1,"currency":"GBP","amount":"0.00","paid_on":"2026-01-02","method":null,"branch":null}`},
		{"account", `{"deleted_on":null,"protected":true,"imported_as":null,"password_set_at":null,"one_time_until":null,` +
			`"must_change":null,"failed_attempts":null,"locked_until":null}`},
		{"block", `{"id":1,"authority":"CAM","level":"warn","reason_code":"x","placed_on":null,"lifted_on":null}`},
		{"retention", `{"authority":"CAM","rule":"lapsed","action":"erase-lapsed","age":"18 months","counted_from":"expired","due_on":null}`},
		{"support", `{"access":3,"opened_at":"2026-01-02T10:00:00+00:00","until":"2026-01-02T12:00:00+00:00","revoked_at":null}`},
		{"request", `{"id":1,"authority":"CAM","kind":"access","received_on":"2026-01-02","closed_on":null,"outcome":null}`},
		{"disclosure", `{"id":1,"at":"2026-01-02T10:00:00+00:00","authority":"CAM","recipient":"partner","organisation":"Museum",` +
			`"power":"contract","released":"identity address"}`},
		{"consultation", `{"access":5,"at":"2026-01-02T10:00:00+00:00","authority":null,"operation":"patron show","purpose":"service"}`},
	} {
		relation := Relation{Name: r[0], Columns: columnsOf(r[0]), Rows: output.Slice([]json.RawMessage{json.RawMessage(r[1])})}
		if r[0] == "loan" {
			relation.Rows = loans(n)
		}
		all = append(all, relation)
	}
	return all
}

// columnsOf are the columns of a relation.
func columnsOf(relation string) []Column {
	for _, r := range exportRelations() {
		if r.name == relation {
			return r.columns
		}
	}
	return nil
}

func loans(n int) func(yield func(json.RawMessage, error) bool) {
	return func(yield func(json.RawMessage, error) bool) {
		for i := range n {
			row := fmt.Sprintf(
				`{"id":%d,"barcode":"B%d","title":"=cmd()","authority":"CAM","branch":"C1","lent_at":"2026-01-02T10:00:00+00:00",`+
					`"due_at":null,"returned_at":null,"renewals":0}`, i, i)
			if !yield(json.RawMessage(row), nil) {
				return
			}
		}
	}
}

func fake(n int) *content {
	return &content{head: testHead, relations: slices.Values(everything(n))}
}

func jsonSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	const name = "export.schema.json"
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile(name)
}

// fitsXSD asks xmllint, the validator of libxml2.
func fitsXSD(t *testing.T, document []byte) error {
	t.Helper()
	xsd := filepath.Join(t.TempDir(), "export.xsd")
	if err := os.WriteFile(xsd, []byte(XSD()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--huge", "--noout", "--nonet", "--schema", xsd, "-")
	cmd.Stdin = bytes.NewReader(document)
	said, err := cmd.CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && (failed.ExitCode() == 3 || failed.ExitCode() == 1) {
		return errors.New(string(said))
	}
	if err != nil {
		t.Fatalf("xmllint (package libxml2-utils): %v %s", err, said)
	}
	return nil
}

// TestSchemas shows what the JSON Schema and the XSD accept and refuse, and that they agree.
func TestSchemas(t *testing.T) {
	portability := testHead
	portability.Scope, portability.LegalBasis = Portability, "GDPR art. 20"
	all := everything(3)
	guardian := slices.Clone(all)
	guardian[1].Columns = append(slices.Clone(guardian[1].Columns), Column{Name: "guardian", Type: Text})
	guardian[1].Rows = output.Slice(
		[]json.RawMessage{json.RawMessage(
			`{"surname":"N","forenames":null,"title":null,"birth_date":null,"emails":null,"phones":null,"document_number":null,` +
				`"language":null,"guardian":"Eva"}`)})
	money := slices.Clone(all)
	money[9].Rows = output.Slice(
		[]json.RawMessage{json.RawMessage(
			`{"id":1,"authority":"CAM","currency":"GBP","kind":"fine","amount":"3.5","raised_on":"2026-01-02","loan":null}`)})
	for name, c := range map[string]struct {
		head      Head
		relations []Relation
		fits      bool
	}{
		"access":                 {testHead, all, true},
		"portability":            {portability, all[:11], true},
		"a relation is missing":  {testHead, all[1:], false},
		"a guardian's name":      {testHead, guardian, false},
		"money with one decimal": {testHead, money, false},
		"nothing":                {testHead, nil, false},
		"access without support": {testHead, all[:14], false},
	} {
		var b bytes.Buffer
		if err := writeJSON(&b, &content{head: c.head, relations: slices.Values(c.relations)}); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Errorf("%s: not one JSON document: %v", name, err)
			continue
		}
		if err := jsonSchema(t).Validate(document); (err == nil) != c.fits {
			t.Errorf("%s: JSON: %v", name, err)
		}
		b.Reset()
		if err := writeXML(&b, &content{head: c.head, relations: slices.Values(c.relations)}); err != nil {
			t.Fatal(err)
		}
		if err := fitsXSD(t, b.Bytes()); (err == nil) != c.fits {
			t.Errorf("%s: XML: %v", name, err)
		}
	}
}

func TestZip(t *testing.T) {
	for _, raw := range []bool{false, true} {
		var b bytes.Buffer
		c := fake(2)
		c.RawCSV = raw
		if err := writeZip(&b, c); err != nil {
			t.Fatal(err)
		}
		files := unzip(t, b.Bytes())
		var m manifest
		if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
			t.Fatal(err)
		}
		if m.Access != 7 || m.LegalBasis != testHead.LegalBasis || len(m.Omitted) != 1 || m.GuardedCells == raw || len(m.Files) != 18 ||
			len(files) != 19 {
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
		if got := string(files["identity.csv"]); !strings.Contains(got, guard+"+421900;") || !strings.Contains(got, `"Nováková ""Jana""`+"\n") {
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

type counter int

func (w *counter) Write(p []byte) (int, error) {
	*w += counter(len(p))
	return len(p), nil
}

// TestStreams looks, while rows are still being read, at how much is written already.
func TestStreams(t *testing.T) {
	for f, write := range writers {
		var out counter
		c := fake(0)
		relations := everything(0)
		relations[7].Rows = func(yield func(json.RawMessage, error) bool) {
			read := 0
			for row, err := range loans(100_000) {
				if !yield(row, err) {
					return
				}
				if read += len(row); read > 5_000_000 && int(out) < read/200 {
					t.Fatalf("%s: %d bytes read, %d written", f, read, out)
				}
			}
		}
		c.relations = slices.Values(relations)
		if err := write(&out, c); err != nil {
			t.Errorf("%s: %v", f, err)
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
	for _, f := range Formats {
		for want, left := range map[error]int{syscall.ENOSPC: 10_000, lost: 1 << 30} {
			dir := t.TempDir()
			read := 0
			relations := everything(0)
			relations[7].Rows = func(yield func(json.RawMessage, error) bool) {
				for row, err := range loans(100_000) {
					if read++; read == 60_000 {
						err = lost
					}
					if !yield(row, err) {
						return
					}
				}
			}
			err := output.WriteFileAtomic(filepath.Join(dir, "x"), false, func(w io.Writer) error {
				_, err := Write(&fullDisk{w, left}, f, &Export{Head: testHead, Relations: slices.Values(relations)}, WriteOptions{})
				return err
			})
			files, _ := os.ReadDir(dir)
			if !errors.Is(err, want) || len(files) > 0 || (read == 60_000) != errors.Is(want, lost) {
				t.Errorf("%s, %v: got %v after %d rows, files %v", f, want, err, read, files)
			}
		}
	}
}

func TestPartsCountRows(t *testing.T) {
	var errs bytes.Buffer
	terminal := output.NewTerminal(strings.NewReader(""), io.Discard, io.Discard)
	opt := WriteOptions{Progress: func(relation string) *output.Progress { return output.NewProgress(terminal, &errs, false, relation, 0) }}
	parts, err := Write(io.Discard, JSON, &Export{Head: testHead, Relations: slices.Values(everything(25_000))}, opt)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range parts {
		got[r.Relation] = r.Rows
	}
	if len(got) != 18 || got["loan"] != 25_000 || got["fee"] != 1 || got["hold"] != 1 {
		t.Errorf("%v", got)
	}
	if want := "loan: 10000\nloan: 20000\nloan: 25000\nhold: 1\n"; !strings.Contains(errs.String(), want) {
		t.Errorf("progress:\n%s", errs.String())
	}
}
