package people

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"patronctl/client"
)

// ResetPreview is what a question before a reset names.
type ResetPreview struct {
	Patron int64  `json:"patron"`
	Name   string `json:"name"`
	State  string `json:"state"` // own, card, one_time, locked, external
	Mode   string `json:"mode"`  // one_time, card
}

// PasswordReset is the outcome of a reset. Code is set in mode one_time only and exists nowhere else.
type PasswordReset struct {
	Patron    int64      `json:"patron"`
	Mode      string     `json:"mode"` // one_time, card
	Code      *string    `json:"code"`
	ExpiresAt *time.Time `json:"expires_at"`
	Unlocked  bool       `json:"unlocked"` // a lock-out was lifted
	Access    int64      `json:"access"`
}

// PreviewReset tells whose password a reset would replace. It is an access of its own.
func PreviewReset(ctx context.Context, c *client.Client, why client.Why, ref string) (*ResetPreview, error) {
	var preview ResetPreview
	err := c.Read(ctx, "password reset", why, client.Criteria{"ref": ref}, &preview, `SELECT desk.preview_reset($1)`)
	if err != nil {
		return nil, err
	}
	return &preview, nil
}

// ResetPassword clears a patron's secret, lifts a lock-out, and issues a one-time code (or, by the authority's setting,
// lets the card number work again). Only the hash of the code leaves this process.
func ResetPassword(ctx context.Context, c *client.Client, why client.Why, ref string) (*PasswordReset, error) {
	code := newCode()
	var reset PasswordReset
	err := c.Write(ctx, "password reset", why, client.Criteria{"ref": ref}, &reset, `SELECT desk.reset_password($1, $2)`, hashSecret(code))
	if err != nil {
		return nil, err
	}
	if reset.Mode == "one_time" {
		reset.Code = &code
	}
	return &reset, nil
}

// codeLetters leaves out what is mistaken for something else on paper or by telephone: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
// 23 letters to the power of 16 are 72 bits.
const codeLetters = "34679ACDEFGHJKMNPQRTWXY"

// newCode returns sixteen letters in groups of four.
func newCode() string {
	var code strings.Builder
	letter := make([]byte, 1)
	for n := 0; n < 16; {
		_, _ = rand.Read(letter) // never fails
		if int(letter[0]) >= 256-256%len(codeLetters) {
			continue // every letter equally likely
		}
		if n > 0 && n%4 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[int(letter[0])%len(codeLetters)])
		n++
	}
	return code.String()
}

// hashSecret is argon2id in PHC text with the parameters that OWASP recommends (19 MiB, two passes, one lane).
func hashSecret(secret string) string {
	const memory, passes, lanes, length = 19 * 1024, 2, 1, 32
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	hash := argon2.IDKey([]byte(secret), salt, passes, memory, lanes, length)
	text := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, passes, lanes, text.EncodeToString(salt), text.EncodeToString(hash))
}
