package staff

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"patronctl/client"
)

// minPassword is the least number of characters of a password that is the only factor (NIST SP 800-63B-4).
const minPassword = 15

// commonParts are what passwords are commonly made of, one a line: collected for this project from keyboards, calendars and
// the words people say when they are asked for one. Lines beginning with # are comments.
//
//go:embed common.txt
var commonParts string

// CheckPassword refuses a password of staff that is too short, that consists of common words, rows of keys and the login,
// or that programs would not agree on how to spell. The error never repeats it.
func CheckPassword(login, password string) error {
	spelled, err := precis.OpaqueString.String(password)
	switch {
	case !utf8.ValidString(password) || err != nil || spelled != norm.NFKC.String(password):
		// libpq spells by SASLprep (NFKC), others by its successor (NFC): one of them could not log in.
		return &client.Error{
			Kind:    client.KindUsage,
			Message: "the password holds characters that programs spell differently",
			Hint:    "leave out control characters, and letters in special shapes such as full-width or ligatures",
		}
	case utf8.RuneCountInString(spelled) < minPassword || isCommon(login, spelled):
		return weakPassword()
	}
	return nil
}

func weakPassword() error {
	return &client.Error{
		Kind: client.KindUsage,
		Message: fmt.Sprintf("the password is too easy to guess: it takes at least %d characters that are not just common words, rows of "+
			"keys or the login", minPassword),
		Hint: "take five or six words that have nothing to do with each other",
	}
}

// isCommon tells whether little is left of a password without its common parts.
func isCommon(login, password string) bool {
	fold := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	left := fold(password)
	var parts []string
	for line := range strings.Lines(commonParts + fold(login)) {
		if part := strings.TrimSpace(line); len(part) > 2 && part[0] != '#' {
			parts = append(parts, part, "")
		}
	}
	distinct := map[rune]bool{}
	for _, r := range left {
		distinct[r] = true
	}
	return len(distinct) < 6 || utf8.RuneCountInString(strings.NewReplacer(parts...).Replace(left)) < 6
}

// scramVerifier is what PostgreSQL stores of a password (RFC 5803, RFC 7677), with its default of 4096 iterations. Who has
// it cannot log in with it.
func scramVerifier(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return scramSalted(norm.NFKC.String(password), salt)
}

func scramSalted(password string, salt []byte) string {
	const iterations = 4096
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		panic(err) // for a key length that nobody has
	}
	stored := sha256.Sum256(keyed(salted, "Client Key"))
	text := base64.StdEncoding
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, text.EncodeToString(salt), text.EncodeToString(stored[:]),
		text.EncodeToString(keyed(salted, "Server Key")))
}

func keyed(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
