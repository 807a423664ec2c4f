package output

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

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

// Ask shows prompt, cleaned to one line, and returns the line typed, trimmed. When ctx ends first, it
// restores the terminal and returns ctx.Err(). An answer that ends before anything was typed is io.EOF.
func (t *Terminal) Ask(ctx context.Context, prompt string) (string, error) {
	answer, err := t.prompt(ctx, prompt, func(screen *tty) ([]byte, error) {
		line, err := bufio.NewReader(screen.in).ReadBytes('\n')
		if len(line) > 0 {
			err = nil
		}
		return line, err
	})
	return strings.TrimSpace(string(answer)), err
}

// ReadPassword is Ask without showing what is typed; the answer is returned as typed.
func (t *Terminal) ReadPassword(ctx context.Context, prompt string) ([]byte, error) {
	return t.prompt(ctx, prompt, func(screen *tty) ([]byte, error) {
		password, err := term.ReadPassword(int(screen.in.Fd()))
		_, _ = io.WriteString(screen.out, "\n")
		return password, err
	})
}

func (t *Terminal) prompt(ctx context.Context, prompt string, read func(*tty) ([]byte, error)) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	screen, err := t.open()
	if err != nil {
		return nil, err
	}
	state, err := term.GetState(int(screen.in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("read the state of the terminal: %w", err)
	}
	if _, err := io.WriteString(screen.out, Clean(prompt)); err != nil {
		return nil, fmt.Errorf("write to the terminal: %w", err)
	}
	type answer struct {
		text []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := read(screen)
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		t.close(screen)
		return a.text, a.err
	case <-ctx.Done():
		// A read from a terminal cannot be called off: it stays behind until the process ends.
		_ = term.Restore(int(screen.in.Fd()), state)
		_, _ = io.WriteString(screen.out, "\n")
		return nil, ctx.Err()
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
