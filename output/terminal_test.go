package output

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestStreamsThatAreNoTerminals(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	terminal := NewTerminal(strings.NewReader("yes\n"), file, &bytes.Buffer{})
	if terminal.OutIsTTY() || terminal.ErrIsTTY() || terminal.Width() != 0 || terminal.CanPrompt() || terminal.Color("auto") {
		t.Error("a buffer or a file passed for a terminal")
	}
	if _, err := terminal.Ask(context.Background(), "sure? "); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("Ask: %v", err)
	}
	if !terminal.Color("always") || terminal.Color("never") {
		t.Error("always and never must not depend on the streams")
	}
}

func TestProgressWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	terminal := NewTerminal(nil, nil, nil)
	for _, total := range []int64{300, 0} {
		p := NewProgress(terminal, &out, false, "load\x1b", total)
		p.Set(100)
		p.Set(200)
		p.Done()
		p.Done()
	}
	quiet := NewProgress(terminal, &out, true, "load", 300)
	quiet.Set(100)
	quiet.Done()
	want := "load\\x1b: 100 of 300\nload\\x1b: 200 of 300\nload\\x1b: 100\nload\\x1b: 200\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
