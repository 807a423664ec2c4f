package output

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/term"
)

// ErrNoTerminal is returned by prompts when there is nobody to ask.
var ErrNoTerminal = errors.New("no terminal to ask on")

// CanPrompt tells whether somebody is there to answer a question.
func (t *Terminal) CanPrompt() bool {
	screen, err := t.open()
	if err != nil {
		return false
	}
	t.close(screen)
	return true
}

// Ask shows prompt, cleaned to one line, and returns the line typed, trimmed. When ctx ends first, it ends the
// line and returns ctx.Err(). An answer that ends before anything was typed is io.EOF.
func (t *Terminal) Ask(ctx context.Context, prompt string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	screen, err := t.open()
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(screen.out, Clean(prompt)); err != nil {
		return "", fmt.Errorf("write to the terminal: %w", err)
	}
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(screen.in).ReadString('\n')
		if line != "" {
			err = nil
		}
		answered <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case a := <-answered:
		t.close(screen)
		return a.line, a.err
	case <-ctx.Done():
		// A read from a terminal cannot be called off: it stays behind until the process ends.
		_, _ = io.WriteString(screen.out, "\n")
		return "", ctx.Err()
	}
}

// close closes a terminal that was opened for a prompt, but not the standard streams.
func (t *Terminal) close(screen *tty) {
	for _, file := range []io.Closer{screen.in, screen.out} {
		if file != t.in && file != t.err {
			_ = file.Close()
		}
	}
}

// ReadPassword is Ask for what must not be seen: nothing that is typed is shown, and spaces stay.
func (t *Terminal) ReadPassword(ctx context.Context, prompt string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	screen, err := t.open()
	if err != nil {
		return "", err
	}
	fd := int(screen.in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	type answer struct {
		line []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		answered <- answer{line, err}
	}()
	// Only then may somebody type, or call off: before that it would be shown, or the terminal stay without echo.
	// A terminal that had no echo to begin with does not change: a second is enough.
	for range 1000 {
		if now, err := term.GetState(fd); err != nil || *now != *before || len(answered) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(screen.out, Clean(prompt)); err != nil {
		return "", fmt.Errorf("write to the terminal: %w", err)
	}
	select {
	case a := <-answered:
		_, _ = io.WriteString(screen.out, "\n") // the one that was typed was not shown either
		t.close(screen)
		return string(a.line), a.err
	case <-ctx.Done(): // as in Ask
		_ = term.Restore(fd, before)
		_, _ = io.WriteString(screen.out, "\n")
		return "", ctx.Err()
	}
}
