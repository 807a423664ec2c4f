package output

import (
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWriteFileAtomicLeavesNothingWhenKilled kills a process, this test run again, in the middle of a file: what was written
// is nowhere any more.
func TestWriteFileAtomicLeavesNothingWhenKilled(t *testing.T) {
	const target = "PATRONCTL_TEST_TARGET"
	if path := os.Getenv(target); path != "" {
		_ = WriteFileAtomic(path, os.Getenv("PATRONCTL_TEST_FORCE") != "", func(w io.Writer) error {
			_, _ = w.Write(bytes.Repeat([]byte("half a person\n"), 10_000))
			_, _ = os.Stdout.WriteString("written\n") // the test that started this one waits for it
			return unix.Pause()                       // until it is killed
		})
	}
	for before, force := range map[string]string{"": "", "old": "yes"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "out.json")
		if before != "" {
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want := files(t, dir)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), target+"="+path, "PATRONCTL_TEST_FORCE="+force)
		said, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(said, make([]byte, len("written\n"))); err != nil {
			t.Error(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait()
		if found := files(t, dir); cmd.ProcessState.Exited() || !maps.Equal(found, want) {
			t.Errorf("%v, the directory holds %q", cmd.ProcessState, found)
		}
	}
}
