package output

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCSVGuard(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"formula", "=1+1", "'=1+1"},
		{"after spaces", "  =1+1", "'  =1+1"},
		{"after no-break space", "\u00a0@x", "'\u00a0@x"},
		{"after a byte order mark", "\ufeff=x", "'\ufeff=x"},
		{"plus", "+421 900", "'+421 900"},
		{"minus", "-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"},
		{"at", "@SUM(A1)", "'@SUM(A1)"},
		{"tab", "\tx", "'\tx"},
		{"carriage return", "\r=x", "'\r'=x"},
		{"line feed", "\nx", "'\nx"},
		{"full width", "＝1", "'＝1"},
		{"second cell of a semicolon country", "Novák;=1+1", "Novák;'=1+1"},
		{"second line", "High Street\n=1+1", "High Street\n'=1+1"},
		{"already quoted", "'=x", "''=x"},
		{"negative number", "-3.50", "-3.50"},
		{"number", "12.00", "12.00"},
		{"decimal comma", "-3,50", "-3,50"},
		{"date", "2026-01-31", "2026-01-31"},
		{"apostrophe", "O'Hara", "O'Hara"},
		{"e-mail", "a=b@example.org", "a=b@example.org"},
		{"empty", "", ""},
	} {
		if got := guard(test.in); got != test.want {
			t.Errorf("%s: guard(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestCSVWriter(t *testing.T) {
	var out strings.Builder
	w := NewCSVWriter(&out, false)
	for _, record := range [][]string{{"card", "note"}, {"007", "a \"b\", c\nd"}, {"-3.50", "=x"}} {
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "card,note\n007,\"a \"\"b\"\", c\nd\"\n-3.50,'=x\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestCSVWriterReportsAFullDisk(t *testing.T) {
	w := NewCSVWriter(failingWriter{}, false)
	err := w.Write([]string{"a"})
	if flushed := w.Flush(); !errors.Is(errors.Join(err, flushed), errFull) {
		t.Errorf("got %v and %v, want %v", err, flushed, errFull)
	}
}

var errFull = errors.New("no space left on device")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }

// unguard takes back what guard added, as a reader of the file would.
func unguard(cell string) string {
	undo := func(part string) string {
		if rest, ok := strings.CutPrefix(part, "'"); ok && guardPart(rest) != rest {
			return rest
		}
		return part
	}
	if rest, ok := strings.CutPrefix(cell, "'"); ok {
		if first := strings.TrimLeftFunc(rest, skippedBySpreadsheets); first != "" && strings.Contains(cellBreaks, first[:1]) {
			cell = rest
		}
	}
	var b strings.Builder
	for {
		end := strings.IndexAny(cell, otherSeparators)
		if end < 0 {
			return b.String() + undo(cell)
		}
		b.WriteString(undo(cell[:end]) + cell[end:end+1])
		cell = cell[end+1:]
	}
}

func FuzzCSVWriter(f *testing.F) {
	for _, seed := range []string{"", "=1", " +x", "'=x", "''", "a;=b", "\t\r\n", "\"", ",", "-3.50", "\ufeff=", "\xff", ";;'\n-", `\.`} {
		f.Add(seed, "x", false)
		f.Add(seed, seed, true)
	}
	f.Fuzz(func(t *testing.T, a, b string, raw bool) {
		record := []string{a, b}
		if b == "" {
			record = record[:1]
		}
		var out strings.Builder
		w := NewCSVWriter(&out, raw)
		if err := errors.Join(w.Write(record), w.Flush()); err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(strings.NewReader(out.String())).Read()
		if err != nil {
			t.Fatalf("%q written as %q: %v", record, out.String(), err)
		}
		for i, cell := range got {
			if !raw {
				checkHarmless(t, cell)
				got[i] = unguard(cell)
			}
			// encoding/csv reads CR LF as LF.
			record[i] = strings.ReplaceAll(record[i], "\r\n", "\n")
		}
		if !slices.Equal(got, record) {
			t.Errorf("wrote %q as %q, read back %q", record, out.String(), got)
		}
	})
}

// checkHarmless splits cell as spreadsheets of any country might and fails on a part that would run.
func checkHarmless(t *testing.T, cell string) {
	t.Helper()
	if trimmed := strings.TrimLeft(cell, " "); trimmed != "" && strings.Contains("\t\r\n", trimmed[:1]) {
		t.Errorf("cell %q starts with a break", cell)
	}
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
		part = strings.TrimSpace(part)
		if part == "" || plainNumber.MatchString(part) {
			continue
		}
		if strings.ContainsRune("=+-@＝＋－＠", []rune(part)[0]) {
			t.Errorf("cell %q: a spreadsheet may run %q", cell, part)
		}
	}
}
