package kit

import (
	"strings"
	"testing"
)

// A list of cards gives a number for each line that has one, without what separates and quotes it.
func FuzzCards(f *testing.F) {
	for _, seed := range []string{"", "card\n1\n", "1,2\n\n3;x\n", "\ufeffcard\r\n\"1\"\r\n", "\x00\n\xff\n", "'=1+1\n", " \u00a0 \n", strings.Repeat("n", 70000), "1\r2\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for card, err := range Cards(strings.NewReader(text)) {
			if err != nil {
				return
			}
			if card.Line <= last || card.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%q: line %d after %d", text, card.Line, last)
			}
			last = card.Line
			if card.Number == "" || strings.TrimSpace(card.Number) != card.Number || strings.ContainsAny(card.Number, ",;\t\n") {
				t.Errorf("%q: card %q", text, card.Number)
			}
			line := strings.ReplaceAll(strings.ToValidUTF8(strings.Split(text, "\n")[card.Line-1], "\ufffd"), "\x00", "\ufffd")
			if !strings.Contains(line, card.Number) {
				t.Errorf("%q: card %q is not in its line", text, card.Number)
			}
		}
	})
}
