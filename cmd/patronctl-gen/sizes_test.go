package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// What stands in one place stays small enough to be read at once.
func TestNothingIsTooLong(t *testing.T) {
	const linesOfAFile, lettersOfALine, filesOfAFolder = 400, 140, 30
	files := map[string]int{}
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != top && (strings.HasPrefix(name, ".") || name == "bin") {
			return filepath.SkipDir
		}
		kind := filepath.Ext(path)
		if kind != ".go" && kind != ".sql" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.HasPrefix(string(text), "// Code generated") {
			return err
		}
		if n := strings.Count(string(text), "\n"); n > linesOfAFile {
			t.Errorf("%s has %d lines, and may have %d: divide it by subject", path, n, linesOfAFile)
		}
		for n, line := range strings.Split(string(text), "\n") {
			if letters := utf8.RuneCountInString(line); kind == ".sql" && letters > lettersOfALine { // of Go the linter says so
				t.Errorf("%s:%d has %d letters, and may have %d", path, n+1, letters, lettersOfALine)
			}
		}
		if !strings.HasSuffix(path, "_test.go") {
			files[filepath.Dir(path)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d folders were looked at", len(files))
	}
	for folder, n := range files {
		if n > filesOfAFolder {
			t.Errorf("%s holds %d files, and may hold %d: divide it by subject", folder, n, filesOfAFolder)
		}
	}
}
