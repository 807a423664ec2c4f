package audit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// Head vouches for every access record that was sealed before it: nobody can change one and keep the head.
type Head struct {
	Database string    `json:"database"` // the number that this database and its backups have, and no other
	Restores int64     `json:"restores"` // how often the tree went on from a backup
	Size     int64     `json:"size"`     // records
	Root     tlog.Hash `json:"root"`     // base64
	At       time.Time `json:"at"`
	Wrong    string    `json:"wrong,omitempty"` // what the sealer found not to be as it was sealed; empty when it found nothing
	Lines    []string  `json:"lines"`           // to be printed and kept: what is signed, and the signature

	lost   *Head  // what a restore lost; of the first head after one
	signed string // the note
}

// What the lines of a head begin with: the head, the one that a restore lost, and what the sealer found wrong.
const headWord, afterWord, wrongWord = "patronctl-audit-head", "after ", "wrong "

func (h *Head) place() string { return fmt.Sprintf("%d %d %s", h.Restores, h.Size, h.Root) }

// sign makes the signed note of a head.
func (h *Head) sign(signer string) error {
	text := fmt.Sprintf("%s %s %s %s\n", headWord, h.Database, h.place(), h.At.UTC().Format(time.RFC3339))
	if h.lost != nil {
		text += afterWord + h.lost.place() + "\n"
	}
	if h.Wrong != "" {
		text += wrongWord + h.Wrong + "\n"
	}
	signed, err := client.Sign(text, signer)
	h.note(string(signed))
	return err
}

// note keeps the signed note, and its lines to be printed.
func (h *Head) note(signed string) {
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
func openHead(signed, verifier string) (*Head, error) {
	key, err := note.NewVerifier(strings.TrimSpace(verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(key))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	h := &Head{}
	h.note(signed)
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	var root, at string
	if _, err = fmt.Sscanf(lines[0], headWord+" %s %d %d %s %s", &h.Database, &h.Restores, &h.Size, &root, &at); err == nil {
		h.Root, err = tlog.ParseHash(root)
	}
	if err == nil {
		h.At, err = time.Parse(time.RFC3339, at)
	}
	for _, line := range lines[1:] {
		if wrong, ok := strings.CutPrefix(line, wrongWord); ok {
			h.Wrong = wrong
		} else if err == nil {
			h.lost, err = readLost(h.Database, line)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSignature, err)
	}
	return h, nil
}

// readLost reads the line about a head that a restore lost.
func readLost(database, line string) (*Head, error) {
	lost := &Head{Database: database}
	var root string
	_, err := fmt.Sscanf(line, afterWord+"%d %d %s", &lost.Restores, &lost.Size, &root)
	if err == nil {
		lost.Root, err = tlog.ParseHash(root)
	}
	return lost, err
}

// readHead reads a head as it was printed, with or without the empty line before the signature.
func readHead(text, verifier string) (*Head, error) {
	said, signature, _ := strings.Cut(strings.ReplaceAll(text, "\r", ""), "— ")
	h, err := openHead(strings.TrimSpace(said)+"\n\n— "+strings.TrimSpace(signature)+"\n", verifier)
	if err != nil {
		return nil, &client.Error{
			Kind:    client.KindUsage,
			Message: "this is no head of the audit tree, or it was signed with another key",
			Hint:    "give the lines that patronctl audit head printed",
			Cause:   err,
		}
	}
	return h, nil
}
