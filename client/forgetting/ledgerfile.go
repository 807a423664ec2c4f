package forgetting

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"patronctl/client"
)

// ledgerFormat is the first line of an export. The lines after it are "name value"; a signature, an empty line and the
// entries follow.
const ledgerFormat = "patronctl erasures 1"

// Sign is the text of a file: who and how many are signed, and the entries by their hash.
func (l *Ledger) Sign(signer string) ([]byte, error) {
	entries := l.entries()
	signed, err := client.Sign(l.header(entries), signer)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{signed, entries}, []byte("\n")), nil
}

func (l *Ledger) entries() []byte {
	var b bytes.Buffer
	for _, line := range l.Lines {
		b.WriteString(line + "\n")
	}
	return b.Bytes()
}

func (l *Ledger) header(entries []byte) string {
	sum := sha256.Sum256(entries)
	return fmt.Sprintf("%s\ndatabase %s\nhead %d\nentries %d\nsha256 %s\n",
		ledgerFormat, l.Database, l.Head(), len(l.Lines), hex.EncodeToString(sum[:]))
}

// OpenLedger checks a file against the public half of the key that signed it. What is not exactly as it was signed is an
// *Error of KindRefused that says why.
func OpenLedger(file []byte, verifier string) (*Ledger, error) {
	key, err := note.NewVerifier(strings.TrimSpace(verifier))
	if err != nil {
		return nil, &client.Error{
			Kind:    client.KindUsage,
			Message: "that is not the verifier of a key",
			Hint:    "give the line that the first patronctl erasure export printed",
			Cause:   err,
		}
	}
	if !bytes.HasPrefix(file, []byte(ledgerFormat+"\n")) {
		return nil, refusedLedger("this is no export of the ledger", nil)
	}
	header, entries, signed := splitLedger(file)
	if !signed {
		return nil, refusedLedger("this export of the ledger has no signature", nil)
	}
	opened, err := note.Open(header, note.VerifierList(key))
	if unverified, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return nil, &client.Error{
			Kind: client.KindRefused, Message: "this export of the ledger was signed with another key", Cause: unverified,
			Hint: "give the line that was kept with the backups in a file: --verifier FILE",
		}
	}
	if err != nil {
		return nil, refusedLedger("this export of the ledger was altered: its signature does not fit", err)
	}
	ledger := &Ledger{}
	ledger.Lines = strings.Split(strings.TrimSuffix(string(entries), "\n"), "\n")
	if len(entries) == 0 {
		ledger.Lines = nil
	}
	if _, err := fmt.Sscanf(opened.Text, ledgerFormat+"\ndatabase %s\n", &ledger.Database); err != nil {
		return nil, refusedLedger("this is no export of the ledger", err)
	}
	if ledger.header(entries) != opened.Text {
		return nil, refusedLedger("this export of the ledger is cut off or altered: its entries are not those that were signed", nil)
	}
	return ledger, nil
}

func refusedLedger(message string, cause error) error {
	return &client.Error{
		Kind:    client.KindRefused,
		Message: message,
		Hint:    "take another copy of the file that patronctl erasure export wrote",
		Cause:   cause,
	}
}

// splitLedger finds the signed note at the beginning of a file.
func splitLedger(file []byte) (header, entries []byte, signed bool) {
	text, rest, signed := bytes.Cut(file, []byte("\n\n— "))
	if !signed {
		return nil, nil, false
	}
	signature, entries, _ := bytes.Cut(rest, []byte("\n\n"))
	size := len(text) + len("\n\n— ") + len(signature)
	header = append(bytes.Clone(file[:size]), '\n')
	return header, entries, true
}

// IsOlderThan tells whether a file claims, signed or not, to hold more of the same database's ledger.
func (l *Ledger) IsOlderThan(file []byte) bool {
	var database string
	var head int64
	_, err := fmt.Sscanf(string(file[:min(len(file), 200)]), ledgerFormat+"\ndatabase %s\nhead %d\n", &database, &head)
	return err == nil && database == l.Database && head > l.Head()
}
