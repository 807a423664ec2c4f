package client

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// What is a day is written as it was, in text and in JSON, and no other spelling is one.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{
		"", "today", "Today", "2026-01-31", "2026-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2026-1-1",
		"+2026-01-31", "2026-01-31 ", "２０２６-01-31",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, err := ParseDate(s)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 100 {
				t.Errorf("%q: %q", s, err)
			}
			return
		}
		if day.String() != s || len(s) > 10 {
			t.Errorf("%q is read as %s", s, day)
		}
		var again Date
		text, err := json.Marshal(day)
		if err == nil && !day.Today {
			err = json.Unmarshal(text, &again)
			if again != day {
				t.Errorf("%q: %s in JSON", s, text)
			}
		}
		if err != nil || day.Param().Valid != true {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// oneLine fails the test unless an error is one of ours, in one line of characters that show.
func oneLine(t *testing.T, err error) {
	t.Helper()
	own, ok := errors.AsType[*Error](err)
	if !ok || own.Message == "" || strings.ContainsFunc(own.Message+own.Hint, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		t.Errorf("%q", err)
	}
}

// Whatever the connection string, a password that pgx takes from a passfile that others can read is refused.
func FuzzPassfile(f *testing.F) {
	dir := f.TempDir()
	for _, name := range []string{".pgpass", "x", "a b", "it's"} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte("*:*:*:*:sesame\n"), 0o600); err != nil {
			f.Fatal(err)
		}
		if err := os.Chmod(name, 0o644); err != nil {
			f.Fatal(err)
		}
	}
	for _, seed := range []string{
		"", "passfile=x", "passfile = 'a b'", "postgres://u@h/d?passfile=%78", "postgres://u@h/d#f",
		"postgres://u@h/d?passfile=no&passfile=x", "postgres://u@h/d?passfile=x&passfile=no", "postgres://u@h/d?passfile=x#f",
		"postgres://u@h/d?passfile=a+b", "postgres://u@h?a=;passfile=x", "password= ", "postgresql://h/?a=b&passfile=a%20b",
		"host=h passfile='it\\'s'", "host='passfile=x'", "passfile=no passfile=x", "passfile=x passfile=no", "passfile=a\\ b", "://passfile=%zz",
		"passfile=\"x\"", "passfile=''", "host=/h\tpassfile=x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "service") || strings.Contains(dsn, "ssl") {
			return // would read other files of this machine
		}
		t.Setenv("HOME", dir)
		t.Chdir(dir)
		settings, err := pgx.ParseConfig(dsn)
		if err == nil && settings.Password == "sesame" && !strings.Contains(dsn, "sesame") && checkPassfile(dsn, settings) == nil {
			t.Errorf("%q takes its password from a file that others can read", dsn)
		}
		if _, err := parse(dsn); err != nil {
			oneLine(t, err)
		}
	})
}
