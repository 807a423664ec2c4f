package kit

import (
	"strings"
	"testing"
)

// A list gives a reference for each line that has one, without what separates and quotes it.
func FuzzEntries(f *testing.F) {
	for _, seed := range []string{
		"", "card\n1\n", "1,2\n\n3;x\n", "\ufeffcard\r\n\"1\"\r\n", "\x00\n\xff\n", "'=1+1\n", " \u00a0 \n", strings.Repeat("n", 70000), "1\r2\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for entry, err := range entries(strings.NewReader(text)) {
			if err != nil {
				return
			}
			if entry.Line <= last || entry.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%q: line %d after %d", text, entry.Line, last)
			}
			last = entry.Line
			if entry.Ref == "" || strings.TrimSpace(entry.Ref) != entry.Ref || strings.ContainsAny(entry.Ref, ",;\t\n") {
				t.Errorf("%q: entry %q", text, entry.Ref)
			}
			line := strings.ReplaceAll(strings.ToValidUTF8(strings.Split(text, "\n")[entry.Line-1], "\ufffd"), "\x00", "\ufffd")
			if !strings.Contains(line, entry.Ref) {
				t.Errorf("%q: entry %q is not in its line", text, entry.Ref)
			}
		}
	})
}
