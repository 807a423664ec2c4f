package commands

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"patronctl/commands/help"
)

// What follows the program's name where it is no command line.
var prose = strings.Fields("and did does erasures from has is itself keeps lists made manual of or reads remembers serves " +
	"stops tells than topics")

var (
	ended     = regexp.MustCompile(`;|\)|\n\n|\.\s`)
	flagNamed = regexp.MustCompile(`(?:^|[\s(\["'])--([a-z][a-z-]*)`)
	lowerCase = regexp.MustCompile(`^[a-z][a-z-]*$`)
)

// Every command and every flag that a text of the program names is there: in hints, help, examples and the handbook.
func TestHintsNameWhatIsThere(t *testing.T) {
	root := Root(testEnv(&strings.Builder{}, &strings.Builder{}))
	root.InitDefaultHelpFlag()
	named := 0
	for where, texts := range literals(t) {
		for _, text := range texts {
			for _, wrong := range wrongMentions(root, text, &named) {
				t.Errorf("%s: %s: %q", where, wrong, text)
			}
		}
	}
	for _, wrong := range []string{
		"see patronctl patrons find", "see patronctl patron fnd", "try: patronctl patron find --nosuch",
		"'run patronctl audit show {access} --all'", "give --nosuch", "as patronctl --demo patron nosuch says", "see patronctl help nosuch",
	} {
		if len(wrongMentions(root, wrong, new(int))) != 1 {
			t.Errorf("nothing is wrong with %q", wrong)
		}
	}
	if named < 300 {
		t.Errorf("only %d commands were found in the texts", named)
	}
}

// wrongMentions lists what a text names that is not there, and counts the commands that it names.
func wrongMentions(root *cobra.Command, text string, named *int) (wrong []string) {
	parts := regexp.MustCompile(`patronctl\s+`).Split(text, -1)
	for _, m := range flagNamed.FindAllStringSubmatch(parts[0], -1) {
		if !anyFlag(root, m[1]) && !strings.Contains(parts[0], "pg_checksums") {
			wrong = append(wrong, "no command has --"+m[1])
		}
	}
	for n, part := range parts {
		words := strings.Fields(strings.NewReplacer(`\n`, " ", "`", " ").Replace(part))
		if n == 0 || len(words) == 0 || slices.Contains(prose, strings.Trim(words[0], ".,;")) {
			continue
		}
		cmd := root
		for _, word := range words {
			end := strings.TrimRight(word, `.,:;)"'`)
			if strings.HasPrefix(word, "-") {
				continue
			}
			if !lowerCase.MatchString(end) || slices.Contains(prose, end) || !cmd.HasSubCommands() && cmd.Name() != "help" {
				break
			}
			next := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == end })
			if cmd.Name() == "help" {
				if !helps(root, end) {
					wrong = append(wrong, "no help about "+end)
				}
				break
			}
			if next < 0 {
				if !strings.Contains(cmd.Use, " ") { // else it is an argument
					wrong = append(wrong, "no command "+cmd.CommandPath()+" "+end)
				}
				break
			}
			cmd = cmd.Commands()[next]
			if end != word {
				break
			}
		}
		if cmd == root {
			continue
		}
		*named++
		for _, m := range flagNamed.FindAllStringSubmatch(ended.Split(part, 2)[0], -1) {
			if !hasFlag(cmd, m[1]) {
				wrong = append(wrong, cmd.CommandPath()+" has no --"+m[1])
			}
		}
	}
	return wrong
}

// helps says whether there is a topic or a noun of that name.
func helps(root *cobra.Command, name string) bool {
	return slices.ContainsFunc(help.Topics(), func(t help.Topic) bool { return t.Name == name }) ||
		slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
}

func hasFlag(cmd *cobra.Command, name string) bool {
	return cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil || name == "help"
}

// anyFlag says whether a command of the tree has a flag.
func anyFlag(cmd *cobra.Command, name string) bool {
	return hasFlag(cmd, name) || slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return anyFlag(c, name) })
}

// literals are the texts of the program's Go and SQL, and what the handbook shows as code, by file.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	sql := regexp.MustCompile(`'(?:[^']|'')*'`)
	comment := regexp.MustCompile(`(?m)(^|\s)-- .*$`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`]+`")
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "localpg"}, entry.Name()): // which calls the server's programs
			return fs.SkipDir
		case filepath.Ext(path) == ".sql":
			text, err := os.ReadFile(path)
			found[path] = sql.FindAllString(comment.ReplaceAllString(string(text), ""), -1)
			return err
		case filepath.Ext(path) == ".md":
			text, err := os.ReadFile(path)
			found[path] = code.FindAllString(string(text), -1)
			return err
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if lit, ok := node.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Error(err)
				}
				where := path + ":" + strconv.Itoa(files.Position(lit.Pos()).Line)
				found[where] = append(found[where], text)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
