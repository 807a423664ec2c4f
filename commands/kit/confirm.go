package kit

import (
	"context"
	"strings"

	"patronctl/output"
)

// Confirm asks before work that cannot be undone. Destructive verbs call it after showing whom and how much it concerns,
// and before they open the access that writes. --yes answers; without a terminal the answer is missing (exit 5).
func (e *Env) Confirm(ctx context.Context, question string) error {
	if e.Flags.Yes {
		return nil
	}
	if !e.Terminal.CanPrompt() {
		return &Error{
			Code:    ExitNotConfirmed,
			Message: "this needs a confirmation and there is no terminal to ask on",
			Hint:    "look at it with --dry-run where there is one, then add --yes",
		}
	}
	answer, err := e.Terminal.Ask(ctx, output.Clean(question)+" [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	default:
		return &Error{Code: ExitNotConfirmed, Message: "declined; nothing was done"}
	}
}
