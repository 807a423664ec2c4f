package kit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/spf13/cobra"

	"patronctl/output"
)

// Sealing is the encryption of a file for those who are to read it, in the age format (age-encryption.org/v1).
type Sealing struct {
	to         []string
	passphrase bool
	stdin      bool
	recipients []age.Recipient
}

// Flags adds --encrypt-to, --passphrase and --passphrase-stdin to a command.
func (s *Sealing) Flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.to, "encrypt-to", nil, "encrypt for an age `RECIPIENT` (age1…), or those listed in a file; can be repeated")
	cmd.Flags().BoolVar(&s.passphrase, "passphrase", false, "encrypt with a passphrase that you are asked for, twice")
	cmd.Flags().BoolVar(&s.stdin, "passphrase-stdin", false, "encrypt with the passphrase that is the first line of standard input")
}

// Asked tells whether the file is to be encrypted.
func (s *Sealing) Asked() bool { return len(s.to) > 0 || s.passphrase || s.stdin }

// FromStdin tells whether standard input holds the passphrase.
func (s *Sealing) FromStdin() bool { return s.stdin }

// Prepare reads the recipients, or asks for the passphrase. Call it before anything is opened.
func (s *Sealing) Prepare(ctx context.Context, e *Env) error {
	if s.passphrase || s.stdin {
		return s.askPassphrase(ctx, e)
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

func (s *Sealing) askPassphrase(ctx context.Context, e *Env) error {
	switch {
	case len(s.to) > 0:
		return Usage("a file is encrypted with a passphrase or for recipients, not both: leave --passphrase or --encrypt-to out")
	case !s.stdin && !e.Terminal.CanPrompt():
		return &Error{Code: ExitNotConfirmed, Message: "this needs a passphrase and there is no terminal to ask on", Hint: "give it with --passphrase-stdin, or use --encrypt-to"}
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
func (s *Sealing) Write(w io.Writer, write func(io.Writer) error) error {
	if !s.Asked() {
		return write(w)
	}
	sealed, err := age.Encrypt(w, s.recipients...)
	if err != nil {
		return fmt.Errorf("encrypt the file: %w", err)
	}
	if err := write(sealed); err != nil {
		return err
	}
	return sealed.Close()
}

// OpenSealed opens a file for reading, and decrypts it when age encrypted it: see Unsealed. Keys for a file that is not
// encrypted are a usage error: whoever gave them expects it to be.
func (e *Env) OpenSealed(ctx context.Context, path, identityFile string, stdin bool) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, Usage("cannot read the file: %s", err)
	}
	opened := struct {
		io.Reader
		io.Closer
	}{bufio.NewReader(file), file}
	start, err := opened.Reader.(*bufio.Reader).Peek(len(armor.Header))
	switch armored := string(start) == armor.Header; {
	case armored || strings.HasPrefix(string(start), "age-encryption.org/"):
		if armored {
			opened.Reader = armor.NewReader(opened.Reader)
		}
		opened.Reader, err = e.Unsealed(ctx, opened.Reader, identityFile, stdin)
	case len(start) == 0 && !errors.Is(err, io.EOF):
		err = Usage("cannot read the file: %s", err)
	case identityFile != "" || stdin:
		err = Usage("the file is not encrypted: leave --identity and --passphrase-stdin out")
	default:
		err = nil
	}
	if err != nil {
		_ = file.Close() // only read
		return nil, err
	}
	return opened, nil
}

// Unsealed decrypts a file that age encrypted: with the identities in a file, or without one with a passphrase that is asked
// for, or is the first line of stdin.
func (e *Env) Unsealed(ctx context.Context, r io.Reader, identityFile string, stdin bool) (io.Reader, error) {
	identities, err := e.identities(ctx, identityFile, stdin)
	if err != nil {
		return nil, err
	}
	opened, err := age.Decrypt(r, identities...)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, &Error{Code: ExitRefused, Message: "the file was not encrypted for this key or passphrase", Hint: "try again, or give another key with --identity FILE"}
	}
	if err != nil {
		return nil, &Error{Code: ExitRefused, Message: "the file is no age file, or is damaged", Hint: "take another copy of it"}
	}
	return opened, nil
}

// mostWork bounds the memory that a file can have its passphrase take: 2^20 is 1 GiB, and age itself writes 2^18.
const mostWork = 20

func (e *Env) identities(ctx context.Context, identityFile string, stdin bool) ([]age.Identity, error) {
	if identityFile == "" {
		if !stdin && !e.Terminal.CanPrompt() {
			return nil, &Error{Code: ExitNotConfirmed, Message: "this needs a passphrase and there is no terminal to ask on", Hint: "give it with --passphrase-stdin, or the key with --identity FILE"}
		}
		given, err := e.Secrets(ctx, stdin, Secret{Prompt: "Passphrase of the file"})
		if err != nil {
			return nil, err
		}
		identity, err := age.NewScryptIdentity(given[0])
		if err != nil {
			return nil, err
		}
		identity.SetMaxWorkFactor(mostWork)
		return []age.Identity{identity}, nil
	}
	file, err := os.Open(identityFile)
	if err != nil {
		return nil, Usage("cannot read the key: %s", err)
	}
	defer file.Close() //nolint:errcheck // only read
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, Usage("%s does not hold an age key", output.Clean(identityFile))
	}
	return identities, nil
}
