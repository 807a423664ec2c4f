package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"patronctl/client/localpg/pgtest"
)

// waits are commands that somebody interrupts once the terminal shows that they wait, or work.
var waits = []struct{ login, line, until string }{
	{"clerk.cam", "history anonymize 90000036 --before today", "[y/N]"},
	{"clerk.cam", "password reset 90000001", "[y/N]"},
	{"clerk.cam", "demo reset", "[y/N]"},
	{"clerk.cam", "patron set 90000036 --special faith", "faith of 90000036 (empty clears it)"},
	{"clerk.cam", "patron show -", "$ "},
	{"clerk.cam", "debt check -", "$ "},
	{"job", "debt check --file cards.csv", "90000036"},
	{"job", "debt check --file cards.csv -o jsonl", "90000036"},
	{"job", "debt check --file cards.csv -o csv > rows.csv", "cards checked"}, // a progress bar
}

// prepare makes a database, many cards to check, and what looks like a demo. The race detector watches: a signal arrives
// while the program does something else.
func prepare(t *testing.T, term *terminal) *pgtest.DB {
	t.Helper()
	t.Setenv("PATH", watched)
	must(t, os.WriteFile(filepath.Join(term.dir, "cards.csv"), []byte(strings.Repeat("90000036\n90000041\n", 300_000)), 0o600))
	must(t, os.Mkdir(filepath.Join(term.dir, "demo"), 0o700))
	must(t, os.WriteFile(filepath.Join(term.dir, "demo", "demo.json"),
		[]byte(`{"day": "2026-01-31", "patrons": 2000, "logins": ["clerk.cam"]}`), 0o600))
	t.Setenv("PATRONCTL_DEMO_DIR", filepath.Join(term.dir, "demo"))
	return pgtest.New(t)
}

// TestCtrlC presses it in a shell: the program ends with 130, the terminal is as it was, and nothing was done.
func TestCtrlC(t *testing.T) {
	term := newTerminal(t, 80)
	db := prepare(t, term)
	for _, wait := range waits {
		term.clear()
		script := fmt.Sprintf(
			`trap : INT; echo "[$(stty -g)]"; echo "$ "; patronctl %s; echo "exit $?"; echo "[$(stty -g)]"; echo finished; read end`, wait.line)
		shell := term.program(db, wait.login, true, "sh", "-c", script)
		must(t, shell.Start())
		term.waitFor(wait.until)
		if wait.until == "$ " {
			term.press("90000041\n")
			term.waitFor("Arrears")
		}
		term.press("\x03")
		shown := term.waitFor("finished")
		settings := regexp.MustCompile(`(?m)^\[([0-9a-f:]+)\]$`).FindAllStringSubmatch(shown, -1)
		if !strings.Contains(shown, "\nexit 130\n") || !strings.Contains(last(shown, 300), "interrupted") {
			t.Errorf("%s: it ends with %q", wait.line, last(shown, 300))
		}
		if len(settings) != 2 || settings[0][1] != settings[1][1] {
			t.Errorf("%s: settings of the terminal before and after: %q", wait.line, settings)
		}
		term.press("\n")
		_ = shell.Wait() // the shell has said what matters
		nothingDone(t, wait.line, db, term)
	}
}

// TestTerminate sends SIGTERM, as a service manager does.
func TestTerminate(t *testing.T) {
	term := newTerminal(t, 80)
	db := prepare(t, term)
	for _, wait := range waits {
		if wait.until == "$ " || strings.Contains(wait.line, ">") { // these need a shell
			continue
		}
		term.clear()
		before, err := unix.IoctlGetTermios(int(term.device.Fd()), unix.TCGETS)
		must(t, err)
		cmd := term.program(db, wait.login, false, "patronctl", strings.Fields(wait.line)...)
		must(t, cmd.Start())
		term.waitFor(wait.until)
		must(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait() // the exit code tells
		if code := cmd.ProcessState.ExitCode(); code != 143 {
			t.Errorf("%s: exit %d, want 143", wait.line, code)
		}
		term.waitFor("terminated")
		after, err := unix.IoctlGetTermios(int(term.device.Fd()), unix.TCGETS)
		must(t, err)
		if *before != *after {
			t.Errorf("%s: settings of the terminal %v before, %v after", wait.line, before, after)
		}
		nothingDone(t, wait.line, db, term)
	}
}

// nothingDone looks at what the interrupted commands would have changed, and that no session was left behind.
func nothingDone(t *testing.T, line string, db *pgtest.DB, term *terminal) {
	t.Helper()
	super := db.Super(t)
	eventually(t, "the server ends the session of "+line, func() bool {
		var sessions int
		must(t, super.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename IN ('clerk.cam', 'job')",
			db.Name).Scan(&sessions))
		return sessions == 0
	})
	var loans, results, reset int
	must(t, super.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM lms.loan WHERE patron = 36),
			(
				SELECT count(*)
				FROM patronctl.result AS r JOIN patronctl.access AS a ON a.id = r.access
				WHERE a.login = 'clerk.cam'
			),
		(SELECT count(*) FROM lms.credential WHERE patron = 1 AND one_time_until IS NOT NULL)`).Scan(&loans, &results, &reset))
	if loans != 242 || results != 0 || reset != 0 {
		t.Errorf("%s: %d loans left, %d results recorded, %d passwords reset", line, loans, results, reset)
	}
	if _, err := os.Stat(filepath.Join(term.dir, "demo", "demo.json")); err != nil {
		t.Errorf("%s: the demo is gone: %v", line, err)
	}
}

// last is the end of a text.
func last(s string, n int) string { return s[max(0, len(s)-n):] }
