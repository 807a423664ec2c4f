//go:build linux || darwin || freebsd

package localpg

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// openDir returns a directory that the server's account can reach, with a path short enough for a socket.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(tempDir(), "localpg") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func newCluster(t *testing.T) *Cluster {
	t.Helper()
	c := &Cluster{Dir: filepath.Join(openDir(t), "pg"), Settings: map[string]string{"fsync": "off"}}
	t.Cleanup(func() {
		if err := c.Remove(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return c
}

func mustStart(t *testing.T, c *Cluster) (pid int) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !c.Status().Running {
		t.Fatal("started, but does not run")
	}
	if err := c.SQL(t.Context(), "postgres", "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	pid, _ = c.pidFile()
	return pid
}

func TestStartStop(t *testing.T) {
	c := newCluster(t)
	first := mustStart(t, c)
	if again := mustStart(t, c); again != first {
		t.Error("starting a running server started another one")
	}
	if err := c.CreateDatabase(t.Context(), `odd "name`, "", Superuser); err != nil {
		t.Error(err)
	}
	if err := c.SQL(t.Context(), `odd "name`,
		"DO $$ BEGIN ASSERT current_setting('listen_addresses') = ''; ASSERT current_setting('server_encoding') = 'UTF8'; "+
			"ASSERT lower('Í') = 'í'; END $$"); err != nil {
		t.Error(err)
	}
	for _, private := range []string{c.data(), c.run()} {
		info, err := os.Stat(private)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", private, info.Mode())
		}
		if info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("%s belongs to root", private)
		}
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.Status().Running {
		t.Error("stopped, but runs")
	}
	mustStart(t, c)
	if err := c.SQL(t.Context(), `odd "name`, "SELECT 1"); err != nil {
		t.Error("the database did not survive a restart:", err)
	}
	if err := c.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Dir); err == nil {
		t.Error("removed, but the directory is still there")
	}
}

func TestStartAtOnce(t *testing.T) {
	c := newCluster(t)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if err := (&Cluster{Dir: c.Dir, Settings: c.Settings}).Start(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	mustStart(t, c)
}

func TestStartAfterKill(t *testing.T) {
	c := newCluster(t)
	first := mustStart(t, c)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for c.answers() {
		pause(t.Context(), time.Millisecond)
	}
	if mustStart(t, c) == first {
		t.Error("a killed server has the same process id")
	}
}

func TestStartWithReusedProcessID(t *testing.T) {
	c := newCluster(t)
	mustStart(t, c)
	pidFile := filepath.Join(c.data(), "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A process of the server's own account, alive and not PostgreSQL, has the process id in the file.
	as, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	sleep := as.command(t.Context(), "sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(text), "\n", 2)
	stale := strconv.Itoa(sleep.Process.Pid) + "\n" + lines[1]
	if err := os.WriteFile(pidFile, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(pidFile, as.uid, as.gid); err != nil {
		t.Fatal(err)
	}
	mustStart(t, c)
	if err := syscall.Kill(sleep.Process.Pid, 0); err != nil {
		t.Error("an innocent process was ended")
	}
	_ = sleep.Process.Kill()
	_ = sleep.Wait()
}

func TestRestartOnOtherBinaries(t *testing.T) {
	real, err := Locate()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(openDir(t), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	programs, _ := os.ReadDir(real)
	for _, program := range programs {
		if err := os.Symlink(filepath.Join(real, program.Name()), filepath.Join(bin, program.Name())); err != nil {
			t.Fatal(err)
		}
	}
	c := newCluster(t)
	first := mustStart(t, c)
	t.Setenv("PATRONCTL_PGBIN", bin)
	second := mustStart(t, c)
	if second == first {
		t.Error("kept running on binaries that are not the chosen ones")
	}
	if mustStart(t, c) != second {
		t.Error("restarted without a reason")
	}
}

func TestRefusals(t *testing.T) {
	t.Run("somebody's directory", func(t *testing.T) {
		dir := openDir(t)
		if err := os.WriteFile(filepath.Join(dir, "thesis.odt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		mustFail(t, (&Cluster{Dir: dir}).Start(t.Context()), "holds other files")
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Error("the directory was changed:", info, err)
		}
	})
	t.Run("long path", func(t *testing.T) {
		mustFail(t, (&Cluster{Dir: "/tmp/" + strings.Repeat("x", 90)}).Start(t.Context()), "too long")
	})
	t.Run("wrapper scripts", func(t *testing.T) {
		t.Setenv("PATRONCTL_PGBIN", openDir(t))
		_, err := Locate()
		mustFail(t, err, "no initdb")
	})
	t.Run("nothing installed", func(t *testing.T) {
		saved := places
		t.Cleanup(func() { places = saved })
		places = nil
		t.Setenv("PATH", openDir(t))
		t.Setenv("PATRONCTL_PGBIN", "")
		_, err := Locate()
		mustFail(t, err, "install the package postgresql")
	})
	t.Run("another version's files", func(t *testing.T) {
		c := newCluster(t)
		mustStart(t, c)
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.data(), "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		mustFail(t, c.Start(t.Context()), "made by PostgreSQL 9")
	})
}

func mustFail(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error that says %q", err, want)
	}
}
