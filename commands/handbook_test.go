package commands

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patronctl/commands/help"
	"patronctl/output"
)

// Every command that README and the topics show can be given like that: its name, its flags, their values, what is required.
func TestCommandsInTheHandbook(t *testing.T) {
	pages := handbook(t)
	t.Chdir(t.TempDir()) // some flags want a file that is there
	for _, file := range []string{"cards.txt", "leaving.txt"} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lines := 0
	for name, text := range pages {
		for _, line := range commandLines(text) {
			lines++
			if err := check(line, true); err != nil {
				t.Errorf("%s: %s: %v", name, strings.Join(line, " "), err)
			}
		}
		for _, line := range commandsInText(text) {
			lines++
			if err := check(line, false); err != nil {
				t.Errorf("%s: %s: %v", name, strings.Join(line, " "), err)
			}
		}
	}
	flags := map[string]bool{}
	visit(Root(testEnv(io.Discard, io.Discard)), func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags["--"+f.Name] = true })
		cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { flags["--"+f.Name] = true })
	})
	for name, text := range pages {
		for _, m := range flagInText.FindAllStringSubmatch(text, -1) {
			if !flags[m[1]] {
				t.Errorf("%s: no command has the flag %s", name, m[1])
			}
		}
	}
	if lines < 150 {
		t.Errorf("only %d commands were found", lines)
	}
}

func TestWrongCommandsInTheHandbookAreFound(t *testing.T) {
	for _, text := range []string{
		"```\npatronctl patron lookup 1\n```", "```\npatronctl retention run --do\n```", "```\npatronctl request open 1 --kind wish\n```",
		"```\npatronctl consent give 1 \\\n  --purpose joining\n```", "```\ndate; patronctl item show\n```",
	} {
		if lines := commandLines(text); len(lines) != 1 || check(lines[0], true) == nil {
			t.Errorf("%q: want one command, which is wrong; got %q", text, lines)
		}
	}
	for _, text := range []string{"`patronctl patron lookup`", "`retention run --do`", "`consent givee`"} {
		if lines := commandsInText(text); len(lines) != 1 || check(lines[0], false) == nil {
			t.Errorf("%q: want one command, which is wrong; got %q", text, lines)
		}
	}
}

func TestTopicsFitTheirReader(t *testing.T) {
	for _, topic := range help.Topics() {
		if utf8.RuneCountInString(topic.Title) > 63 || strings.HasSuffix(topic.Title, ".") || !strings.HasPrefix(topic.Text, "# ") {
			t.Errorf("%s: its title is missing, too long, or ends in a full stop: %q", topic.Name, topic.Title)
		}
		for _, width := range []int{60, 80, 200} {
			var b bytes.Buffer
			if err := output.ReadProse(topic.Text).Write(&output.Printer{Out: &b, Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if utf8.RuneCountInString(line) > width {
					t.Errorf("%s: wider than %d columns: %s", topic.Name, width, line)
				}
			}
		}
		for _, b := range output.ReadProse(topic.Text) {
			for _, line := range b.Lines {
				if b.Kind == output.CodeBlock && utf8.RuneCountInString(line) > 63 {
					t.Errorf("%s: code that man would show beyond 72 columns: %s", topic.Name, line)
				}
			}
		}
	}
}

func TestReadmeIsShort(t *testing.T) {
	if lines := strings.Count(handbook(t)["README"], "\n"); lines > 150 {
		t.Errorf("README has %d lines: what is more than 150 belongs into topics", lines)
	}
}

// The handbook names what the program has, all of it and nothing else: variables of the environment, formats of output.
func TestTheHandbookKnowsWhatTheProgramHas(t *testing.T) {
	pages := handbook(t)
	variable := regexp.MustCompile(`PATRONCTL_[A-Z_]+`)
	used := map[string]bool{}
	for _, file := range sources(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range variable.FindAllString(string(text), -1) {
			used[name] = true
		}
	}
	for name := range used {
		if !strings.Contains(pages["environment"], "`"+name+"`") {
			t.Errorf("environment: %s is missing", name)
		}
	}
	for _, name := range variable.FindAllString(pages["environment"], -1) {
		if !used[name] {
			t.Errorf("environment: nothing reads %s", name)
		}
	}
	for _, format := range output.Formats() {
		if !strings.Contains(pages["formatting"], "`-o "+format+"`") {
			t.Errorf("formatting: %s is missing", format)
		}
	}
}

// sources are the files of the program, tests and their helpers left out.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{".", "../client", "../output"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "pgtest") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A topic beside a command of the same name leaves the help of the command's verbs where it was.
func TestHelpOfWhatSharesItsName(t *testing.T) {
	for line, want := range map[string]string{
		"help audit":      "Merkle",
		"help audit list": "patronctl audit list [flags]",
		"help topics":     "exit-codes",
		"help":            "verdicts",
	} {
		if code, out, errs := run(t, strings.Fields(line)...); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %q %q", line, code, out, errs)
		}
	}
	for line, want := range map[string]string{
		"help topcis":     "the nearest: topics",
		"help restor":     "the nearest: restore",
		"help patorn":     "the nearest: patron",
		"help audit lits": `unknown command "lits"`,
	} {
		if code, _, errs := run(t, strings.Fields(line)...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q", line, code, errs)
		}
	}
}

// handbook is the text of README and of every topic.
func handbook(t *testing.T) map[string]string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"README": string(readme)}
	for _, topic := range help.Topics() {
		pages[topic.Name] = topic.Text
	}
	return pages
}

var (
	flagInText = regexp.MustCompile("`(--[a-z-]+)[^`\n]*`")

	fence = regexp.MustCompile("(?ms)^```\n(.*?)^```$")
	span  = regexp.MustCompile("`([^`\n]+)`")
	word  = regexp.MustCompile(`"[^"]*"|[^\s"]+`)
)

// commandLines are the words after `patronctl` of each command in fenced code.
func commandLines(text string) [][]string {
	var lines [][]string
	for _, code := range fence.FindAllStringSubmatch(text, -1) {
		for line := range strings.SplitSeq(strings.ReplaceAll(code[1], "\\\n", " "), "\n") {
			lines = append(lines, inLine(line)...)
		}
	}
	return lines
}

// inLine takes a line of a shell apart.
func inLine(line string) [][]string {
	var lines [][]string
	words := word.FindAllString(strings.TrimPrefix(line, "$ "), -1)
	for i, w := range words {
		if strings.HasPrefix(w, "#") {
			words = words[:i]
			break
		}
	}
	for len(words) > 0 {
		end := slices.IndexFunc(words, func(w string) bool { return strings.ContainsAny(w, ";|&<>") && !strings.Contains(w, `"`) })
		part := words
		if end >= 0 {
			part, words = words[:end+1], words[end+1:]
			part[end] = strings.TrimRight(part[end], ";|&<>")
		} else {
			words = nil
		}
		if part[0] == "patronctl" {
			lines = append(lines, unquoted(part[1:]))
		}
	}
	return lines
}

func unquoted(words []string) []string {
	var plain []string
	for _, w := range words {
		if w = strings.Trim(w, `"`); w != "" {
			plain = append(plain, w)
		}
	}
	return plain
}

// commandsInText are the words of each command that stands in a line of text, with or without `patronctl` before it.
func commandsInText(text string) [][]string {
	root := Root(testEnv(io.Discard, io.Discard))
	var lines [][]string
	for _, s := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		words := strings.Fields(s[1])
		named := words[0] == "patronctl"
		if named {
			words = words[1:]
		}
		if len(words) > 0 && (named || len(words) > 1) && isNoun(root, words[0]) {
			lines = append(lines, words)
		}
	}
	return lines
}

func isNoun(root *cobra.Command, word string) bool {
	return slices.ContainsFunc(root.Commands(), func(cmd *cobra.Command) bool { return cmd.Name() == word })
}

// check says what is wrong with a command line. As a whole it must be ready to run; else names of commands and flags must exist.
func check(words []string, whole bool) error {
	root := Root(testEnv(io.Discard, io.Discard))
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if !whole {
		return namesExist(cmd, rest)
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err
	}
	if err := cmd.ValidateRequiredFlags(); err != nil {
		return err
	}
	return cmd.ValidateFlagGroups()
}

func namesExist(cmd *cobra.Command, rest []string) error {
	for i, w := range rest {
		name, isFlag := strings.CutPrefix(w, "--")
		name, _, _ = strings.Cut(name, "=")
		switch {
		case isFlag && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil:
			return errors.New("there is no flag " + w)
		case !isFlag && i == 0 && cmd.HasSubCommands() && cmd.Name() != "help" && strings.ToLower(w) == w && !strings.HasPrefix(w, "-"):
			return errors.New("there is no command " + w)
		}
	}
	return nil
}
