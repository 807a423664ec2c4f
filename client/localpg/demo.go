package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"patronctl/client"
	"patronctl/client/install"
)

const (
	demoDatabase = "library"
	demoLock     = "demo.lock"
)

// Demo is the demo database: a made-up consortium in a private cluster of this user.
type Demo struct {
	cluster Cluster
}

// DemoStatus describes the demo. Day, Patrons and Logins are empty when there is none yet.
type DemoStatus struct {
	Dir     string   `json:"dir"`
	Running bool     `json:"running"`
	Server  string   `json:"server"` // PostgreSQL version
	Day     string   `json:"day"`    // "today" of the data
	Patrons int      `json:"patrons"`
	Logins  []string `json:"logins"`
	Log     string   `json:"log"`
}

// demoMemory is what is remembered about a finished demo database.
type demoMemory struct {
	Consortium
	Program installed `json:"program"` // the patronctl that last looked after the database
}

// NewDemo finds the place of the demo: PATRONCTL_DEMO_DIR, else the user's state directory. Nothing is made yet.
func NewDemo() (*Demo, error) {
	dir, err := demoDir()
	if err != nil {
		return nil, err
	}
	return &Demo{cluster: Cluster{Dir: dir, Settings: map[string]string{"max_connections": "50"}}}, nil
}

func demoDir() (string, error) {
	if dir := os.Getenv("PATRONCTL_DEMO_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 { // the server's account cannot reach root's own state directory
		return "/var/lib/patronctl-demo", nil
	}
	state, err := client.StateDir()
	if err != nil {
		return "", fmt.Errorf("no place for the demo: set PATRONCTL_DEMO_DIR: %w", err)
	}
	return filepath.Join(state, "demo"), nil
}

// Start starts the demo, and makes it first when there is none. step is told what takes long.
func (d *Demo) Start(ctx context.Context, step func(string)) error {
	last, made := d.remembered()
	if made && last.Program.same(thisProgram()) {
		return cannotConnect(d.cluster.Start(ctx))
	}
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if last, made = d.remembered(); made {
		return d.upgrade(ctx, last)
	}
	return d.make(ctx, client.Date{Today: true}, step)
}

// Reset makes the demo anew. day is "today" of the data; the database's clock is set to noon of it, unless day is today.
func (d *Demo) Reset(ctx context.Context, day client.Date, step func(string)) error {
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.discard(ctx); err != nil {
		return err
	}
	return d.make(ctx, day, step)
}

// Remove ends the demo and deletes its files.
func (d *Demo) Remove(ctx context.Context) error {
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(d.discard(ctx), os.RemoveAll(d.StateDir())); err != nil {
		return err
	}
	return errors.Join(os.Remove(filepath.Join(d.cluster.Dir, demoLock)), os.Remove(d.cluster.Dir))
}

// discard deletes everything but the lock. What is remembered goes first: a demo that lost its files must not look whole.
func (d *Demo) discard(ctx context.Context) error {
	if err := os.Remove(d.memory()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return d.cluster.Remove(ctx)
}

// StateDir is what a client of the demo remembers, such as heads of its audit tree; it goes away with the demo.
func (d *Demo) StateDir() string { return filepath.Join(d.cluster.Dir, "state") }

// Stop ends the demo's server; the data stay.
func (d *Demo) Stop(ctx context.Context) error { return d.cluster.Stop(ctx) }

// Status describes the demo without starting it.
func (d *Demo) Status() DemoStatus {
	last, _ := d.remembered()
	server := d.cluster.Status()
	return DemoStatus{
		Dir: d.cluster.Dir, Running: server.Running, Server: server.Version, Log: server.Log,
		Day: last.Day, Patrons: last.Patrons, Logins: last.Logins,
	}
}

// DSN is the connection string of a demo login; empty means the default one, a clerk of the first authority. Staff that
// somebody added since can be named as well.
func (d *Demo) DSN(ctx context.Context, login string) (string, error) {
	last, _ := d.remembered()
	if login == "" {
		login = last.Logins[0]
	}
	if login != Owner && !slices.Contains(last.Logins, login) && !d.added(ctx, login) {
		return "", &client.Error{
			Kind:    client.KindUsage,
			Message: "the demo has no such login",
			Hint:    "use --as with one of " + strings.Join(last.Logins, ", ") + ", or " + Owner + ", the database owner",
		}
	}
	return d.cluster.DSN(login, demoDatabase), nil
}

// added tells whether a login was registered as staff: the division by zero is the answer no.
func (d *Demo) added(ctx context.Context, login string) bool {
	return d.cluster.SQL(ctx, demoDatabase, `SELECT 1 / count(*) FROM patronctl.staff WHERE login = :'login'`, "login="+login) == nil
}

func (d *Demo) make(ctx context.Context, day client.Date, step func(string)) error {
	step("starting a PostgreSQL of our own in " + d.cluster.Dir)
	if err := d.cluster.Start(ctx); err != nil {
		return cannotConnect(err)
	}
	if err := os.RemoveAll(d.StateDir()); err != nil { // of a demo that was there before
		return err
	}
	// An earlier attempt may have been interrupted.
	if err := d.cluster.SQL(ctx, "postgres", `DROP DATABASE IF EXISTS :"name" WITH (FORCE)`, "name="+demoDatabase); err != nil {
		return err
	}
	consortium, err := d.cluster.CreateConsortium(ctx, demoDatabase, day, step)
	if err != nil {
		return err
	}
	return d.remember(demoMemory{*consortium, thisProgram()})
}

// upgrade brings a demo that another version of this program made up to date. Its server starts afresh, with the settings of
// this version.
func (d *Demo) upgrade(ctx context.Context, last demoMemory) error {
	if err := d.cluster.Stop(ctx); err != nil {
		return cannotConnect(err)
	}
	if err := d.cluster.Start(ctx); err != nil {
		return cannotConnect(err)
	}
	owner, err := client.Open(ctx, client.Config{DSN: d.cluster.DSN(Owner, demoDatabase)})
	if err != nil {
		return err
	}
	defer owner.Close()
	if _, err := install.Upgrade(ctx, owner, func(string) {}); err != nil {
		return fmt.Errorf("bring the demo up to date (or start afresh with patronctl demo reset): %w", err)
	}
	if err := d.cluster.help(ctx, demoDatabase); err != nil {
		return err
	}
	return d.remember(demoMemory{last.Consortium, thisProgram()})
}

func (d *Demo) lock(ctx context.Context) (unlock func(), err error) {
	if _, err := d.cluster.prepare(ctx); err != nil {
		return nil, cannotConnect(err)
	}
	return waitLock(ctx, filepath.Join(d.cluster.Dir, demoLock))
}

func (d *Demo) memory() string { return filepath.Join(d.cluster.Dir, "demo.json") }

func (d *Demo) remembered() (last demoMemory, made bool) {
	text, err := os.ReadFile(d.memory())
	if err != nil || json.Unmarshal(text, &last) != nil || len(last.Logins) == 0 {
		return demoMemory{}, false
	}
	return last, true
}

func (d *Demo) remember(now demoMemory) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return os.WriteFile(d.memory(), text, 0o600)
}

// thisProgram identifies the running program, so that a newer one knows to upgrade the database.
func thisProgram() (program installed) {
	path, err := os.Executable()
	if err != nil {
		return program
	}
	if info, err := os.Stat(path); err == nil {
		program = installed{Bin: path, Size: info.Size(), Changed: info.ModTime().UTC()}
	}
	return program
}

// cannotConnect tells the user that the demo's server is what failed.
func cannotConnect(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &client.Error{Kind: client.KindConnect, Message: "the demo cannot start: " + err.Error()}
}
