package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// create makes the database files with initdb, beside their place first, so that a killed initdb leaves nothing behind.
func (c *Cluster) create(ctx context.Context, as *account, now installed) error {
	if _, err := os.Stat(c.data()); err == nil {
		return nil
	}
	fresh := c.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := as.give(fresh); err != nil {
		return err
	}
	locale := "C.UTF-8"
	if runtime.GOOS == "darwin" { // older releases lack C.UTF-8
		locale = "en_US.UTF-8"
	}
	initdb := as.command(ctx, filepath.Join(now.Bin, "initdb"), "--pgdata="+fresh, "--username="+Superuser,
		"--encoding=UTF8", "--locale="+locale, "--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions", "--no-sync")
	initdb.Dir = fresh
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("make a database cluster in %s: %w: %s", c.Dir, err, lastLine(out))
	}
	return os.Rename(fresh, c.data())
}

// launch starts the server and waits until it accepts connections.
func (c *Cluster) launch(ctx context.Context, as *account, bin string) error {
	c.clearStale(ctx)
	for attempt := 1; ; attempt++ {
		err := c.launchOnce(ctx, as, bin)
		// After a killed server its last processes may need a moment to let go of the shared memory.
		if err == nil || attempt == 5 || !strings.Contains(err.Error(), "shared memory block") {
			return err
		}
		pause(ctx, time.Second)
	}
}

func (c *Cluster) launchOnce(ctx context.Context, as *account, bin string) error {
	_ = os.Rename(c.log(), c.log()+".old") // there is none at the first start
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // only the server writes to it

	// Not tied to ctx: the server outlives this program.
	server := as.command(context.WithoutCancel(ctx), filepath.Join(bin, "postgres"), c.arguments()...)
	server.Dir = c.data()
	server.Stdout, server.Stderr = log, log
	detach(server)
	if err := server.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // the log says why
		close(ended)
	}()

	deadline := time.After(time.Minute)
	for {
		if pid, _ := c.pidFile(); pid == server.Process.Pid && c.ready() {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("PostgreSQL did not start, see %s and %s: %s", c.log(), c.logs(), lastLine([]byte(c.Log())))
		case <-ctx.Done():
			_ = server.Process.Signal(os.Interrupt)
			return ctx.Err()
		case <-deadline:
			_ = server.Process.Signal(os.Interrupt)
			return fmt.Errorf("PostgreSQL did not become ready within a minute, see %s", c.log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// forgetful are the settings that erasure scrub asks for: they keep people's data out of files.
var forgetful = map[string]string{
	"wal_recycle": "off", "min_wal_size": "32MB", "log_min_error_statement": "panic", "log_parameter_max_length": "0",
}

// telling are the settings that audit logins asks for.
var telling = map[string]string{
	"logging_collector": "on", "log_destination": "stderr,jsonlog", "log_filename": "patronctl-%u.log",
	"log_rotation_age": "1d", "log_rotation_size": "0", "log_truncate_on_rotation": "on", "log_connections": "on", "log_disconnections": "on",
}

// Log is what the server has logged: its collector's files, then what it said while it started.
func (c *Cluster) Log() string {
	files, _ := filepath.Glob(filepath.Join(c.logs(), "*")) // the pattern is well-formed
	var all strings.Builder
	for _, file := range append(files, c.log()) {
		text, _ := os.ReadFile(file) // a file that cannot be read says nothing
		all.Write(text)
	}
	return all.String()
}

// arguments keep the server private and small; nothing is read from an environment or a file that could widen it.
func (c *Cluster) arguments() []string {
	args := []string{"-D", c.data()}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "")
	set("port", "5432")
	set("unix_socket_directories", quoteList(c.run()))
	set("unix_socket_permissions", "0700")
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("lc_messages", "C")
	set("jit", "off")
	set("max_wal_size", "256MB")
	for _, settings := range []map[string]string{forgetful, telling, c.Settings} {
		for name, value := range settings {
			set(name, value)
		}
	}
	return args
}

// halt stops a server that answers. mode is pg_ctl's: fast, immediate.
func (c *Cluster) halt(ctx context.Context, as *account, mode string) error {
	bin := c.remembered().Bin
	if missingProgram(bin) != "" { // the binaries it was started with were removed
		var err error
		if bin, err = Locate(); err != nil {
			return err
		}
	}
	stop := as.command(ctx, filepath.Join(bin, "pg_ctl"), "stop", "-D", c.data(), "-m", mode, "-w", "-t", "60")
	stop.Dir = c.data()
	if out, err := stop.CombinedOutput(); err != nil {
		return fmt.Errorf("stop PostgreSQL in %s: %w: %s", c.Dir, err, lastLine(out))
	}
	return nil
}

// clearStale removes the lock files of a server that is gone. The server does this itself, unless another process of the
// same user has its process id by now, as happens after a restart of the machine. Should a server live after all, the
// shared memory of the data directory still keeps a second one out.
func (c *Cluster) clearStale(ctx context.Context) {
	for range 30 { // a server that is just starting or stopping gets three seconds
		if pid, _ := c.pidFile(); pid == 0 || !processExists(pid) {
			return
		}
		if c.answers() {
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
	for _, path := range []string{filepath.Join(c.data(), "postmaster.pid"), c.socket() + ".lock", c.socket()} {
		_ = os.Remove(path)
	}
}

// CreateDatabase makes a database. An empty template means an empty database.
func (c *Cluster) CreateDatabase(ctx context.Context, name, template, owner string) error {
	if template == "" {
		template = "template0"
	}
	return c.SQL(ctx, "postgres", `CREATE DATABASE :"name" TEMPLATE :"template" OWNER :"owner"`,
		"name="+name, "template="+template, "owner="+owner)
}

// SQL runs statements as the superuser with the server's own psql, stopping at the first error. Variables are psql's, as
// name=value; statements write :"name" for an identifier and :'name' for text.
func (c *Cluster) SQL(ctx context.Context, database, statements string, variables ...string) error {
	args := []string{"-X", "-q", "-d", c.DSN(Superuser, database), "-v", "ON_ERROR_STOP=1"}
	for _, variable := range variables {
		args = append(args, "-v", variable)
	}
	psql := exec.CommandContext(ctx, filepath.Join(c.remembered().Bin, "psql"), args...)
	psql.Env = environment()
	psql.Stdin = strings.NewReader(statements)
	if out, err := psql.CombinedOutput(); err != nil {
		return fmt.Errorf("prepare database %s: %w: %s", database, err, lastLine(out))
	}
	return nil
}

// quoteList quotes one element of a setting that is a comma-separated list.
func quoteList(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// environment is all that PostgreSQL's programs need: PGDATA, PGOPTIONS and the like must not reach them.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
}

// lastLine is the line that says what went wrong: the last one that is an error, else the last one.
func lastLine(text []byte) string {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		for _, mark := range []string{"FATAL:", "ERROR:", "error:"} {
			if _, what, found := bytes.Cut(lines[i], []byte(mark)); found {
				return string(bytes.TrimSpace(what))
			}
		}
	}
	return string(lines[len(lines)-1])
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// errLocked is what tryLock returns while another process holds the lock.
var errLocked = errors.New("locked")

// waitLock takes the lock that a file stands for, waiting for the other processes that have it.
func waitLock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, err = tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		if pause(ctx, 50*time.Millisecond); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}
