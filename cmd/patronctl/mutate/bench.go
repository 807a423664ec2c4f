package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What comes of a mutant. Broken is what does not run at all.
const (
	killed   = "killed"
	survived = "SURVIVED"
	broken   = "broken"
)

const (
	workDir = "bin/mutate"
	// variable is pgtest.Mutant, filled is pgtest.Filled, and limit is for the tests of one mutant, which take seconds.
	variable = "PGTEST_MUTANT"
	filled   = "PGTEST_FILLED"
	limit    = 3 * time.Minute
)

// bench is where mutants are tried: the compiled tests of each package, and what is known already.
type bench struct {
	packages map[string]string // by test
	known    map[string]string // outcomes by id
	results  string            // the file of them
}

// newBench compiles the tests of some mutants and sees that they pass as long as nothing is changed.
func newBench(ctx context.Context, some []mutant) (*bench, error) {
	b := &bench{known: map[string]string{}}
	var err error
	if b.packages, err = packages(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(workDir, 0o755); err != nil {
		return nil, err
	}
	wanted := map[string][]string{} // tests by package
	for _, m := range some {
		for dir, tests := range b.byPackage(m.tests) {
			wanted[dir] = append(wanted[dir], tests...)
		}
	}
	if err := fillOnce(); err != nil {
		return nil, err
	}
	sum := sha256.New()
	sum.Write([]byte(mutantsFile)) // which says what is run
	for _, dir := range sorted(wanted) {
		if dir == "" {
			return nil, fmt.Errorf("mutants.txt: no such test: %s", strings.Join(wanted[dir], " "))
		}
		if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-trimpath", "-o", binary(dir), "./"+dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", dir, err, out)
		}
		compiled, err := os.ReadFile(binary(dir))
		if err != nil {
			return nil, err
		}
		sum.Write(compiled)
	}
	b.results = filepath.Join(workDir, "results-"+hex.EncodeToString(sum.Sum(nil))[:16]+".txt")
	b.remember()
	for _, dir := range sorted(wanted) {
		slices.Sort(wanted[dir])
		if len(b.known) > 0 { // they passed then
			continue
		}
		if out, err := b.test(ctx, dir, slices.Compact(wanted[dir]), "", 20*limit); err != nil {
			return nil, fmt.Errorf("the tests of %s fail though nothing is changed: %w\n%s", dir, err, out)
		}
	}
	return b, nil
}

// fillOnce lets the first test process make the sample for all: most of the time of a mutant would go into it.
func fillOnce() error {
	path, err := filepath.Abs(filepath.Join(workDir, "filled"))
	if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return os.Setenv(filled, path)
}

// remember reads what an interrupted run found out.
func (b *bench) remember() {
	file, err := os.Open(b.results)
	if err != nil {
		return
	}
	defer file.Close() //nolint:errcheck // it was read only
	for lines := bufio.NewScanner(file); lines.Scan(); {
		outcome, id, _ := strings.Cut(lines.Text(), "\t")
		b.known[id] = outcome
	}
}

// try finds out whether a test notices a mutant.
func (b *bench) try(ctx context.Context, m mutant) (string, error) {
	if outcome := b.known[m.id]; outcome != "" {
		return outcome, nil
	}
	outcome := survived
	for dir, tests := range b.byPackage(m.tests) {
		var (
			out []byte
			err error
		)
		if m.file == "" {
			out, err = b.test(ctx, dir, tests, m.sql, limit)
		} else {
			out, err = b.overlaid(ctx, dir, tests, m)
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			outcome = killed
		}
		if bytes.Contains(out, []byte(variable+": ")) || bytes.Contains(out, []byte("[build failed]")) {
			outcome = broken
		}
		if outcome != survived {
			break
		}
	}
	file, err := os.OpenFile(b.results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(file, "%s\t%s\n", outcome, m.id)
	return outcome, errors.Join(err, file.Close())
}

// test runs compiled tests where a function is changed.
func (b *bench) test(ctx context.Context, dir string, tests []string, sql string, within time.Duration) ([]byte, error) {
	path, err := filepath.Abs(binary(dir))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, "-test.run", only(tests), "-test.failfast", "-test.timeout", within.String())
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), variable+"="+sql)
	return cmd.CombinedOutput()
}

// overlaid compiles and runs tests where a file is replaced.
func (b *bench) overlaid(ctx context.Context, dir string, tests []string, m mutant) ([]byte, error) {
	copied, err := filepath.Abs(filepath.Join(workDir, "copy"+filepath.Ext(m.file)))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(copied, []byte(m.text), 0o600); err != nil {
		return nil, err
	}
	replaced, err := filepath.Abs(m.file)
	if err != nil {
		return nil, err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {replaced: copied}})
	if err != nil {
		return nil, err
	}
	list := filepath.Join(workDir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-overlay", list, "-run", only(tests), "-failfast", "-timeout",
		limit.String(), "./"+dir)
	cmd.Env = append(os.Environ(), filled+"=") // the sample is made by what is replaced
	return cmd.CombinedOutput()
}

func only(tests []string) string { return "^(" + strings.Join(tests, "|") + ")$" }

// binary is where the tests of a package are compiled to.
func binary(dir string) string {
	return filepath.Join(workDir, strings.ReplaceAll(dir, "/", "-")+".test")
}

func (b *bench) byPackage(tests []string) map[string][]string {
	by := map[string][]string{}
	for _, test := range tests {
		by[b.packages[test]] = append(by[b.packages[test]], test)
	}
	return by
}

var declared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// packages are the folders of all tests, by name: no two tests that mutants.txt names may have the same.
func packages() (map[string]string, error) {
	found := map[string]string{}
	return found, filepath.WalkDir(".", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, test := range declared.FindAllSubmatch(text, -1) {
			found[string(test[1])] = filepath.Dir(name)
		}
		return err
	})
}

func sorted(by map[string][]string) []string {
	var keys []string
	for key := range by {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
