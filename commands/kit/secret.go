package kit

import (
	"bufio"
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// StdinVar adds --stdin to a command that asks for a secret: scripts give it on standard input. No flag takes a secret
// itself, which other users of the machine and the shell's history would keep.
func StdinVar(cmd *cobra.Command, target *bool) {
	cmd.Flags().BoolVar(target, "stdin", false, "read what is asked for from standard input, a line each")
}

// Secret is a password to ask for.
type Secret struct {
	Prompt string
	New    bool                     // typed twice on a terminal
	Check  func(typed string) error // refuses a bad new one before it is typed again
}

// Secrets asks for passwords on the terminal, or with stdin reads each as a line of standard input.
func (e *Env) Secrets(ctx context.Context, stdin bool, wanted ...Secret) ([]string, error) {
	if stdin {
		return e.secretLines(len(wanted))
	}
	if !e.Terminal.CanPrompt() {
		return nil, &Error{
			Code:    ExitNotConfirmed,
			Message: "this needs a password and there is no terminal to ask on",
			Hint:    "give it with --stdin",
		}
	}
	var given []string
	for _, secret := range wanted {
		typed, err := e.Terminal.ReadPassword(ctx, secret.Prompt+": ")
		if err != nil {
			return nil, err
		}
		if secret.New {
			if typed == "" {
				return nil, &Error{Code: ExitNotConfirmed, Message: "nothing was typed; nothing was changed"}
			}
			if err := secret.Check(typed); err != nil {
				return nil, err
			}
			again, err := e.Terminal.ReadPassword(ctx, secret.Prompt+", once more: ")
			if err != nil {
				return nil, err
			}
			if again != typed {
				return nil, Usage("the two were not the same; nothing was changed")
			}
		}
		given = append(given, typed)
	}
	return given, nil
}

func (e *Env) secretLines(n int) ([]string, error) {
	var given []string
	lines := bufio.NewReader(e.In)
	for range n {
		line, err := lines.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if err == nil {
				return nil, Usage("standard input has an empty line where a password is expected")
			}
			return nil, Usage("standard input ended before a password came")
		}
		given = append(given, line)
	}
	return given, nil
}
