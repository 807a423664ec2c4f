package output

import (
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// compareGolden compares got with a file in testdata.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

type person struct {
	Patron int64    `json:"patron"`
	Card   string   `json:"card"`
	Name   string   `json:"name"`
	Owes   string   `json:"owes"`
	Cards  []string `json:"cards"`
}

var personColumns = []Column[person]{
	{Name: "patron", Right: true, Value: func(p person) string { return fmt.Sprint(p.Patron) }},
	{Name: "card", Value: func(p person) string { return p.Card }},
	{Name: "name", Shrink: true, Value: func(p person) string { return p.Name }},
	{Name: "owes", Right: true, Value: func(p person) string { return p.Owes }, Style: func(p person) Style {
		if p.Owes == "0.00" {
			return Good
		}
		return Bad
	}},
}

var people = []person{
	{1, "A0001", "Anna Císařová", "0.00", nil},
	{22, "A0002", "Jose\u0301 Nun\u0303ez", "1234567.10", []string{"A0002"}},
	{3, "A0003", "山田 太郎 and a surname far longer than a narrow terminal would like", "-3.50", nil},
	{4, "A0004", "שרה לוי", "0.00", nil},
	{5, "A0005", "😀 party | *bold* <b>", "0.10", nil},
	{6, "A0006", "\x1b[31mred\x1b]0;owned\a", "0.00", nil},
	{7, "A0007", "EVIL-HIDDEN\rok\nline", "0.00", nil},
	{8, "A0008", "a\u202eb\u200bc ｆｕｌｌ", "0.00", nil},
	{9, "", "=HYPERLINK(\"x\")", "", nil},
}

func list(t *testing.T, p *Printer) string {
	t.Helper()
	var out strings.Builder
	p.Out = &out
	if err := List(p, personColumns, Slice(people)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestListGolden(t *testing.T) {
	for name, p := range map[string]*Printer{
		"table-piped":   {Format: Table},
		"table-20":      {Format: Table, Width: 20},
		"table-40":      {Format: Table, Width: 40},
		"table-80":      {Format: Table, Width: 80, Color: true},
		"table-200":     {Format: Table, Width: 200},
		"table-columns": {Format: Table, Columns: []string{"owes", "card"}, NoHeaders: true},
		"markdown":      {Format: Markdown, Width: 40},
		"json":          {Format: JSON},
		"json-columns":  {Format: JSON, Columns: []string{"cards", "patron"}},
		"jsonl":         {Format: JSONL, Width: 40},
		"csv":           {Format: CSV},
		"csv-raw":       {Format: CSV, RawCSV: true, Columns: []string{"name", "patron"}},
		"csv-terminal":  {Format: CSV, Width: 40, NoHeaders: true},
	} {
		t.Run(name, func(t *testing.T) { compareGolden(t, "list-"+name, list(t, p)) })
	}
}

func TestTablesFitTheTerminal(t *testing.T) {
	for width := 20; width <= 200; width++ {
		for line := range strings.Lines(list(t, &Printer{Width: width, Color: true})) {
			if got := displayWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("width %d: a line takes %d columns: %q", width, got, line)
			}
		}
	}
}

func TestNoFormatPutsControlsOnATerminal(t *testing.T) {
	for _, format := range Formats() {
		for _, r := range list(t, &Printer{Format: Format(format), Width: 80}) {
			if r != '\n' && hidden(r) {
				t.Errorf("%s keeps %U", format, r)
			}
		}
	}
}

func TestLongTablesKeepTheirColumns(t *testing.T) {
	rows := make([]person, 2*rowsPerPage+5)
	for i := range rows {
		rows[i] = person{Patron: int64(i), Card: "A", Name: strings.Repeat("x", i%7+1), Owes: "1.00"}
	}
	var out strings.Builder
	if err := List(&Printer{Out: &out}, personColumns, Slice(rows)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(rows)+1 {
		t.Fatalf("%d lines for %d rows", len(lines), len(rows))
	}
	for _, line := range lines {
		if len(line) != len(lines[0]) {
			t.Fatalf("%q is not as wide as %q", line, lines[0])
		}
	}
}

// A person who scans cards must see each answer before handing over the next card.
func TestRowsAreWrittenAsTheyArrive(t *testing.T) {
	for _, format := range []Format{Table, Markdown, JSONL, CSV} {
		var out strings.Builder
		rows := func(yield func(person, error) bool) {
			for _, row := range people[:2] {
				if !yield(row, nil) {
					return
				}
				if !strings.Contains(out.String(), row.Card) {
					t.Errorf("%s: %s is not written before the next row is read", format, row.Card)
				}
			}
		}
		if err := List(&Printer{Out: &out, Format: format, Live: true}, personColumns, rows); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRowsBeforeAnErrorAreWritten(t *testing.T) {
	gone := errors.New("server gone")
	var rows iter.Seq2[person, error] = func(yield func(person, error) bool) {
		_ = yield(people[0], nil) && yield(person{}, gone)
	}
	for _, format := range Formats() {
		var out strings.Builder
		err := List(&Printer{Out: &out, Format: Format(format)}, personColumns, rows)
		if !errors.Is(err, gone) || !strings.Contains(out.String(), "A0001") {
			t.Errorf("%s: error %v after %q", format, err, out.String())
		}
		if format == "json" && !strings.HasSuffix(out.String(), "\n]\n") {
			t.Errorf("json is cut off: %q", out.String())
		}
	}
}

// A lone header would look like an empty answer.
func TestAnErrorBeforeAnyRowLeavesNoHeaders(t *testing.T) {
	gone := errors.New("server gone")
	var rows iter.Seq2[person, error] = func(yield func(person, error) bool) { yield(person{}, gone) }
	for _, format := range []Format{Table, Markdown, JSONL, CSV} {
		for _, live := range []bool{false, true} {
			var out strings.Builder
			err := List(&Printer{Out: &out, Format: format, Live: live}, personColumns, rows)
			if !errors.Is(err, gone) || out.String() != "" {
				t.Errorf("%s: error %v after %q", format, err, out.String())
			}
		}
	}
}

func TestEmptyLists(t *testing.T) {
	for format, want := range map[Format]string{
		Table:    "patron  card  name  owes\n",
		Markdown: "| patron | card | name | owes |\n| ---:|:--- |:--- | ---:|\n",
		JSON:     "[]\n",
		JSONL:    "",
		CSV:      "patron,card,name,owes\n",
	} {
		var out strings.Builder
		if err := List(&Printer{Out: &out, Format: format}, personColumns, Slice[person](nil)); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s: got %q, want %q", format, out.String(), want)
		}
	}
}

func TestWriteErrorsAreReported(t *testing.T) {
	for _, format := range Formats() {
		p := &Printer{Out: failingWriter{}, Format: Format(format)}
		if err := List(p, personColumns, Slice(people)); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v", format, err)
		}
	}
}

func TestCheckColumns(t *testing.T) {
	for _, test := range []struct {
		name    string
		format  Format
		columns []Column[person]
		asked   []string
		want    string // what the error must name; empty is no error
	}{
		{"all", Table, personColumns, nil, ""},
		{"chosen", CSV, personColumns, []string{"owes", "card"}, ""},
		{"unknown", Table, personColumns, []string{"nosuch"}, "patron, card, name, owes"},
		{"json field", JSON, personColumns, []string{"cards"}, ""},
		{"json field in a table", Table, personColumns, []string{"cards"}, "patron, card, name, owes"},
		{"unknown field", JSONL, personColumns, []string{"nosuch"}, "patron, card, name, owes, cards"},
		{"twice", Table, personColumns, []string{"card", "card"}, "twice"},
		{"document", Table, nil, []string{"card"}, "-o json"},
		{"document field", JSON, nil, []string{"card"}, ""},
		{"document as csv", CSV, nil, nil, "no csv form"},
	} {
		err := CheckColumns(&Printer{Format: test.format, Columns: test.asked}, test.columns)
		var usage UsageError
		if test.want == "" && err != nil || test.want != "" && (!errors.As(err, &usage) || !strings.Contains(string(usage), test.want)) {
			t.Errorf("%s: error %v, want one naming %q", test.name, err, test.want)
		}
	}
}

func TestFieldNames(t *testing.T) {
	type Base struct {
		ID int `json:"id"`
	}
	type thing struct {
		Base
		When   time.Time `json:"when,omitzero"`
		Secret string    `json:"-"`
		hidden string
		Plain  string
	}
	_ = thing{}.hidden
	p := &Printer{Format: JSON, Columns: []string{"nosuch"}}
	err := CheckColumns[*thing](p, nil)
	if err == nil || !strings.HasSuffix(err.Error(), "accepted are id, when, Plain") {
		t.Errorf("got %v", err)
	}
}

// A label is what people read; CSV, JSON and --columns keep the name.
func TestLabelIsForPeople(t *testing.T) {
	columns := []Column[person]{{Name: "owes", Label: "owes here", Value: func(p person) string { return p.Owes }}}
	for format, want := range map[Format]string{
		Table:    "owes here\n0.00\n",
		Markdown: "| owes here |\n|:--- |\n| 0.00 |\n",
		CSV:      "owes\n0.00\n",
		JSONL:    "{\"owes\":\"0.00\"}\n",
	} {
		var out strings.Builder
		p := &Printer{Out: &out, Format: format, Columns: []string{"owes"}}
		if err := List(p, columns, Slice(people[:1])); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v", format, out.String(), err)
		}
	}
	if err := CheckColumns(&Printer{Format: Table, Columns: []string{"owes here"}}, columns); err == nil {
		t.Error("a label is taken by --columns")
	}
}
