//go:build linux || darwin || freebsd

package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/forgetting"
	"patronctl/client/people"
)

func newDemo(t *testing.T) *Demo {
	t.Helper()
	t.Setenv("PATRONCTL_DEMO_DIR", filepath.Join(openDir(t), "demo"))
	d, err := NewDemo()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.cluster.Remove(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return d
}

func silent(string) {}

func TestDemoLife(t *testing.T) {
	d := newDemo(t)
	if s := d.Status(); s.Running || s.Day != "" {
		t.Errorf("there is a demo before it was made: %+v", s)
	}
	day, err := client.ParseDate("2026-01-31")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Reset(t.Context(), day, silent); err != nil {
		t.Fatal(err)
	}
	s := d.Status()
	if !s.Running || s.Day != "2026-01-31" || s.Patrons != 2000 {
		t.Errorf("after reset: %+v", s)
	}
	for _, login := range []string{"clerk.cam", "supervisor.ken", "officer.pbk", "admin", "support", "job", "auditor"} {
		if !slices.Contains(s.Logins, login) {
			t.Errorf("no login %s among %v", login, s.Logins)
		}
	}
	canFind(t, d, "")

	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context(), func(what string) { t.Error("a stopped demo is made anew:", what) }); err != nil {
		t.Fatal(err)
	}
	canFind(t, d, "officer.pbk")

	began := time.Now()
	if err := d.Start(t.Context(), silent); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 50*time.Millisecond {
		t.Errorf("starting a running demo took %v", took)
	}
	t.Run("reset after a seal", func(t *testing.T) { resetAfterSeal(t, d, day) })
	t.Run("of another version of the program", func(t *testing.T) { upgraded(t, d) })
	t.Run("after an interrupted reset", func(t *testing.T) { madeAnew(t, d) })
}

// Who saw the tree of a demo that was thrown away is not stopped by the next one.
func resetAfterSeal(t *testing.T, d *Demo, day client.Date) {
	open := func() *client.Client {
		dsn, err := d.DSN(t.Context(), "job")
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.Open(t.Context(), client.Config{DSN: dsn, Observers: watching(), StateDir: d.StateDir()})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	key, err := client.NewKey(client.AuditKey)
	if err != nil {
		t.Fatal(err)
	}
	job := open()
	if _, err := audit.Seal(t.Context(), job, client.Why{}, key, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	job.Close()
	if seen, _ := filepath.Glob(filepath.Join(d.StateDir(), "audit", "*")); len(seen) < 2 {
		t.Fatalf("kept: %v", seen)
	}
	if err := d.Reset(t.Context(), day, silent); err != nil {
		t.Fatal(err)
	}
	open().Close()
}

func upgraded(t *testing.T, d *Demo) {
	last, _ := d.remembered()
	last.Program.Size++
	if err := d.cluster.SQL(t.Context(), demoDatabase, "UPDATE patronctl.installation SET functions_hash = 'old'"); err != nil {
		t.Fatal(err)
	}
	if err := d.remember(last); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context(), func(what string) { t.Error("made anew instead of upgraded:", what) }); err != nil {
		t.Fatal(err)
	}
	if err := d.cluster.SQL(t.Context(), demoDatabase, "SELECT 1/(functions_hash <> 'old')::int FROM patronctl.installation"); err != nil {
		t.Error("the functions were not upgraded")
	}
	if now, _ := d.remembered(); !now.Program.same(thisProgram()) {
		t.Error("upgraded, but this program is not remembered")
	}
}

func madeAnew(t *testing.T, d *Demo) {
	if err := os.Remove(d.memory()); err != nil { // the last thing that making a demo writes
		t.Fatal(err)
	}
	if err := d.Start(t.Context(), silent); err != nil {
		t.Fatal(err)
	}
	if today := time.Now().UTC().Format(time.DateOnly); d.Status().Day != today {
		t.Errorf("the day is %s, not %s", d.Status().Day, today)
	}
	canFind(t, d, "")
	if _, err := os.Stat(d.cluster.sample()); err == nil {
		t.Error("the sample's files were left behind")
	}
}

// canFind makes sure that the login sees people, on the demo's day.
func canFind(t *testing.T, d *Demo, login string) {
	t.Helper()
	dsn, err := d.DSN(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(t.Context(), client.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	found, err := people.Find(t.Context(), c, client.Why{}, people.FindQuery{Words: []string{"90000036"}})
	if err != nil || len(found) != 1 {
		t.Errorf("%s finds %d patrons: %v", login, len(found), err)
	}
}

func TestDemoLogin(t *testing.T) {
	d := newDemo(t)
	if err := os.MkdirAll(d.cluster.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.remember(demoMemory{Consortium: Consortium{Logins: []string{"clerk.cam", "admin"}}}); err != nil {
		t.Fatal(err)
	}
	_, err := d.DSN(t.Context(), "mallory")
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Kind != client.KindUsage {
		t.Errorf("an unknown login gives %v", err)
	}
	for _, login := range []string{"", "admin", Owner} {
		if _, err := d.DSN(t.Context(), login); err != nil {
			t.Errorf("%q: %v", login, err)
		}
	}
}

// watching are the observers that the commands have.
func watching() []client.Observer {
	return []client.Observer{audit.Observer(), forgetting.Observer()}
}
