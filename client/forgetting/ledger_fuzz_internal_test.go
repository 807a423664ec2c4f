package forgetting

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"patronctl/client"
)

// Only what was signed is an export of the ledger.
func FuzzLedgerFile(f *testing.F) {
	signer, verifier := fuzzKeys(client.LedgerKey)
	for _, lines := range [][]string{nil, {"1 1 CAM - 2026-01-31"}, {"1 1 CAM - 2026-01-31", "2 7 KEN lapsed 2026-02-01"}} {
		file, err := (&Ledger{Database: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", Lines: lines}).Sign(signer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, 0, byte(0))
		f.Add(file, len(file)-2, byte(1))
		f.Add(append(file, '\n'), 0, byte(0))
	}
	f.Add([]byte(ledgerFormat+"\ndatabase x\nhead 9223372036854775808\n\n— "), 3, byte(9))
	f.Fuzz(func(t *testing.T, file []byte, at int, change byte) {
		if len(file) > 0 {
			file[max(0, at)%len(file)] ^= change
		}
		ledger, err := OpenLedger(file, verifier)
		if err != nil {
			oneLine(t, err)
			ledger = &Ledger{}
			_ = ledger.IsOlderThan(file)
			return
		}
		again, err := ledger.Sign(signer)
		if err != nil || !bytes.Equal(again, file) {
			t.Errorf("%q is taken for %q: %v", file, again, err)
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

// Any text with the key that it is itself is no ledger.
func FuzzLedgerText(f *testing.F) {
	for _, seed := range []string{"", "— ", "\n\n— x y\n", "patronctl-erasures+x+y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := OpenLedger([]byte(ledgerFormat+"\n"+text), text); err == nil {
			t.Errorf("%q is a ledger", text)
		}
	})
}
