package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"patronctl/client/localpg/pgtest"
	"patronctl/output"
)

// Whatever a library holds about somebody, the export fits its schema, and says it exactly: as JSON, and as CSV for programs.
func FuzzExport(f *testing.F) {
	for _, s := range pgtest.Hostile() {
		if len(s) < 1000 {
			f.Add(s, s)
		}
	}
	f.Add("", "2026-01-31")
	fits := jsonSchema(f)
	f.Fuzz(func(t *testing.T, surname, title string) {
		surname, title = strings.ToValidUTF8(surname, "\ufffd"), strings.ToValidUTF8(title, "\ufffd") // as the database holds text
		all := everything(1)
		for relation, member := range map[int][2]string{1: {"surname", surname}, 7: {"title", title}} {
			for row, err := range all[relation].Rows {
				if err != nil {
					t.Fatal(err)
				}
				members := map[string]any{}
				if err := json.Unmarshal(row, &members); err != nil {
					t.Fatal(err)
				}
				members[member[0]] = member[1]
				row, _ = json.Marshal(members)
				all[relation].Rows = output.Slice([]json.RawMessage{row})
				break
			}
		}
		var b bytes.Buffer
		if err := writeJSON(&b, &content{head: testHead, relations: slices.Values(all)}); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Relations struct {
				Identity []struct{ Surname string }
				Loan     []struct{ Title string }
			}
		}
		if err := json.Unmarshal(b.Bytes(), &read); err != nil || read.Relations.Identity[0].Surname != surname ||
			read.Relations.Loan[0].Title != title {
			t.Errorf("%q, %q are written as %s: %v", surname, title, b.Bytes(), err)
		}
		document, err := jsonschema.UnmarshalJSON(&b)
		if err == nil {
			err = fits.Validate(document)
		}
		if err != nil {
			t.Errorf("%q, %q: %v", surname, title, err)
		}
		b.Reset()
		if err := writeZip(&b, &content{head: testHead, relations: slices.Values(all), WriteOptions: WriteOptions{RawCSV: true}}); err != nil {
			t.Fatal(err)
		}
		files := unzip(t, b.Bytes())
		for file, want := range map[string][2]string{"identity.csv": {"surname", surname}, "loan.csv": {"title", title}} {
			rows, err := csv.NewReader(bytes.NewReader(files[file])).ReadAll()
			if err != nil || len(rows) != 2 {
				t.Fatalf("%s: %q: %v", file, files[file], err)
			}
			// encoding/csv reads CR LF as LF.
			if got := rows[1][slices.Index(rows[0], want[0])]; got != strings.ReplaceAll(want[1], "\r\n", "\n") {
				t.Errorf("%s: %q is written as %q, read as %q", file, want[1], files[file], got)
			}
		}
	})
}
