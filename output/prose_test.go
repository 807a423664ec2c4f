package output

import (
	"bytes"
	"strings"
	"testing"
)

const prose = "# A title\n" + `
A paragraph of two
lines, with ` + "`some code`" + ` and **what matters**.

- an item
- another one, which is too long for a
  single line
1. a numbered one

<!-- what: written by somebody -->
| name | n |
|---|---:|
| ` + "`a`" + ` | 1 |
<!-- end of what -->

` + "```\npatronctl help \\\n  # `as it is`\n```\n" + `
What follows:
  is indented

    more
`

const proseAt30 = `A title

A paragraph of two lines, with
|some code| and what matters.

- an item
- another one, which is too
  long for a single line
1. a numbered one

name  n
a     1

  patronctl help \
    # |as it is|

What follows:

  is indented

    more
`

func TestProse(t *testing.T) {
	var b bytes.Buffer
	if err := ReadProse(prose).Write(&Printer{Out: &b, Width: 30}); err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(proseAt30, "|", "`"); b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestProseInColour(t *testing.T) {
	var b bytes.Buffer
	text := "one `two three four` five **six**"
	if err := ReadProse(text).Write(&Printer{Out: &b, Width: 10, Color: true}); err != nil {
		t.Fatal(err)
	}
	want := "one \x1b[1mtwo\x1b[0m\n\x1b[1mthree four\x1b[0m\nfive \x1b[1msix\x1b[0m\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestCodeThatIsTooWideIsBroken(t *testing.T) {
	var b bytes.Buffer
	text := "```\npatronctl patron find somebody there\n```"
	if err := ReadProse(text).Write(&Printer{Out: &b, Width: 24}); err != nil {
		t.Fatal(err)
	}
	if want := "  patronctl patron\n      find somebody\n      there\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
