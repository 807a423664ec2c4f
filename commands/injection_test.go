package commands

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patronctl/client/localpg/pgtest"
)

// slot is a place for text in a command line: an argument, or the value of a flag.
type slot struct {
	command *cobra.Command
	flag    *pflag.Flag // nil for an argument
	line    []string    // with an empty word where the text goes
	at      int
}

func (s slot) name() string {
	if s.flag == nil {
		return s.command.CommandPath() + " ARGUMENT"
	}
	return s.command.CommandPath() + " --" + s.flag.Name
}

// TestInjectionThroughEveryCommand puts hostile strings wherever a command line takes text: each string into each flag, and
// many of them into whole command lines, in turn, so that every string reaches many commands. There is no database: the
// functions take the same strings in client.TestInjectionThroughEveryFunction.
func TestInjectionThroughEveryCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, variable := range []string{"PATRONCTL_STATE_DIR", "PATRONCTL_DEMO_DIR", "HOME"} {
		t.Setenv(variable, t.TempDir())
	}
	t.Setenv("PATRONCTL_DSN", "host=/nonexistent user=nobody dbname=none")
	texts := pgtest.Hostile()
	var all []slot
	walk(Root(testEnv(&bytes.Buffer{}, &bytes.Buffer{})), func(cmd *cobra.Command) { all = append(all, slots(cmd)...) })
	exits, tried := map[int]int{}, 0
	for n, s := range all {
		if s.flag != nil {
			for _, text := range texts {
				tried++
				if err := s.flag.Value.Set(text); err != nil && (err.Error() == "" || len(err.Error()) > 300+6*len(text)) {
					t.Errorf("%s: %.60q: %.300q", s.name(), text, err)
				}
			}
		}
		every := 20
		if s.command.Name() == "find" { // the global flags as well
			every = 2
		}
		for k := n % every; k < len(texts); k += every {
			if len(texts[k]) > 100_000 { // longer than the system lets an argument be
				continue
			}
			tried++
			exits[hostileRun(t, s, texts[k])]++
		}
	}
	t.Logf("%d arguments and flags, %d strings, %d tried; exit codes %v", len(all), len(texts), tried, exits)
	if len(all) < 150 || len(texts) < 500 {
		t.Error("too few to prove anything")
	}
}

// hostileRun runs a command line with a text in its slot, and returns its exit code.
func hostileRun(t *testing.T, s slot, text string) int {
	t.Helper()
	args := slices.Clone(s.line)
	args[s.at] += text
	var out, errs bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	code := Run(ctx, testEnv(&out, &errs), args)
	if ctx.Err() != nil {
		t.Fatalf("%s: %.60q: takes more than a minute", s.name(), text)
	}
	if !slices.Contains([]int{0, 2, 3, 4, 5, 8}, code) {
		t.Errorf("%s: %.60q: exit %d: %.300q", s.name(), text, code, errs.String())
	}
	problem := regexp.MustCompile(`^(warning: [^\n]+\n|note: [^\n]+\n)*error: [^\n]+\n(hint: [^\n]+\n)?$`)
	if code != 0 && (out.Len() > 0 || !problem.MatchString(errs.String()) && !strings.HasPrefix(errs.String(), `{"error":`)) {
		t.Errorf("%s: %.60q: exit %d, stdout %.100q, stderr %.300q", s.name(), text, code, out.String(), errs.String())
	}
	for _, shown := range []string{out.String(), errs.String()} {
		at := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) })
		if !utf8.ValidString(shown) || at >= 0 && !strings.HasPrefix(args[0], "completion") {
			t.Errorf("%s: %.60q: shows %.300q", s.name(), text, shown[max(0, at-20):])
		}
	}
	return code
}

func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		walk(sub, visit)
	}
}

// values satisfy required flags and arguments.
var values = map[string]string{
	"DATE": "2020-01-01", "TIME": "2020-01-01", "int": "1", "int64": "1", "duration": "1s", "--born": "1980-01-01",
	"--to": "out.json",
}

var wordOfUse = regexp.MustCompile(`\[[^\]]*\]|\S+`)

// slots are the places for text in the lines of a command.
func slots(cmd *cobra.Command) (all []slot) {
	path := strings.Fields(cmd.CommandPath())[1:]
	var base []string
	for n, word := range wordOfUse.FindAllString(cmd.Use, -1) {
		if n > 0 && strings.ToUpper(word) == word && word[0] != '[' {
			base = append(base, "id:1")
		}
	}
	needed := func(but string) (flags []string) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if _, required := f.Annotations[cobra.BashCompOneRequiredFlag]; required && f.Name != but {
				value := values["--"+f.Name]
				if value == "" {
					value = values[f.Value.Type()]
				}
				if value == "" {
					value = "x"
				}
				flags = append(flags, "--"+f.Name+"="+value)
			}
		})
		return append(flags, "--yes")
	}
	line := slices.Concat(path, needed(""), base)
	for n := range max(1, len(base)) {
		at := len(line) - len(base) + n
		words := slices.Concat(line, make([]string, max(0, 1-len(base))))
		words[at] = ""
		all = append(all, slot{cmd, nil, words, at})
	}
	if len(path) > 0 && path[0] == "demo" && cmd.Runnable() { // a good day would start a server
		return all
	}
	add := func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			return
		}
		words := slices.Concat(path, needed(f.Name), []string{"--" + f.Name + "="}, base)
		all = append(all, slot{cmd, f, words, len(words) - len(base) - 1})
	}
	cmd.LocalNonPersistentFlags().VisitAll(add)
	if cmd.Name() == "find" {
		cmd.InheritedFlags().VisitAll(add)
	}
	return all
}
