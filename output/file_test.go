package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

type writeFile func(path string, force bool, write func(io.Writer) error) error

// inBothWays tests the way of this system, and that of systems where every file has a name.
func inBothWays(t *testing.T, name string, test func(*testing.T, writeFile)) {
	t.Run(name, func(t *testing.T) { test(t, WriteFileAtomic) })
	t.Run(name+", with a name beside it", func(t *testing.T) {
		test(t, func(path string, force bool, write func(io.Writer) error) error {
			return writeAtomic(path, force, write, func(string) (*os.File, error) { return nil, errors.ErrUnsupported })
		})
	})
}

// files maps the names in dir to their contents.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(data)
	}
	return found
}

func TestWriteFileAtomic(t *testing.T) {
	failed := errors.New("server gone")
	for _, test := range []struct {
		name   string
		before string
		force  bool
		write  func(io.Writer) error
		want   string
		err    error
	}{
		{"new", "", false, writes("new"), "new", nil},
		{"existing", "old", false, writes("new"), "old", ErrExists},
		{"forced", "old", true, writes("new"), "new", nil},
		{"failing", "", false, func(w io.Writer) error { _ = writes("half")(w); return failed }, "", failed},
		{"failing, forced", "old", true, func(io.Writer) error { return failed }, "old", failed},
	} {
		inBothWays(t, test.name, func(t *testing.T, writeFile writeFile) {
			dir := t.TempDir()
			path := filepath.Join(dir, "out.json")
			if test.before != "" {
				if err := os.WriteFile(path, []byte(test.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := writeFile(path, test.force, test.write); !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			found := files(t, dir)
			if found["out.json"] != test.want || len(found) > 1 || test.want == "" && len(found) > 0 {
				t.Errorf("directory holds %q, want only %q", found, test.want)
			}
			if info, err := os.Stat(path); err == nil && test.want == "new" && runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("mode %v, want 0600", info.Mode())
			}
		})
	}
}

func TestWriteFileAtomicWhenAFileAppearsMeanwhile(t *testing.T) {
	for force, want := range map[bool]string{false: "theirs", true: "new"} {
		inBothWays(t, want, func(t *testing.T, writeFile writeFile) {
			path := filepath.Join(t.TempDir(), "out")
			err := writeFile(path, force, func(w io.Writer) error {
				return errors.Join(writes("new")(w), os.WriteFile(path, []byte("theirs"), 0o600))
			})
			if errors.Is(err, ErrExists) == force || err != nil && force {
				t.Errorf("error %v", err)
			}
			if found := files(t, filepath.Dir(path)); len(found) != 1 || found["out"] != want {
				t.Errorf("directory holds %q", found)
			}
		})
	}
}

func TestWriteFileAtomicNeverReplacesWhatIsNoFile(t *testing.T) {
	inBothWays(t, "any", func(t *testing.T, writeFile writeFile) {
		dir := t.TempDir()
		link := filepath.Join(dir, "link")
		if err := os.Symlink("elsewhere", link); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{dir, link} {
			if err := writeFile(path, true, writes("new")); err == nil {
				t.Errorf("%s was replaced", path)
			}
		}
		if err := writeFile(filepath.Join(dir, "none", "out"), false, writes("new")); !errors.Is(err, ErrNoPlace) {
			t.Errorf("error %v, want %v", err, ErrNoPlace)
		}
	})
}

func TestWriteFileAtomicLeavesNothingAfterAPanic(t *testing.T) {
	inBothWays(t, "any", func(t *testing.T, writeFile writeFile) {
		dir := t.TempDir()
		func() {
			defer func() { _ = recover() }()
			_ = writeFile(filepath.Join(dir, "out"), false, func(io.Writer) error { panic("bug") })
		}()
		if found := files(t, dir); len(found) > 0 {
			t.Errorf("directory holds %q", found)
		}
	})
}
