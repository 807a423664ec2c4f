package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"patronctl/client/localpg/pgtest"
)

// terminal is one that the real program runs on: stdin, stdout and stderr. What it shows is collected byte for byte.
type terminal struct {
	t        testing.TB
	dir      string   // where programs run
	keyboard *os.File // what is typed goes in here, and what is shown comes out
	device   *os.File
	mu       sync.Mutex
	shown    bytes.Buffer
}

func newTerminal(t testing.TB, columns uint16) *terminal {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	fd := int(keyboard.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	must(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	device, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	// Line feeds stay as the program wrote them: a carriage return must come from nowhere.
	settings, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	must(t, err)
	settings.Oflag &^= unix.OPOST
	must(t, unix.IoctlSetTermios(fd, unix.TCSETS, settings))

	term := &terminal{t: t, dir: t.TempDir(), keyboard: keyboard, device: device}
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		buffer := make([]byte, 4096)
		for {
			n, err := keyboard.Read(buffer)
			if err != nil {
				return
			}
			term.mu.Lock()
			term.shown.Write(buffer[:n])
			term.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = device.Close()
		<-collected // reading ends when nobody has the device open any more
		_ = keyboard.Close()
	})
	return term
}

// program prepares a program to run on the terminal as a member of staff. With control it is the terminal's own process,
// to which Ctrl-C goes.
func (term *terminal) program(db *pgtest.DB, login string, control bool, name string, args ...string) *exec.Cmd {
	term.t.Helper()
	cmd := exec.CommandContext(term.t.Context(), name, args...)
	cmd.Dir = term.dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.device, term.device, term.device
	cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+db.DSN(login), "TERM=xterm", "NO_COLOR=", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: control}
	return cmd
}

// run returns everything that a command of patronctl shows, and its exit code.
func (term *terminal) run(db *pgtest.DB, login string, args ...string) (shown string, code int) {
	term.t.Helper()
	return term.finish(term.program(db, login, false, "patronctl", args...))
}

// scan is run with lines from a scanner, which is no terminal.
func (term *terminal) scan(db *pgtest.DB, login, lines string, args ...string) (shown string) {
	term.t.Helper()
	cmd := term.program(db, login, false, "patronctl", args...)
	cmd.Stdin = strings.NewReader(lines)
	shown, _ = term.finish(cmd)
	return shown
}

func (term *terminal) finish(cmd *exec.Cmd) (shown string, code int) {
	term.t.Helper()
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		term.t.Fatal(err)
	}
	const end = "-- end of the test --"
	_, err := io.WriteString(term.device, end)
	must(term.t, err)
	shown, _, _ = strings.Cut(term.waitFor(end), end)
	term.clear()
	return shown, cmd.ProcessState.ExitCode()
}

// clear forgets what was shown.
func (term *terminal) clear() {
	term.mu.Lock()
	defer term.mu.Unlock()
	term.shown.Reset()
}

func (term *terminal) press(keys string) {
	term.t.Helper()
	_, err := io.WriteString(term.keyboard, keys)
	must(term.t, err)
}

// waitFor waits until text is shown and returns everything shown so far.
func (term *terminal) waitFor(text string) (shown string) {
	term.t.Helper()
	eventually(term.t, fmt.Sprintf("the terminal shows %q", text), func() bool {
		term.mu.Lock()
		defer term.mu.Unlock()
		shown = term.shown.String()
		return strings.Contains(shown, text)
	})
	return shown
}

// eventually waits for something that another process does.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
