package install

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"patronctl/client/schema"
)

// Overlay lays files over the SQL of this program, by their names below schema, until the test ends. No other test may run beside it.
func Overlay(t *testing.T, files map[string]string) {
	t.Helper()
	was, all := schema.Files, fstest.MapFS{}
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
	schema.Files = all
	t.Cleanup(func() { schema.Files = was })
}

// SQL is an SQL file of this program.
func SQL(name string) string { return schema.File(name) }
