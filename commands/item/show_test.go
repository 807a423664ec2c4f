package item

import (
	"bytes"
	"strings"
	"testing"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func TestRefusesBeforeConnecting(t *testing.T) {
	for _, line := range []string{
		"show", "show 1 2", "show 1 -o csv", "show 1 --last", "show 1 --columns title", "show 1 -o json --columns nosuch",
	} {
		var out, errs bytes.Buffer
		in := strings.NewReader("")
		env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, &out, &errs)}
		cmd := New(env)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		kit.BindGlobal(cmd, &env.Flags)
		cmd.SetArgs(append(strings.Fields(line), "--demo")) // OpenDemo is nil: connecting panics
		if err := cmd.ExecuteContext(t.Context()); err == nil || out.Len() > 0 {
			t.Errorf("%q: error %v, stdout %q", line, err, out.String())
		}
	}
}

func TestScreenNamesOnlyWhomItWasToldAbout(t *testing.T) {
	novak := &people.Borrower{Patron: 17, Card: "20000000000012", Surname: "Novak", Forenames: "Anna"}
	for name, c := range map[string]struct {
		item people.Item
		last bool
		want []string
		not  string
	}{
		"on loan": {
			people.Item{Status: "on_loan", Overdue: true, Borrower: novak},
			false,
			[]string{"on loan", "overdue", "Novak, Anna", "id:17"},
			"last",
		},
		"available": {people.Item{Status: "available"}, false, []string{"available"}, "borrower"},
		"last": {
			people.Item{Status: "available", LastBorrower: novak},
			true,
			[]string{"last borrower", "Novak, Anna", "returned"},
			"nobody",
		},
		"anonymized": {people.Item{Status: "available"}, true, []string{"nobody on record"}, "Novak"},
		"facts":      {people.Item{Status: "on_loan", Borrower: &people.Borrower{Patron: 17}}, false, []string{"id:17"}, "name"},
	} {
		var out bytes.Buffer
		if err := output.Document(&output.Printer{Out: &out, Format: output.Table}, c.item, screen(&c.item, c.last)); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing in:\n%s", name, want, out.String())
			}
		}
		if strings.Contains(out.String(), c.not) {
			t.Errorf("%s: %q should not stand in:\n%s", name, c.not, out.String())
		}
	}
}
