package export

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// TestImport takes every awkward person to another library, through both formats that an import reads, and out of that one
// again: what moves is the same to the byte, and nothing else moves.
func TestImport(t *testing.T) {
	db := pgtest.New(t)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(key.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	addresses := 0
	for i, person := range awkward(t, db) {
		var first *client.Newcomer
		for f, scope := range map[format]client.ExportScope{formatJSON: client.FullAccess, formatXML: client.Portability} {
			plain := read(t, export(t, person.env, person.ref, f, scope))
			found, err := client.ReadNewcomer(bytes.NewReader(plain))
			if err != nil {
				t.Fatalf("%s, %s: %v", person.ref, f, err)
			}
			if first == nil {
				first = found
			}
			if opened := decrypted(t, person, plain, key, keys, f == formatXML); !reflect.DeepEqual(opened, found) || !sameMoving(found, first) {
				t.Errorf("%s, %s:\n%+v\n%+v\n%+v", person.ref, f, opened, found, first)
			}
		}
		addresses += len(first.Addresses)
		to := map[string]string{"CAM": "PBK", "KEN": "CAM", "PBK": "KEN"}[first.From.Authority]
		done, err := db.Client(t, "clerk."+strings.ToLower(to)).RegisterNewcomer(t.Context(), client.Why{}, first, client.Registration{
			Authority: to, Branch: map[string]string{"CAM": "CAM-CEN", "KEN": "KEN-CEN", "PBK": "PBK-UST"}[to], Category: "ADULT",
			Card: fmt.Sprintf("M%d", i), Basis: "resident", Wording: "joining-1", Source: "desk",
		})
		if person.id == 13 { // whom CAM knows as 12
			if !refused(err) || !strings.Contains(err.Error(), "id:12") {
				t.Errorf("registered twice: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", person.ref, err)
		}
		env := environment(t, db, "officer."+strings.ToLower(to), "")
		for _, f := range []format{formatJSON, formatXML} {
			after, err := client.ReadNewcomer(bytes.NewReader(read(t, export(t, env, fmt.Sprintf("id:%d", *done.Patron), f, client.FullAccess))))
			if err != nil || !sameMoving(first, after) {
				t.Fatalf("%s: %v: was\n%+v\nis\n%+v", person.ref, err, first, after)
			}
			if len(after.Consents) != 1 || after.Consents[0].Purpose != "joining" {
				t.Errorf("%s: %+v", person.ref, after.Consents)
			}
			for _, left := range after.Stays {
				if slices.Contains([]string{"special", "loan", "hold", "fee", "payment", "block"}, left.What) {
					t.Errorf("%s: %+v moved", person.ref, left)
				}
			}
		}
	}
	if addresses < 30 {
		t.Errorf("only %d addresses moved", addresses)
	}
}

func sameMoving(a, b *client.Newcomer) bool {
	return reflect.DeepEqual(a.Person, b.Person) && reflect.DeepEqual(a.Addresses, b.Addresses)
}

// decrypted encrypts a file as age does, with or without armour, and reads it as patron import does.
func decrypted(t *testing.T, person subject, plain []byte, key *age.X25519Identity, keys string, armoured bool) *client.Newcomer {
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
	opened, err := person.env.OpenEncrypted(t.Context(), path, keys, false)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close() //nolint:errcheck // only read
	found, err := client.ReadNewcomer(opened)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
