package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// AuditHead vouches for every access record that was sealed before it: nobody can change one and keep the head.
type AuditHead struct {
	Database string    `json:"database"` // the number that this database and its backups have, and no other
	Restores int64     `json:"restores"` // how often the tree went on from a backup
	Size     int64     `json:"size"`     // records
	Root     tlog.Hash `json:"root"`     // base64
	At       time.Time `json:"at"`
	Lines    []string  `json:"lines"` // to be printed and kept: what is signed, and the signature

	lost   *AuditHead // what a restore lost; of the first head after one
	signed string     // the note
}

// headWord begins a head; "after" the line of a successor that names the head that was lost.
const headWord = "patronctl-audit-head"

func (h *AuditHead) place() string { return fmt.Sprintf("%d %d %s", h.Restores, h.Size, h.Root) }

// sign makes the signed note of a head.
func (h *AuditHead) sign(signer string) error {
	text := fmt.Sprintf("%s %s %s %s\n", headWord, h.Database, h.place(), h.At.UTC().Format(time.RFC3339))
	if h.lost != nil {
		text += "after " + h.lost.place() + "\n"
	}
	signed, err := sign(text, signer)
	h.note(string(signed))
	return err
}

// note keeps the signed note, and its lines to be printed.
func (h *AuditHead) note(signed string) {
	h.signed, h.Lines = signed, nil
	for line := range strings.Lines(signed) {
		if line = strings.TrimSpace(line); line != "" {
			h.Lines = append(h.Lines, line)
		}
	}
}

// errSignature is about a head that the key did not sign.
var errSignature = errors.New("a head of the audit tree is not signed with its key")

// openHead checks a signed head against the public half of the key.
func openHead(signed, verifier string) (*AuditHead, error) {
	key, err := note.NewVerifier(strings.TrimSpace(verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(key))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	h := &AuditHead{}
	h.note(signed)
	first, second, _ := strings.Cut(strings.TrimSuffix(opened.Text, "\n"), "\n")
	var root, at string
	if _, err = fmt.Sscanf(first, headWord+" %s %d %d %s %s", &h.Database, &h.Restores, &h.Size, &root, &at); err == nil {
		h.Root, err = tlog.ParseHash(root)
	}
	if err == nil {
		h.At, err = time.Parse(time.RFC3339, at)
	}
	if err == nil && second != "" {
		h.lost = &AuditHead{Database: h.Database}
		if _, err = fmt.Sscanf(second, "after %d %d %s", &h.lost.Restores, &h.lost.Size, &root); err == nil {
			h.lost.Root, err = tlog.ParseHash(root)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	return h, nil
}

// readHead reads a head as it was printed, with or without the empty line before the signature.
func readHead(text, verifier string) (*AuditHead, error) {
	said, signature, _ := strings.Cut(strings.ReplaceAll(text, "\r", ""), "— ")
	h, err := openHead(strings.TrimSpace(said)+"\n\n— "+strings.TrimSpace(signature)+"\n", verifier)
	if err != nil {
		return nil, &Error{Kind: KindUsage, Message: "this is no head of the audit tree, or it was signed with another key", Hint: "give the lines that patronctl audit head printed", cause: err}
	}
	return h, nil
}
