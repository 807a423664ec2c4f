package kit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"patronctl/client"
	"patronctl/output"
)

// SigningKey is the key of that name in a file, made when there is none; made says so. Its public half, the verifier, is kept
// in a file beside it that ends in .pub.
func SigningKey(name, file string) (signer, verifier string, made bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		text, err = makeKey(name, file)
	}
	if err != nil {
		return "", "", false, err
	}
	signer = strings.TrimSpace(string(text))
	if verifier, err = client.Verifier(name, signer); err != nil {
		return "", "", false, fmt.Errorf("%s: %w", file, err)
	}
	public := strings.TrimSuffix(file, filepath.Ext(file)) + ".pub"
	if _, err = os.Stat(public); errors.Is(err, fs.ErrNotExist) {
		err = writeLine(public, verifier)
	}
	return signer, verifier, made, err
}

func makeKey(name, file string) ([]byte, error) {
	signer, err := client.NewKey(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return []byte(signer), writeLine(file, signer)
}

func writeLine(file, line string) error {
	return output.WriteFileAtomic(file, false, func(w io.Writer) error {
		_, err := io.WriteString(w, line+"\n")
		return err
	})
}
