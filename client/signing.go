package client

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signatures say which of these made them.
const (
	LedgerKey = "patronctl-erasures" // signs exports of the ledger of erasures
	AuditKey  = "patronctl-audit"    // signs heads of the audit tree
)

// NewKey makes a key of that name, in the notation of signed notes (golang.org/x/mod/sumdb/note).
func NewKey(name string) (signer string, err error) {
	signer, _, err = note.GenerateKey(rand.Reader, name)
	return signer, err
}

// Verifier is the public half of a key of that name, which checks signatures and cannot make them.
func Verifier(name, signer string) (verifier string, err error) {
	_, encoded, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(signer), "PRIVATE+KEY+"+name+"+"), "+")
	seed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return "", errors.New("not a key named " + name)
	}
	public, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("not a key of Ed25519")
	}
	return note.NewEd25519VerifierKey(name, public)
}

// Sign makes a signed note of a text that ends with a line break.
func Sign(text, signer string) ([]byte, error) {
	key, err := note.NewSigner(strings.TrimSpace(signer))
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: text}, key)
}
