package staff

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"patronctl/client"
)

// What the server gets opens the login with the password that was typed, and says nothing else of it.
func FuzzScram(f *testing.F) {
	f.Add("seven blue kettles hum", []byte("0123456789abcdef"))
	f.Add("s\u010dervene\u010dn\u00e1", []byte{})
	f.Add("\u00a0\x00'$:\\", []byte{0xff})
	f.Fuzz(func(t *testing.T, password string, salt []byte) {
		got := scramSalted(password, salt)
		if again := scramSalted(password, salt); again != got {
			t.Fatalf("%q and %q", got, again)
		}
		if len(password) > 8 && strings.Contains(got, password) {
			t.Errorf("%q is in %q", password, got)
		}
		iterations, rest, _ := strings.Cut(strings.TrimPrefix(got, "SCRAM-SHA-256$4096:"), "$")
		stored, server, _ := strings.Cut(rest, ":")
		key, err := pbkdf2.Key(sha256.New, password, salt, 4096, 32)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("Client Key"))
		hash := sha256.Sum256(mac.Sum(nil))
		mac = hmac.New(sha256.New, key)
		mac.Write([]byte("Server Key"))
		encode := base64.StdEncoding.EncodeToString
		if iterations != encode(salt) || stored != encode(hash[:]) || server != encode(mac.Sum(nil)) {
			t.Errorf("%q of %q", got, password)
		}
		if err := CheckPassword("anna", password); err == nil {
			if utf8.RuneCountInString(norm.NFKC.String(password)) < minPassword || !utf8.ValidString(password) ||
				strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q is accepted", password)
			}
		} else {
			oneLine(t, err)
		}
	})
}

// oneLine fails the test unless an error is one of ours, in one line of characters that show.
func oneLine(t *testing.T, err error) {
	t.Helper()
	own, ok := errors.AsType[*client.Error](err)
	if !ok || own.Message == "" || strings.ContainsFunc(own.Message+own.Hint, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		t.Errorf("%q", err)
	}
}
