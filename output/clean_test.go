package output

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "Anna Císařová", "Anna Císařová"},
		{"combining", "Jose\u0301", "Jose\u0301"},
		{"right to left", "שרה לוי", "שרה לוי"},
		{"wide", "山田 ｆｕｌｌ 😀", "山田 ｆｕｌｌ 😀"},
		{"escape", "\x1b[31mred", `\x1b[31mred`},
		{"title", "\x1b]0;owned\a", `\x1b]0;owned\a`},
		{"C1", "a\u009b31m", `a\u009b31m`},
		{"raw C1 byte", "a\x9b31m", `a\x9b31m`},
		{"DEL", "a\x7f", `a\x7f`},
		{"overwrite", "EVIL\rok", `EVIL\rok`},
		{"break", "a\nb\tc\vd", `a\nb\tc\vd`},
		{"separators", "a\u2028b\u2029c\u0085", `a\u2028b\u2029c\u0085`},
		{"bidi", "a\u202eb\u2066c\u200f\u061c", `a\u202eb\u2066c\u200f\u061c`},
		{"zero width", "a\u200bb\u200dc\ufeff\u2060\u00ad", `a\u200bb\u200dc\ufeff\u2060\u00ad`},
		{"blank letters", "\u3164\u115f\u034f", `\u3164\u115f\u034f`},
		{"tags", "a\U000E0041", `a\U000e0041`},
		{"selectors", "❤\ufe0f\U000E0100", `❤\ufe0f\U000e0100`},
		{"replacement character", "a\ufffd", "a\ufffd"},
		{"truncated", "caf\xc3", `caf\xc3`},
		{"NUL", "a\x00b", `a\x00b`},
		{"backslash", `C:\new`, `C:\new`},
	} {
		if got := Clean(test.in); got != test.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestCleanBlockKeepsOnlyLineFeeds(t *testing.T) {
	if got, want := CleanBlock("a\nb\r\n\x1bc"), "a\nb\\r\n\\x1bc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "Anna", "\x1b[2J", "a\u202eb", "\xff\xfe", "\u009b", "e\u0301", "\U000E0041"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Errorf("Clean(%q) = %q is not UTF-8", s, got)
		}
		for _, r := range got {
			if r < ' ' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u200b\u200e\u202e\u2028\u2066\ufeff", r) {
				t.Errorf("Clean(%q) = %q keeps %U", s, got, r)
			}
		}
		if again := Clean(got); again != got {
			t.Errorf("Clean(%q) = %q, cleaned again %q", s, got, again)
		}
	})
}
