package kit

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"patronctl/output"
)

func TestConfirmWithoutATerminal(t *testing.T) {
	var out strings.Builder
	env := &Env{Terminal: output.NewTerminal(strings.NewReader("y\n"), &out, &out)}
	err := env.Confirm(t.Context(), "erase?")
	if Exit(err) != ExitNotConfirmed || !strings.Contains(Hint(err), "--yes") {
		t.Errorf("%v, hint %q: want exit 5 naming --yes, never an answer from stdin", err, Hint(err))
	}
	env.Flags.Yes = true
	if err := env.Confirm(t.Context(), "erase?"); err != nil {
		t.Errorf("with --yes: %v", err)
	}
}

func TestConfirmAsksAndTakesOnlyYes(t *testing.T) {
	for answer, want := range map[string]ExitCode{
		"y": ExitOK, "Y": ExitOK, "yes": ExitOK, "": ExitNotConfirmed, "n": ExitNotConfirmed, "yeah": ExitNotConfirmed, "1": ExitNotConfirmed,
	} {
		terminal := &fakeTerminal{answer: answer}
		if got := Exit(confirm(t.Context(), terminal, "erase 3 loans?")); got != want {
			t.Errorf("%q: exit %d, want %d", answer, got, want)
		}
		if terminal.prompt != "erase 3 loans? [y/N] " {
			t.Errorf("asked %q", terminal.prompt)
		}
	}
}

func TestConfirmCountTakesOnlyTheNumber(t *testing.T) {
	for answer, want := range map[string]ExitCode{
		"1200": ExitOK, "": ExitNotConfirmed, "y": ExitNotConfirmed, "yes": ExitNotConfirmed, "120": ExitNotConfirmed,
		"01200": ExitNotConfirmed, "1,200": ExitNotConfirmed,
	} {
		terminal := &fakeTerminal{answer: answer}
		if got := Exit(confirmCount(t.Context(), terminal, "Erase 1200 people?", 1200)); got != want {
			t.Errorf("%q: exit %d, want %d", answer, got, want)
		}
		if terminal.prompt != "Erase 1200 people? Type the number of people: " {
			t.Errorf("asked %q", terminal.prompt)
		}
	}
	env := &Env{Terminal: output.NewTerminal(strings.NewReader("1200\n"), &strings.Builder{}, &strings.Builder{})}
	if err := env.ConfirmCount(t.Context(), "erase?", 1200); Exit(err) != ExitNotConfirmed {
		t.Errorf("%v: want exit 5, never an answer from stdin", err)
	}
	env.Flags.Yes = true
	if err := env.ConfirmCount(t.Context(), "erase?", 1200); err != nil {
		t.Errorf("with --yes: %v", err)
	}
}

func TestConfirmEndsWithTheTerminal(t *testing.T) {
	if got := Exit(confirm(t.Context(), &fakeTerminal{err: io.EOF}, "erase?")); got != ExitNotConfirmed {
		t.Errorf("Ctrl-D: exit %d", got)
	}
	if err := confirm(t.Context(), &fakeTerminal{err: context.Canceled}, "erase?"); !errors.Is(err, context.Canceled) {
		t.Errorf("Ctrl-C: %v", err)
	}
}

type fakeTerminal struct {
	answer string
	err    error
	prompt string
}

func (f *fakeTerminal) CanPrompt() bool { return true }

func (f *fakeTerminal) Ask(_ context.Context, prompt string) (string, error) {
	f.prompt = prompt
	return f.answer, f.err
}
