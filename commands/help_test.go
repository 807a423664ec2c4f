package commands

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"patronctl/commands/help"
)

func TestHelpOfEveryCommand(t *testing.T) {
	visit(Root(testEnv(io.Discard, io.Discard)), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: its short description is missing or ends in a full stop", path)
		}
		if cmd.RunE == nil {
			t.Errorf("%s cannot be run: groups are made with kit.Group", path)
		}
		for line := range strings.SplitSeq(help.Text(cmd), "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: wider than 80 columns: %s", path, line)
			}
		}
	})
}

func TestRootHelpShowsAnExampleFirst(t *testing.T) {
	_, out, _ := run(t)
	example, parts := strings.Index(out, "Examples:"), strings.Index(out, "Other:")
	if example < 0 || parts < example || strings.Count(out, "\n") > 80 {
		t.Errorf("root help:\n%s", out)
	}
}

func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"completion |":        "bash",
		"version --output |":  "markdown",
		"version --color |":   "never",
		"version --purpose |": "subject-request",
		"help |":              "exit-codes",
	} {
		args := strings.Fields(strings.ReplaceAll(line, "|", ""))
		code, out, _ := run(t, append(append([]string{"__complete"}, args...), "")...)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, candidates %q", line, code, out)
		}
	}
}

func visit(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		visit(sub, f)
	}
}
