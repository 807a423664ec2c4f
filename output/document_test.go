package output

import (
	"errors"
	"strings"
	"testing"
)

var screen = []Section{
	{Pairs: []Pair{
		{Name: "verdict", Value: "refuse", Style: Bad},
		{Name: "name", Value: "\x1b[31mAnna\r Císařová"},
		{Name: "address", Value: "Flat 4, The Old Library, 117 Upper Saint Giles Street, Norwich"},
		{Name: "phone", Value: ""},
	}},
	{},
	{Title: "loans", Grid: &Grid{
		Headers: []string{"due", "title", "owes"},
		Right:   []bool{false, false, true},
		Rows: [][]Cell{
			{{Text: "2026-01-31", Style: Caution}, {Text: "山田 and a title that goes on\nand on and on"}, {Text: "1.00"}},
			{{Text: "2026-12-01"}, {Text: "Short"}, {Text: "1234.50"}},
		},
	}},
	{Title: "nothing", Grid: &Grid{Headers: []string{"a"}}},
	{Title: "why", Text: "First paragraph of our own, which is long enough to need a second line.\n\nSecond.\n"},
}

func document(t *testing.T, p *Printer) string {
	t.Helper()
	var out strings.Builder
	p.Out = &out
	if err := Document(p, people[1], screen); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestDocumentGolden(t *testing.T) {
	for name, p := range map[string]*Printer{
		"piped":        {Format: Table},
		"40":           {Format: Table, Width: 40},
		"80":           {Format: Table, Width: 80, Color: true},
		"200":          {Format: Table, Width: 200},
		"markdown":     {Format: Markdown},
		"json":         {Format: JSON},
		"jsonl":        {Format: JSONL},
		"json-columns": {Format: JSON, Columns: []string{"owes", "card"}},
	} {
		t.Run(name, func(t *testing.T) { compareGolden(t, "document-"+name, document(t, p)) })
	}
}

func TestDocumentsFitTheTerminal(t *testing.T) {
	for width := 20; width <= 200; width++ {
		for line := range strings.Lines(document(t, &Printer{Width: width})) {
			if got := displayWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("width %d: a line takes %d columns: %q", width, got, line)
			}
		}
	}
}

func TestDocumentHasNoCSVForm(t *testing.T) {
	var usage UsageError
	if err := Document(&Printer{Format: CSV}, people[0], screen); !errors.As(err, &usage) {
		t.Errorf("error %v", err)
	}
}

func TestGridsThatWrapLoseNothing(t *testing.T) {
	const said = "the list was taken down, and everybody on it was written to"
	grid := &Grid{Wrap: true, Headers: []string{"at", "said", "n"}, Right: []bool{false, false, true}, Rows: [][]Cell{
		{{Text: "2026-01-31"}, {Text: said, Style: Bad}, {Text: "40"}},
	}}
	for width := 30; width <= 100; width++ {
		var out strings.Builder
		if err := Document(&Printer{Width: width, Out: &out}, nil, []Section{{Title: "What was said", Grid: grid}}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if got := displayWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("width %d: a line takes %d columns: %q", width, got, line)
			}
		}
		for _, word := range strings.Fields(said) {
			if !strings.Contains(out.String(), word) {
				t.Errorf("width %d: %q is lost in\n%s", width, word, out.String())
			}
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	for _, text := range []string{
		"", "one", "one two three four", "averyveryverylongword and more", "山田太郎山田太郎山田太郎",
		"e\u0301e\u0301e\u0301e\u0301e\u0301",
		"a  b   c",
	} {
		for width := 1; width < 12; width++ {
			got := wrap(text, width)
			if strings.ReplaceAll(strings.Join(got, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
				t.Errorf("wrap(%q, %d) = %q", text, width, got)
			}
			for _, line := range got {
				if displayWidth(line) > max(width, 2) || strings.HasPrefix(line, "\u0301") {
					t.Errorf("wrap(%q, %d) has the line %q", text, width, line)
				}
			}
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in    string
		width int
		want  string
	}{
		{"Anna", 4, "Anna"},
		{"Annabel", 4, "Ann…"},
		{"山田太郎", 4, "山…"},
		{"山田太郎", 5, "山田…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
	} {
		if got := cut(test.in, test.width); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.in, test.width, got, test.want)
		}
	}
}
