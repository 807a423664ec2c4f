package output

import (
	"bytes"
	"strings"
	"testing"
)

func TestPager(t *testing.T) {
	long, short := strings.Repeat("a line\n", 24), strings.Repeat("a line\n", 23)
	for _, c := range []struct {
		what, pager, text string
		paged             bool
	}{
		{"a text longer than the screen", "sed s/^/page:/", long, true},
		{"a text that fits, with the prompt below it", "sed s/^/page:/", short, false},
		{"without such a pager", "/nonexistent/pager -x", long, false},
	} {
		t.Setenv("PAGER", c.pager)
		p := newPTY(t, 80)
		terminal := &Terminal{out: p.terminal}
		var out bytes.Buffer
		if err := terminal.Page(&out, c.text); err != nil {
			t.Fatal(err)
		}
		if !c.paged {
			if out.String() != c.text || p.screen() != "" {
				t.Errorf("%s: %q, pager %q", c.what, out.String(), p.screen())
			}
			continue
		}
		eventually(t, c.what, func() bool { return strings.Count(p.screen(), "page:a line") == 24 })
		if out.Len() > 0 {
			t.Errorf("%s: written to both: %q", c.what, out.String())
		}
	}
}

func TestNoPagerWithoutATerminal(t *testing.T) {
	t.Setenv("PAGER", "false")
	var out bytes.Buffer
	text := strings.Repeat("a line\n", 100)
	if err := NewTerminal(&bytes.Buffer{}, &out, &out).Page(&out, text); err != nil || out.String() != text {
		t.Errorf("%v: %d bytes", err, out.Len())
	}
}
