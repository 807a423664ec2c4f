// Package localpg runs a private PostgreSQL cluster for the demo and the tests: own files, own socket, no network.
// It imports the standard library and client.
package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Superuser is the bootstrap superuser of every cluster made here.
const Superuser = "postgres"

// maxSocketPath is what fits into sockaddr_un on every system, without the final zero byte (Linux has room for 107).
const maxSocketPath = 103

// Cluster is a private PostgreSQL server and its files. The zero value is unusable: set Dir.
type Cluster struct {
	// Dir holds everything: data/ (the database files), run/ (the socket), server.log (what the server says while it starts), and
	// what Start remembers.
	Dir string
	// Settings are server settings that differ from the defaults.
	Settings map[string]string
}

// Status tells how a cluster is doing.
type Status struct {
	Running bool
	Version string // of the server, for example "15.14"; empty when the cluster was never started
	Log     string // the directory of the server's logs
}

// installed identifies the server binaries that a cluster runs on.
type installed struct {
	Bin     string    `json:"bin"`
	Version string    `json:"version"`
	Size    int64     `json:"size"`
	Changed time.Time `json:"changed"`
}

func (c *Cluster) data() string     { return filepath.Join(c.Dir, "data") }
func (c *Cluster) run() string      { return filepath.Join(c.Dir, "run") }
func (c *Cluster) socket() string   { return filepath.Join(c.run(), ".s.PGSQL.5432") }
func (c *Cluster) log() string      { return filepath.Join(c.Dir, "server.log") }
func (c *Cluster) logs() string     { return filepath.Join(c.data(), "log") }
func (c *Cluster) memory() string   { return filepath.Join(c.Dir, "server.json") }
func (c *Cluster) sample() string   { return filepath.Join(c.Dir, "sample") }
func (c *Cluster) lockFile() string { return filepath.Join(c.Dir, "lock") }

// DSN is the connection string of a login on one database.
func (c *Cluster) DSN(login, database string) string {
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	return fmt.Sprintf("host=%s port=5432 user=%s dbname=%s sslmode=disable", quote(c.run()), quote(login), quote(database))
}

// Start makes the cluster when it does not exist and starts the server when it does not run, or runs on binaries that were
// replaced since. Calls in several processes wait for each other. A running server costs well under a millisecond.
func (c *Cluster) Start(ctx context.Context) error {
	if now, err := look(c.remembered().Bin); err == nil && now.same(c.remembered()) && c.wanted(now.Bin) && c.ready() {
		return nil
	}
	server, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	unlock, err := waitLock(ctx, c.lockFile())
	if err != nil {
		return err
	}
	defer unlock()

	now, err := c.find()
	if err != nil {
		return err
	}
	if c.answers() {
		if c.ready() && now.same(c.remembered()) {
			return nil
		}
		if err := c.halt(ctx, server, "fast"); err != nil {
			return err
		}
	}
	if err := c.create(ctx, server, now); err != nil {
		return err
	}
	if err := c.launch(ctx, server, now.Bin); err != nil {
		return err
	}
	return c.remember(now)
}

// Stop ends the server; a server that does not run is not an error.
func (c *Cluster) Stop(ctx context.Context) error {
	return c.exclusively(ctx, func(server *account) error {
		if !c.answers() {
			return nil
		}
		return c.halt(ctx, server, "fast")
	})
}

// Remove ends the server at once and deletes the cluster's files, and Dir itself when nothing else is in it.
func (c *Cluster) Remove(ctx context.Context) error {
	return c.exclusively(ctx, func(server *account) error {
		if c.answers() {
			if err := c.halt(ctx, server, "immediate"); err != nil {
				return err
			}
		}
		for _, path := range []string{c.data(), c.data() + ".new", c.run(), c.log(), c.log() + ".old", c.memory(), c.sample(), c.lockFile()} {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
		_ = os.Remove(c.Dir) // fails when it holds files of somebody else
		return nil
	})
}

// exclusively does something to a cluster that exists while no other process starts or stops it.
func (c *Cluster) exclusively(ctx context.Context, do func(server *account) error) error {
	if _, err := os.Stat(c.lockFile()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	server, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	unlock, err := waitLock(ctx, c.lockFile())
	if err != nil {
		return err
	}
	defer unlock()
	return do(server)
}

// Status tells whether the server runs, without starting it.
func (c *Cluster) Status() Status {
	return Status{Running: c.ready(), Version: c.remembered().Version, Log: c.logs()}
}

// answers tells whether somebody listens on the socket, also while starting up or shutting down.
func (c *Cluster) answers() bool {
	conn, err := net.Dial("unix", c.socket())
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// ready tells whether the server accepts connections: the eighth line of its pid file says so.
func (c *Cluster) ready() bool {
	_, state := c.pidFile()
	return state == "ready" && c.answers()
}

// pidFile reads the process id and the state from the server's pid file; zero values when there is none.
func (c *Cluster) pidFile() (pid int, state string) {
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, _ = strconv.Atoi(lines[0])
	if len(lines) > 7 {
		state = strings.TrimSpace(lines[7])
	}
	return pid, state
}

// prepare makes Dir and the socket's directory, and returns the account that the server runs under.
func (c *Cluster) prepare(ctx context.Context) (*account, error) {
	if !supported {
		return nil, fmt.Errorf("a private PostgreSQL server does not run on %s: use --dsn with a database of your own", runtime.GOOS)
	}
	if len(c.socket()) > maxSocketPath {
		return nil, fmt.Errorf("%s is too long a path for a socket: choose one of at most %d bytes (PATRONCTL_DEMO_DIR)",
			c.Dir, maxSocketPath-len("/run/.s.PGSQL.5432"))
	}
	if err := c.refuseForeign(); err != nil {
		return nil, err
	}
	server, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if err := server.own(ctx, c.Dir); err != nil {
		return nil, err
	}
	return server, server.give(c.run())
}

// refuseForeign keeps Start from taking over a directory that holds somebody's files.
func (c *Cluster) refuseForeign() error {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == "lock" || entry.Name() == "run" || entry.Name() == demoLock {
			return nil
		}
	}
	return fmt.Errorf("%s holds other files: choose an empty directory (PATRONCTL_DEMO_DIR)", c.Dir)
}

// find returns the binaries to run on: those the cluster was made with while they exist, since a newer version could not
// read its files.
func (c *Cluster) find() (installed, error) {
	bin := c.remembered().Bin
	if missingProgram(bin) != "" || !c.wanted(bin) {
		var err error
		if bin, err = Locate(); err != nil {
			return installed{}, err
		}
	}
	now, err := look(bin)
	if err != nil {
		return now, err
	}
	if now.Version, err = version(bin); err != nil {
		return now, err
	}
	made, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err == nil && majorOf(string(made)) != majorOf(now.Version) {
		return now, fmt.Errorf("the files in %s were made by PostgreSQL %d, but %s is installed: install the package postgresql-%d, or "+
			"start afresh with patronctl demo reset",
			c.Dir, majorOf(string(made)), now.Version, majorOf(string(made)))
	}
	return now, nil
}

// wanted tells whether PATRONCTL_PGBIN, when set, asks for these binaries.
func (c *Cluster) wanted(bin string) bool {
	choice := os.Getenv("PATRONCTL_PGBIN")
	return choice == "" || choice == bin
}

func look(bin string) (installed, error) {
	info, err := os.Stat(filepath.Join(bin, "postgres"))
	if err != nil {
		return installed{}, err
	}
	return installed{Bin: bin, Size: info.Size(), Changed: info.ModTime().UTC()}, nil
}

// same compares what tells one installation from another; the version follows from it.
func (i installed) same(other installed) bool {
	return i.Bin == other.Bin && i.Size == other.Size && i.Changed.Equal(other.Changed)
}

func (c *Cluster) remembered() (last installed) {
	if text, err := os.ReadFile(c.memory()); err == nil {
		_ = json.Unmarshal(text, &last) // unreadable is the same as never started
	}
	return last
}

func (c *Cluster) remember(now installed) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return os.WriteFile(c.memory(), text, 0o600)
}
