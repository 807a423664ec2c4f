package erasure

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// keys are the two files beside each other: the key that signs, and its public half.
func keys() (signer, verifier string, err error) {
	dir, err := client.StateDir()
	if err != nil {
		return "", "", err
	}
	return filepath.Join(dir, "ledger.key"), filepath.Join(dir, "ledger.pub"), nil
}

// signingKey is the key of this user, made at the first export; made says that this was it.
func signingKey() (signer, verifier string, made bool, err error) {
	private, public, err := keys()
	if err != nil {
		return "", "", false, err
	}
	text, err := os.ReadFile(private)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		text, err = makeKey(private)
	}
	if err != nil {
		return "", "", false, err
	}
	signer = strings.TrimSpace(string(text))
	if verifier, err = client.LedgerVerifier(signer); err != nil {
		return "", "", false, fmt.Errorf("%s: %w", private, err)
	}
	if _, err = os.Stat(public); errors.Is(err, fs.ErrNotExist) {
		err = write(public, verifier)
	}
	return signer, verifier, made, err
}

func makeKey(path string) ([]byte, error) {
	signer, err := client.NewLedgerKey()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return []byte(signer), write(path, signer)
}

func write(path, line string) error {
	return output.WriteFileAtomic(path, false, func(w io.Writer) error {
		_, err := io.WriteString(w, line+"\n")
		return err
	})
}

// verifierIn reads the public half of a key from a file; without one, that of this user's own key.
func verifierIn(file string) (string, error) {
	if file == "" {
		_, public, err := keys()
		if err != nil {
			return "", err
		}
		file = public
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", &kit.Error{
			Code: kit.ExitUsage, Message: "there is no verifier to check the signature with: " + file,
			Hint: "give the line that was kept with the backups in a file: --verifier FILE",
		}
	}
	return string(text), nil
}
