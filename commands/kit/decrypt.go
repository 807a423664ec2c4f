package kit

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"patronctl/output"
)

// OpenEncrypted opens a file for reading, and decrypts it when age encrypted it: see Decrypt. Keys for a file that is not
// encrypted are a usage error: whoever gave them expects it to be.
func (e *Env) OpenEncrypted(ctx context.Context, path, identityFile string, stdin bool) (io.ReadCloser, error) {
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
		opened.Reader, err = e.Decrypt(ctx, opened.Reader, identityFile, stdin)
	case len(start) == 0 && !errors.Is(err, io.EOF):
		err = Usage("cannot read the file: %s", err)
	case identityFile != "" || stdin:
		err = Usage("the file is not encrypted: leave --identity and --stdin out")
	default:
		err = nil
	}
	if err != nil {
		_ = file.Close() // only read
		return nil, err
	}
	return opened, nil
}

// Decrypt decrypts a file that age encrypted: with the identities in a file, or without one with a passphrase that is asked
// for, or is the first line of stdin.
func (e *Env) Decrypt(ctx context.Context, r io.Reader, identityFile string, stdin bool) (io.Reader, error) {
	identities, err := e.identities(ctx, identityFile, stdin)
	if err != nil {
		return nil, err
	}
	opened, err := age.Decrypt(r, identities...)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, &Error{
			Code:    ExitRefused,
			Message: "the file was not encrypted for this key or passphrase",
			Hint:    "try again, or give another key with --identity FILE",
		}
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
			return nil, noPassphrase("give it with --stdin, or the key with --identity FILE")
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
