package debt

import (
	"bytes"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// check runs a command line that must end before it connects.
func check(t *testing.T, args ...string) error {
	t.Helper()
	var out, errs bytes.Buffer
	in := strings.NewReader("")
	env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, &out, &errs)}
	env.Flags.Demo = true
	env.OpenDemo = nil // connecting panics
	cmd := newCheck(env)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	kit.BindGlobal(cmd, &env.Flags)
	cmd.SetArgs(append(args, "--demo"))
	return cmd.ExecuteContext(t.Context())
}

func TestRefusesUnclearQuestions(t *testing.T) {
	applicant := []string{"--applicant", "--surname", "Novak", "--forenames", "Anna", "--born"}
	for _, args := range [][]string{
		{},
		{"1", "--file", "x"},
		{"1", "--applicant"},
		{"--file", ""},
		{"--applicant"},
		{"--applicant", "--surname", "Novak", "--born", "1980-02-03"},
		{"1", "--surname", "Novak"},
		{"1", "-"},
		append(applicant, "today"),
		append(applicant, "03/02/1980"),
		append(applicant, "1980-02-03", "--exit-code"),
		append(applicant, "1980-02-03", "--matches"),
		{"1", "--exit-code=clear"},
		{"1", "--columns", "nosuch"},
		{"1", "2", "--columns", "name"},
		{"--file", filepath.Join(t.TempDir(), "missing")},
	} {
		err := check(t, args...)
		switch {
		case err == nil:
			t.Errorf("%q was accepted", args)
		case strings.Contains(err.Error(), "\n"):
			t.Errorf("%q: more than one line: %q", args, err)
		}
	}
}

func TestFirstColumn(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"plain":             {"1001\n1002\n", "1001 1002"},
		"windows":           {"\uFEFFcard\r\n1001\r\n\r\n 1002 \r\n", "1001 1002"},
		"csv":               {"Card,name\n\"1001\",\"Novak, Anna\"\n1002,x\n", "1001 1002"},
		"semicolons, tabs":  {"1001;x\n1002\ty", "1001 1002"},
		"header later on":   {"1001\ncard\n", "1001 card"},
		"empty first cells": {",x\n1001\n", "1001"},
		"empty":             {"", ""},
	} {
		if got := collect(t, column(kit.Lines(strings.NewReader(c.file)))); strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func collect(t *testing.T, cards iter.Seq2[string, error]) []string {
	t.Helper()
	var got []string
	for card, err := range cards {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, card)
	}
	return got
}

func TestLookingAheadLosesNoCard(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 7} {
		var want []string
		for range size {
			want = append(want, "c")
		}
		next, stop := iter.Pull2(output.Slice(want))
		head, err := take(next, 3)
		if err != nil || len(head) != min(size, 3) {
			t.Errorf("%d cards: took %d, %v", size, len(head), err)
		}
		if got := collect(t, chain(head, next)); !slices.Equal(got, want) {
			t.Errorf("%d cards: got %d", size, len(got))
		}
		stop()
	}
}

func TestLookingAheadStopsAtABadLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cards")
	if err := os.WriteFile(file, []byte("1001\n"+strings.Repeat("x", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	next, stop := iter.Pull2(column(kit.Lines(in)))
	defer stop()
	if _, err := take(next, 501); kit.Exit(err) != kit.ExitUsage {
		t.Errorf("got %v", err)
	}
}

func TestExitCodeCondition(t *testing.T) {
	for _, c := range []struct {
		asked client.Verdict
		seen  []client.Verdict
		holds bool
	}{
		{"", []client.Verdict{client.Refuse}, false},
		{client.Refuse, []client.Verdict{client.Refuse, client.Clear}, true},
		{client.Refuse, []client.Verdict{client.Warn, client.NotFound}, false},
		{client.Warn, []client.Verdict{client.Clear, client.Warn}, true},
		{client.Warn, []client.Verdict{client.Refuse}, true},
		{client.Warn, []client.Verdict{client.Clear, client.NotFound}, false},
	} {
		condition := condition{asked: c.asked}
		for _, v := range c.seen {
			condition.see(v)
		}
		if got := errors.Is(condition.err(), kit.ErrCondition); got != c.holds {
			t.Errorf("asked %q, seen %v: %v", c.asked, c.seen, got)
		}
	}
}
