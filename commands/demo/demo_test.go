package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client/localpg"
	"patronctl/commands/kit"
	"patronctl/output"
)

// session runs verbs on a demo of its own, without a terminal.
type session struct {
	env      *kit.Env
	out, err bytes.Buffer
}

func newSession(t *testing.T) *session {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "demo") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // as root, the server's account passes through
		t.Fatal(err)
	}
	t.Setenv("PATRONCTL_DEMO_DIR", filepath.Join(dir, "demo"))
	t.Cleanup(func() {
		demo, err := localpg.NewDemo()
		if err == nil {
			err = demo.Remove(context.WithoutCancel(t.Context()))
		}
		if err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	s := &session{}
	in := strings.NewReader("")
	s.env = &kit.Env{In: in, Out: &s.out, Err: &s.err, Terminal: output.NewTerminal(in, &s.out, &s.err), Flags: kit.Flags{Output: output.JSON}}
	return s
}

func (s *session) run(t *testing.T, args ...string) (localpg.DemoStatus, error) {
	t.Helper()
	s.out.Reset()
	cmd := New(s.env)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	var status localpg.DemoStatus
	if s.out.Len() > 0 {
		if err := json.Unmarshal(s.out.Bytes(), &status); err != nil {
			t.Fatal(err, s.out.String())
		}
	}
	return status, err
}

func (s *session) mustRun(t *testing.T, args ...string) localpg.DemoStatus {
	t.Helper()
	status, err := s.run(t, args...)
	if err != nil {
		t.Fatal(args, err)
	}
	return status
}

func TestDemoVerbs(t *testing.T) {
	s := newSession(t)
	open := Open(s.env)
	if status := s.mustRun(t, "status"); status.Running || status.Day != "" {
		t.Errorf("before the first start: %+v", status)
	}
	if _, err := open(t.Context(), "", false); kit.Exit(err) != kit.ExitCannotConnect {
		t.Errorf("asked not to start it: %v", err)
	}
	status := s.mustRun(t, "reset", "--date", "2026-01-31")
	if !status.Running || status.Day != "2026-01-31" || !slices.Contains(status.Logins, "officer.ken") {
		t.Errorf("after reset: %+v", status)
	}
	if !strings.Contains(s.err.String(), "demo: ") {
		t.Error("nothing was said about what takes long")
	}
	if _, err := s.run(t, "reset"); kit.Exit(err) != kit.ExitNotConfirmed {
		t.Errorf("reset without a confirmation: %v", err)
	}
	if status := s.mustRun(t, "start"); status.Day != "2026-01-31" {
		t.Errorf("a refused reset changed the day to %s", status.Day)
	}
	for login, want := range map[string]string{"": "user='clerk.cam'", "admin": "user='admin'"} {
		if dsn, err := open(t.Context(), login, false); err != nil || !strings.Contains(dsn, want) {
			t.Errorf("--as %q: %s %v", login, dsn, err)
		}
	}
	if _, err := open(t.Context(), "mallory", true); kit.Exit(err) != kit.ExitUsage || !strings.Contains(kit.Hint(err), "supervisor.cam") {
		t.Errorf("an unknown login: %v, %s", err, kit.Hint(err))
	}
	s.mustRun(t, "stop")
	s.mustRun(t, "stop")
	if s.mustRun(t, "status").Running {
		t.Error("stopped, but running")
	}
	if _, err := open(t.Context(), "", true); err != nil || !s.mustRun(t, "status").Running {
		t.Errorf("--demo did not start it: %v", err)
	}
}

func TestStartWithoutPostgreSQL(t *testing.T) {
	s := newSession(t)
	t.Setenv("PATRONCTL_PGBIN", t.TempDir())
	if _, err := s.run(t, "start"); kit.Exit(err) != kit.ExitCannotConnect || !strings.Contains(err.Error(), "PATRONCTL_PGBIN") {
		t.Errorf("got %v", err)
	}
}
