package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a terminal in memory: what is typed goes to keyboard, what is shown is collected.
type pty struct {
	keyboard *os.File // also what the screen shows comes from here
	terminal *os.File
	mu       sync.Mutex
	shown    strings.Builder
}

func newPTY(t *testing.T, columns uint16) *pty {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	fd := int(keyboard.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Never closed: a cancelled prompt may still be reading from it.
	p := &pty{keyboard: keyboard, terminal: terminal}
	go p.collect()
	return p
}

func (p *pty) collect() {
	buffer := make([]byte, 1024)
	for {
		n, err := p.keyboard.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.shown.Write(buffer[:n])
		p.mu.Unlock()
	}
}

func (p *pty) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

// eventually waits for something that another goroutine does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// prompting is a Terminal whose prompts appear on p.
func (p *pty) prompting() *Terminal {
	terminal := NewTerminal(p.terminal, p.terminal, p.terminal)
	terminal.open = func() (*tty, error) { return &tty{p.terminal, p.terminal}, nil }
	return terminal
}

func TestTerminalOfAPTY(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	terminal := newPTY(t, 97).prompting()
	if !terminal.OutIsTTY() || !terminal.ErrIsTTY() || terminal.Width() != 97 || !terminal.CanPrompt() || !terminal.Color("auto") {
		t.Error("a terminal was not recognized")
	}
	t.Setenv("NO_COLOR", "1")
	if terminal.Color("auto") {
		t.Error("NO_COLOR is not obeyed")
	}
}

func TestAsk(t *testing.T) {
	p := newPTY(t, 80)
	for typed, want := range map[string]string{" yes \n": "yes", "\n": "", "Č\n": "Č"} {
		if _, err := io.WriteString(p.keyboard, typed); err != nil {
			t.Fatal(err)
		}
		got, err := p.prompting().Ask(context.Background(), "erase \x1b[2JAnna? [y/N] ")
		if err != nil || got != want {
			t.Errorf("typed %q, got %q (%v)", typed, got, err)
		}
	}
	eventually(t, "the prompt is shown, cleaned", func() bool { return strings.Contains(p.screen(), `erase \x1b[2JAnna? [y/N] `) })
	if _, err := io.WriteString(p.keyboard, "\x04"); err != nil {
		t.Fatal(err)
	}
	if got, err := p.prompting().Ask(context.Background(), "? "); !errors.Is(err, io.EOF) || got != "" {
		t.Errorf("end of input gave %q (%v)", got, err)
	}
}

func TestCancellingAQuestionEndsItsLine(t *testing.T) {
	p := newPTY(t, 80)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		eventually(t, "the question is up", func() bool { return p.screen() != "" })
		cancel()
	}()
	if _, err := p.prompting().Ask(ctx, "sure? "); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	eventually(t, "the cursor is on a new line", func() bool { return strings.HasSuffix(p.screen(), "\r\n") })
	// Lets the reader that stayed behind finish before the terminal goes.
	_, _ = io.WriteString(p.keyboard, "\n")
}

func TestReadPassword(t *testing.T) {
	p := newPTY(t, 80)
	go func() { // typed once the terminal hides it
		eventually(t, "the question is up", func() bool { return strings.Contains(p.screen(), "New password: ") })
		_, _ = io.WriteString(p.keyboard, " seven  kettles \n")
	}()
	got, err := p.prompting().ReadPassword(context.Background(), "New password: ")
	if err != nil || got != " seven  kettles " {
		t.Errorf("got %q (%v)", got, err)
	}
	eventually(t, "the line ends", func() bool { return strings.HasSuffix(p.screen(), "\r\n") })
	if strings.Contains(p.screen(), "kettles") {
		t.Errorf("the password is shown: %q", p.screen())
	}
	// Called off, the terminal shows again what is typed.
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		eventually(t, "the second question is up", func() bool { return strings.Contains(p.screen(), "Again: ") })
		cancel()
	}()
	if _, err := p.prompting().ReadPassword(ctx, "Again: "); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	_, _ = io.WriteString(p.keyboard, "visible\n")
	eventually(t, "what is typed is shown", func() bool { return strings.Contains(p.screen(), "visible") })
}

func TestProgressBar(t *testing.T) {
	for _, test := range []struct {
		done int64
		want string
	}{{300, "done"}, {100, "stopped"}} {
		p := newPTY(t, 60)
		bar := NewProgress(p.prompting(), p.terminal, false, "loading", 300)
		bar.Set(test.done / 2)
		eventually(t, "the bar is up", func() bool { return strings.Contains(p.screen(), "loading") })
		bar.Set(test.done)
		bar.Done()
		bar.Done()
		eventually(t, "the bar ends with "+test.want, func() bool { return strings.Contains(p.screen(), test.want) })
	}
}

// What is over at once leaves no line, however often it is told that it is over.
func TestNoBarForShortWork(t *testing.T) {
	p := newPTY(t, 60)
	bar := newBar(60, p.terminal, "loading", 300, time.Hour)
	bar.Set(300)
	bar.Done()
	bar.Done()
	_, _ = io.WriteString(p.terminal, "the answer")
	eventually(t, "the answer is up", func() bool { return strings.Contains(p.screen(), "the answer") })
	if strings.Contains(p.screen(), "loading") {
		t.Errorf("screen %q", p.screen())
	}
}
