package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

const top = "../.."

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if *update {
		if err := write(top); err != nil {
			t.Fatal(err)
		}
	}
	files, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(top, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run make generate", name)
		}
	}
	for _, name := range completionFiles(t) {
		if _, ok := files[name]; !ok {
			t.Errorf("%s belongs to no command any more: run make generate", name)
		}
	}
}

func TestGenerationIsRepeatable(t *testing.T) {
	first, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1")
	t.Setenv("PATRONCTL_DSN", "host=elsewhere")
	second, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs from one run to the next", name)
		}
	}
}

func TestAMarkerThatIsUnknownUnclosedOrThereTwiceIsAnError(t *testing.T) {
	codes := "<!-- exit codes: written by make generate -->\n<!-- end of exit codes -->\n"
	for _, text := range []string{
		strings.ReplaceAll(codes, "exit codes", "nothing"), codes + codes, strings.Replace(codes, "end of exit", "end of other", 1),
	} {
		if _, err := withParts(top, text, map[string]bool{}); err == nil {
			t.Errorf("want an error for %q", text)
		}
	}
}

func completionFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(top, "completions"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(top, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
