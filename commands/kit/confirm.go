package kit

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Confirm asks before work that cannot be undone. Destructive verbs call it after showing whom and how much it concerns,
// and before they open the access that writes. --yes answers; without a terminal the answer is missing (exit 5).
func (e *Env) Confirm(ctx context.Context, question string) error {
	if e.Flags.Yes {
		return nil
	}
	return confirm(ctx, e.Terminal, question)
}

// asker is the part of output.Terminal that asks.
type asker interface {
	CanPrompt() bool
	Ask(ctx context.Context, prompt string) (string, error)
}

func confirm(ctx context.Context, terminal asker, question string) error {
	if !terminal.CanPrompt() {
		return &Error{
			Code:    ExitNotConfirmed,
			Message: "this needs a confirmation and there is no terminal to ask on",
			Hint:    "look at what it would do first, then add --yes",
		}
	}
	answer, err := terminal.Ask(ctx, question+" [y/N] ")
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	default:
		return &Error{Code: ExitNotConfirmed, Message: "declined; nothing was done"}
	}
}
