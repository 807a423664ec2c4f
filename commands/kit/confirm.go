package kit

import (
	"context"
	"errors"
	"io"
	"strconv"
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

// Answerable refuses a question that nobody can answer (exit 5), without --yes and without a terminal. Destructive verbs call
// it before they open anybody's data for that question.
func (e *Env) Answerable() error {
	if e.Flags.Yes || e.Terminal.CanPrompt() {
		return nil
	}
	return unanswerable
}

var unanswerable = &Error{
	Code:    ExitNotConfirmed,
	Message: "this needs a confirmation and there is no terminal to ask on",
	Hint:    "look at what it would do first, then add --yes",
}

// asker is the part of output.Terminal that asks.
type asker interface {
	CanPrompt() bool
	Ask(ctx context.Context, prompt string) (string, error)
}

func confirm(ctx context.Context, terminal asker, question string) error {
	answer, err := ask(ctx, terminal, question+" [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	default:
		return declined
	}
}

var declined = &Error{Code: ExitNotConfirmed, Message: "declined; nothing was done"}

// ConfirmCount is Confirm for work on many people: whoever answers has to type how many, so that nobody agrees to a number
// that they did not read.
func (e *Env) ConfirmCount(ctx context.Context, question string, people int) error {
	if e.Flags.Yes {
		return nil
	}
	return confirmCount(ctx, e.Terminal, question, people)
}

func confirmCount(ctx context.Context, terminal asker, question string, people int) error {
	answer, err := ask(ctx, terminal, question+" Type the number of people: ")
	switch {
	case err != nil:
		return err
	case answer == "":
		return declined
	case answer != strconv.Itoa(people):
		return &Error{Code: ExitNotConfirmed, Message: "that is not the number of people; nothing was done"}
	default:
		return nil
	}
}

// ask returns what was typed; nothing, when the terminal ended.
func ask(ctx context.Context, terminal asker, prompt string) (string, error) {
	if !terminal.CanPrompt() {
		return "", unanswerable
	}
	answer, err := terminal.Ask(ctx, prompt)
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	return answer, err
}
