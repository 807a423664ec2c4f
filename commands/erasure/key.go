package erasure

import (
	"os"
	"path/filepath"

	"patronctl/client"
	"patronctl/commands/kit"
)

// keys are the two files beside each other: the key that signs, and its public half.
func keys(env *kit.Env) (signer, verifier string, err error) {
	dir, err := env.StateDir()
	if err != nil {
		return "", "", err
	}
	return filepath.Join(dir, "ledger.key"), filepath.Join(dir, "ledger.pub"), nil
}

// signingKey is the key of this user, made at the first export; made says that this was it.
func signingKey(env *kit.Env) (signer, verifier string, made bool, err error) {
	private, _, err := keys(env)
	if err != nil {
		return "", "", false, err
	}
	return kit.SigningKey(client.LedgerKey, private)
}

// verifierIn reads the public half of a key from a file; without one, that of this user's own key.
func verifierIn(env *kit.Env, file string) (string, error) {
	if file == "" {
		_, public, err := keys(env)
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
