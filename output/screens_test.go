package output

import (
	"strings"
	"testing"
)

func TestScreens(t *testing.T) {
	for name, test := range map[string]struct {
		format  Format
		several bool
		cards   []string
		want    string
	}{
		"table":         {Table, true, []string{"A1", "A2"}, "card  A1\n\ncard  A2\n"},
		"markdown":      {Markdown, true, []string{"A1", "A2"}, "- **card**: A1\n\n- **card**: A2\n"},
		"jsonl":         {JSONL, true, []string{"A1", "A2"}, "{\"card\":\"A1\"}\n{\"card\":\"A2\"}\n"},
		"json":          {JSON, true, []string{"A1", "A2"}, "[\n  {\n    \"card\": \"A1\"\n  },\n  {\n    \"card\": \"A2\"\n  }\n]\n"},
		"json, one":     {JSON, true, []string{"A1"}, "[\n  {\n    \"card\": \"A1\"\n  }\n]\n"},
		"json, none":    {JSON, true, nil, "[]\n"},
		"jsonl, none":   {JSONL, true, nil, ""},
		"json, a thing": {JSON, false, []string{"A1"}, "{\n  \"card\": \"A1\"\n}\n"},
	} {
		var out strings.Builder
		screens := NewScreens(&Printer{Out: &out, Format: test.format, Columns: []string{"card"}}, test.several)
		for _, card := range test.cards {
			if err := screens.Show(person{Card: card}, []Section{{Pairs: []Pair{{Name: "card", Value: card}}}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := screens.End(); err != nil || out.String() != test.want {
			t.Errorf("%s: got %q (%v), want %q", name, out.String(), err, test.want)
		}
	}
}

func TestScreensReportWriteErrors(t *testing.T) {
	for _, format := range []Format{Table, JSON, JSONL, Markdown} {
		screens := NewScreens(&Printer{Out: failingWriter{}, Format: format}, true)
		if err := screens.Show(people[0], []Section{{Text: "x"}}); err == nil {
			t.Errorf("%s: a full disk is not told of", format)
		}
	}
	if err := NewScreens(&Printer{Out: failingWriter{}, Format: JSON}, true).End(); err == nil {
		t.Error("the end of an array is not written, and nobody is told")
	}
}
