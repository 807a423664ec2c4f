package kit

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"
)

// Encryption is the encryption of a file for those who are to read it, in the age format (age-encryption.org/v1).
type Encryption struct {
	to         []string
	passphrase bool
	stdin      bool
	recipients []age.Recipient
}

// Flags adds --encrypt-to, --passphrase and --stdin to a command.
func (s *Encryption) Flags(cmd *cobra.Command) {
	usage := "encrypt for an age `RECIPIENT` (age1…), or those listed in a file; can be repeated"
	cmd.Flags().StringArrayVar(&s.to, "encrypt-to", nil, usage)
	cmd.Flags().BoolVar(&s.passphrase, "passphrase", false, "encrypt with a passphrase that you are asked for, twice")
	StdinVar(cmd, &s.stdin)
}

// Asked tells whether the file is to be encrypted.
func (s *Encryption) Asked() bool { return len(s.to) > 0 || s.passphrase }

// FromStdin tells whether standard input holds the passphrase.
func (s *Encryption) FromStdin() bool { return s.stdin }

// Prepare reads the recipients, or asks for the passphrase. Call it before anything is opened.
func (s *Encryption) Prepare(ctx context.Context, e *Env) error {
	switch {
	case s.passphrase:
		return s.askPassphrase(ctx, e)
	case s.stdin:
		return Usage("--stdin goes with --passphrase")
	}
	for _, to := range s.to {
		recipients, err := recipientsOf(to)
		if err != nil {
			return err
		}
		s.recipients = append(s.recipients, recipients...)
	}
	return nil
}

// shortestPassphrase is what age itself suggests four words of its list for; NIST SP 800-63B takes 15 for a sole factor.
const shortestPassphrase = 15

func (s *Encryption) askPassphrase(ctx context.Context, e *Env) error {
	switch {
	case len(s.to) > 0:
		return Usage("a file is encrypted with a passphrase or for recipients, not both: leave --passphrase or --encrypt-to out")
	case !s.stdin && !e.Terminal.CanPrompt():
		return noPassphrase("add --stdin and give it there, or use --encrypt-to")
	}
	check := func(typed string) error {
		if len([]rune(typed)) < shortestPassphrase {
			return Usage("a passphrase has at least %d characters: whoever has the file can try as often as they like", shortestPassphrase)
		}
		return nil
	}
	given, err := e.Secrets(ctx, s.stdin, Secret{Prompt: "Passphrase of the file", New: true, Check: check})
	if err == nil {
		err = check(given[0])
	}
	if err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(given[0])
	s.recipients = []age.Recipient{recipient}
	return err
}

func noPassphrase(hint string) error {
	return &Error{Code: ExitNotConfirmed, Message: "this needs a passphrase and there is no terminal to ask on", Hint: hint}
}

// recipientsOf reads one recipient, or a file with one on each line. What was given is never repeated: it may be a secret key.
func recipientsOf(to string) ([]age.Recipient, error) {
	if strings.HasPrefix(strings.ToUpper(to), "AGE-") {
		return nil, Usage("--encrypt-to was given a secret key; give the public one, which begins with age1")
	}
	if strings.HasPrefix(to, "age1") {
		recipients, err := age.ParseRecipients(strings.NewReader(to))
		if err != nil {
			return nil, Usage("--encrypt-to: that is not an age recipient; it may be cut off")
		}
		return recipients, nil
	}
	file, err := os.Open(to)
	if err != nil {
		return nil, Usage("--encrypt-to takes a recipient (age1…) or a file of them, and %s is neither", to)
	}
	defer file.Close() //nolint:errcheck // only read
	recipients, err := age.ParseRecipients(file)
	if err != nil {
		return nil, Usage("--encrypt-to: %s does not hold age recipients (age1…), one a line", to)
	}
	return recipients, nil
}

// Write writes what write writes to w, encrypted when that was asked for.
func (s *Encryption) Write(w io.Writer, write func(io.Writer) error) error {
	if !s.Asked() {
		return write(w)
	}
	encrypted, err := age.Encrypt(w, s.recipients...)
	if err != nil {
		return fmt.Errorf("encrypt the file: %w", err)
	}
	if err := write(encrypted); err != nil {
		return err
	}
	return encrypted.Close()
}
