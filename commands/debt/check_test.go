package debt

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client/people"
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

func TestExitCodeCondition(t *testing.T) {
	for _, c := range []struct {
		asked people.Verdict
		seen  []people.Verdict
		holds bool
	}{
		{"", []people.Verdict{people.Refuse}, false},
		{people.Refuse, []people.Verdict{people.Refuse, people.Clear}, true},
		{people.Refuse, []people.Verdict{people.Warn, people.NotFound}, false},
		{people.Warn, []people.Verdict{people.Clear, people.Warn}, true},
		{people.Warn, []people.Verdict{people.Refuse}, true},
		{people.Warn, []people.Verdict{people.Clear, people.NotFound}, false},
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
