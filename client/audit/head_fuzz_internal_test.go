package audit

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// A head reads back as what was signed, as it was kept and as it was printed; what was changed is none.
func FuzzHead(f *testing.F) {
	f.Add("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", int64(0), int64(7), int64(1769860800), []byte("root"), false, 0, byte(0))
	f.Add("x", int64(3), int64(1)<<62, int64(0), []byte{}, true, 30, byte(4))
	signer, verifier := fuzzKeys(client.AuditKey)
	f.Fuzz(func(t *testing.T, database string, restores, size, at int64, root []byte, successor bool, place int, change byte) {
		h := &Head{Database: database, Restores: restores, Size: size, Root: tlog.Hash(sha256.Sum256(root)), At: time.Unix(at, 0).UTC()}
		if successor {
			h.lost = &Head{Database: database, Restores: restores - 1, Size: size / 2, Root: h.Root}
		}
		if h.sign(signer) != nil || strings.ContainsFunc(database, func(r rune) bool { return r <= ' ' || r > '~' }) || database == "" ||
			h.At.Year() < 0 || h.At.Year() > 9999 {
			return // no database has such a number
		}
		same := func(got *Head) bool {
			return got.Database == h.Database && got.place() == h.place() && got.At.Equal(h.At) && (got.lost != nil) == successor &&
				(!successor || got.lost.place() == h.lost.place())
		}
		kept, err := openHead(h.signed, verifier)
		if err != nil || !same(kept) {
			t.Fatalf("%q: %+v, %v", h.signed, kept, err)
		}
		for _, printed := range []string{strings.Join(h.Lines, "\n"), strings.Join(h.Lines, "\r\n") + "\r\n", "\n" + h.signed} {
			if got, err := readHead(printed, verifier); err != nil || !same(got) {
				t.Errorf("%q: %+v, %v", printed, got, err)
			}
		}
		other := []byte(h.signed)
		other[max(0, place)%len(other)] ^= change
		if got, err := openHead(string(other), verifier); err == nil && !same(got) {
			t.Errorf("%q is taken for a head: %+v", other, got)
		}
		if _, err := readHead(string(other), verifier); err != nil {
			oneLine(t, err)
		}
	})
}

// Any text is no head, no receipt and no key, or one that reads back as it was.
func FuzzSignedTexts(f *testing.F) {
	for _, seed := range []string{
		"", "1-" + strings.Repeat("0", 64), "01-" + strings.Repeat("a", 64), "— ",
		headWord + " x 0 0 = =\n\n— x y\n", "PRIVATE+KEY+patronctl-audit+00000000+AQ==", "patronctl-audit+x+y",
	} {
		f.Add(seed)
	}
	_, verifier := fuzzKeys(client.AuditKey)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := readHead(text, verifier); err == nil {
			t.Errorf("%q is a head", text)
		} else {
			oneLine(t, err)
		}
		if _, err := openHead(text, text); err == nil {
			t.Errorf("%q is a head and its key", text)
		}
		if part := receiptForm.FindStringSubmatch(text); part != nil && part[1]+"-"+part[2] != text {
			t.Errorf("%q is a receipt", text)
		}
		for _, name := range []string{client.LedgerKey, client.AuditKey} {
			if v, err := client.Verifier(name, text); err == nil && !strings.HasPrefix(v, name+"+") {
				t.Errorf("%q is a key: %q", text, v)
			}
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

var fuzzKeys = func(name string) (signer, verifier string) {
	signer, err := client.NewKey(name)
	if err == nil {
		verifier, err = client.Verifier(name, signer)
	}
	if err != nil {
		panic(err)
	}
	return signer, verifier
}
