package export

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
	"patronctl/commands/kit"
)

// What age encrypted, with or without armour, is read as the file itself would be.
func TestImportOfEncrypted(t *testing.T) {
	db := pgtest.New(t)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(key.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment(t, db, "officer.cam", "")
	for _, f := range []exchange.Format{exchange.JSON, exchange.XML} {
		plain := read(t, export(t, env, sample.CardTitleEscape, f, exchange.FullAccess))
		found, err := exchange.ReadNewcomer(bytes.NewReader(plain))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if opened := decrypted(t, env, plain, key, keys, f == exchange.XML); !reflect.DeepEqual(opened, found) {
			t.Errorf("%s:\n%+v\n%+v", f, opened, found)
		}
	}
}

// decrypted encrypts a file as age does, with or without armour, and reads it as patron import does.
func decrypted(t *testing.T, env *kit.Env, plain []byte, key *age.X25519Identity, keys string, armoured bool) *people.Newcomer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.age")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := io.WriteCloser(file)
	if armoured {
		out = armor.NewWriter(file)
	}
	encrypted, err := age.Encrypt(out, key.Recipient())
	if err == nil {
		_, err = encrypted.Write(plain)
	}
	for _, closer := range []io.Closer{encrypted, out} {
		if err == nil {
			err = closer.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	opened, err := env.OpenEncrypted(t.Context(), path, keys, false)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close() //nolint:errcheck // only read
	found, err := exchange.ReadNewcomer(opened)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
