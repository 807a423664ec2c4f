package client

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// ImportColumns are the columns of each import file, in order, for tests outside this package.
func ImportColumns() (files []string, columns map[string][]string) {
	columns = map[string][]string{}
	for _, r := range relations() {
		files = append(files, r.name)
		for _, c := range r.columns {
			columns[r.name] = append(columns[r.name], c.name)
		}
	}
	return files, columns
}

// SliceLeaves lets the sealer look at old records in slices of 2^level leaves, a multiple of 4, until the test ends.
func SliceLeaves(t *testing.T, level int) {
	was := sliceLevel
	sliceLevel = level
	t.Cleanup(func() { sliceLevel = was })
}

// Overlay lays files over the SQL of this program, by their names below schema, until the test ends. No other test may run beside it.
func Overlay(t *testing.T, files map[string]string) {
	t.Helper()
	was, all := schema, fstest.MapFS{}
	err := fs.WalkDir(was, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(was, name)
		all[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	schema = all
	t.Cleanup(func() { schema = was })
}

// SchemaFile is an SQL file of this program.
func SchemaFile(name string) string { return schemaFile(name) }
