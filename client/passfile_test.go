package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
)

// A passfile that others can read is refused however it was named, but only when its password would be used.
func TestPassfileOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pass word")
	if err := os.WriteFile(path, []byte("*:*:*:*:sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", filepath.Dir(path))
	if err := os.Link(path, filepath.Join(filepath.Dir(path), ".pgpass")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dsn, env string
		used     bool
	}{
		{"host=/nonexistent user=anna", "", true},
		{"host=/nonexistent user=anna", path, true},
		{"host=/nonexistent user=anna passfile = '" + path + "'", "/nonexistent", true},
		{"postgres://anna@localhost:1/x?sslmode=disable&passfile=" + strings.ReplaceAll(path, " ", "%20"), "", true},
		{"host=/nonexistent user=anna password=other", path, false},
		{"postgres://anna:other@localhost:1/x?sslmode=disable", path, false},
		{"host=/nonexistent user=anna", "/nonexistent", false},
	} {
		t.Setenv("PGPASSFILE", test.env)
		for _, mode := range []os.FileMode{0o600, 0o640, 0o604} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			_, err := client.Open(t.Context(), client.Config{DSN: test.dsn})
			refusal, ok := errors.AsType[*client.Error](err)
			if !ok || refusal.Kind != client.KindConnect || strings.Contains(err.Error(), "sesame") {
				t.Fatalf("%s: %v", test.dsn, err)
			}
			if refused := strings.Contains(err.Error(), "passfile"); refused != (test.used && mode != 0o600) {
				t.Errorf("%s with PGPASSFILE=%s, mode %o: %v", test.dsn, test.env, mode, err)
			}
		}
	}
}
