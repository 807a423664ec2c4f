package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed mutants.txt
var mutantsFile string

//go:embed survivors.txt
var survivorsFile string

// mutant is one change of a rule, and the tests that should notice.
type mutant struct {
	id    string // what is changed, by its content: where it stands may change
	sql   string // the changed function, which the tests put into their template; empty where a file is replaced
	file  string
	text  string // of the file
	tests []string
}

// mutants are those of mutants.txt: every change that the operators make in the functions of a block, and the changes that
// the block writes down.
func mutants(sources sources) ([]mutant, error) {
	var all []mutant
	for _, block := range strings.Split(mutantsFile, "\n\n") {
		found, err := ofBlock(sources, block)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func ofBlock(sources sources, block string) (all []mutant, err error) {
	var (
		functions, tests []string
		old              string
	)
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		before, isOld := strings.CutPrefix(line, "old: ")
		after, isNew := strings.CutPrefix(line, "new: ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case isOld:
			old = before
		case isNew:
			m, err := sources.replaced(old, after)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		case strings.HasPrefix(line, "Test"):
			tests = append(tests, strings.Fields(line)...)
		default:
			functions = append(functions, strings.Fields(line)...)
		}
	}
	for _, name := range functions {
		found := sources.functions(name)
		if len(found) == 0 {
			return nil, fmt.Errorf("mutants.txt: there is no function %s", name)
		}
		seen := map[string]int{}
		for _, f := range found {
			all = append(all, f.mutants(seen)...)
		}
	}
	if len(all) > 0 && len(tests) == 0 {
		return nil, fmt.Errorf("mutants.txt: no tests for %s%s", strings.Join(functions, " "), old)
	}
	for i := range all {
		all[i].tests = tests
	}
	return all, nil
}

// sources are the files that hold rules, by name.
type sources map[string]string

func readSources() (sources, error) {
	found := sources{}
	for _, root := range []string{"client", "commands", "output"} {
		err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
			ext := filepath.Ext(name)
			if err != nil || d.IsDir() || ext != ".sql" && ext != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			found[name] = string(text)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s sources) names() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// replaced is the mutant that has new where old stands, which must be one place in all the sources.
func (s sources) replaced(old, new string) (m mutant, err error) {
	times := 0
	for _, name := range s.names() {
		if n := strings.Count(s[name], old); n > 0 {
			times += n
			m = mutant{id: old + " => " + new, file: name, text: strings.Replace(s[name], old, new, 1)}
		}
	}
	if times != 1 {
		return m, fmt.Errorf("mutants.txt: found %d times instead of once: %s", times, old)
	}
	return m, nil
}

// function is one function of the database as a file writes it.
type function struct{ name, text string }

var begins = regexp.MustCompile(`(?m)^CREATE (?:OR REPLACE )?FUNCTION ([a-z_.]+)\(`)

// functions are those of a name, which takes one or several lists of arguments. Of two with the same list the later holds.
func (s sources) functions(name string) []function {
	var found []function
	for _, file := range s.names() {
		if filepath.Ext(file) != ".sql" {
			continue
		}
		for _, at := range begins.FindAllStringSubmatchIndex(s[file], -1) {
			if s[file][at[2]:at[3]] != name {
				continue
			}
			f := function{name, statement(s[file][at[0]:])}
			found = slices.DeleteFunc(found, func(o function) bool { return o.arguments() == f.arguments() })
			found = append(found, f)
		}
	}
	return found
}

func (f function) arguments() string {
	_, text, _ := strings.Cut(f.text, "FUNCTION")
	text, _, _ = strings.Cut(text, "\nLANGUAGE")
	return strings.Join(strings.Fields(text), " ")
}

// statement is what a text begins with, up to the end of the function.
func statement(text string) string {
	end := ";"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "AS $$":
			end = "$$;"
		case line == "BEGIN ATOMIC":
			end = "END;"
		case strings.HasSuffix(line, ";"):
		default:
			continue
		}
		break
	}
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(line)
		if said := strings.TrimSpace(line); said == end || end == ";" && strings.HasSuffix(said, end) {
			break
		}
	}
	return all.String()
}

// survivors are the mutants of survivors.txt, each with the reason why no test notices.
func survivors() map[string]string {
	named := map[string]string{}
	var id string
	for line := range strings.Lines(survivorsFile) {
		switch said := strings.TrimSpace(line); {
		case said == "" || strings.HasPrefix(said, "#"):
		case strings.HasPrefix(line, " "):
			named[id] += said
		default:
			id = said
		}
	}
	return named
}
