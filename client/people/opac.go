package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"patronctl/client"
)

// PasswordCheck is whether a patron's password fits a card, as the online catalogue asks it.
type PasswordCheck struct {
	Patron      int64      `json:"patron"`
	Passed      bool       `json:"passed"`
	MustChange  bool       `json:"must_change"`  // a one-time code: let the patron in only to change it
	LockedUntil *time.Time `json:"locked_until"` // nil: not locked
	Access      int64      `json:"access"`
}

// PasswordChange is a password that a patron set.
type PasswordChange struct {
	Patron int64 `json:"patron"`
	Access int64 `json:"access"`
}

// CheckPassword tries a password against the stored hash of a card and reports the outcome. The password is compared
// in this process. A card that nobody has takes as long and is told as a wrong password.
func CheckPassword(ctx context.Context, c *client.Client, why client.Why, card, password string) (*PasswordCheck, error) {
	access, err := c.Open(ctx, "password check", why, client.Criteria{"card": card})
	if err != nil {
		return nil, err
	}
	var secret struct {
		State string  `json:"state"` // own, card, one_time
		Hash  *string `json:"hash"`
	}
	err = c.Answer(ctx, access, &secret, `SELECT desk.fetch_secret($1)`, nil, c.Reading)
	if failed, ok := errors.AsType[*client.Error](err); ok && failed.Kind == client.KindNotFound {
		hashSecret(password)
		return &PasswordCheck{Access: access}, nil
	}
	if err != nil {
		return nil, err
	}
	fits := false
	switch secret.State {
	case "card":
		fits = subtle.ConstantTimeCompare([]byte(password), []byte(strings.TrimSpace(card))) == 1
	case "one_time":
		fits = matches(*secret.Hash, spellCode(password))
	default:
		fits = matches(*secret.Hash, password)
	}
	var check PasswordCheck
	err = c.Answer(ctx, access, &check, `SELECT desk.report_check($1, $2)`, []any{fits}, c.Writing(access))
	if err != nil {
		return nil, err
	}
	return &check, nil
}

// CheckSecret refuses a password that a patron chose when it is too short, or the number of the card.
func CheckSecret(card, password string) error {
	if utf8.RuneCountInString(password) < 8 || strings.TrimSpace(card) == strings.TrimSpace(password) {
		return &client.Error{Kind: client.KindUsage, Message: "a password takes at least 8 characters, and is not the card number"}
	}
	return nil
}

// ChangePassword stores the hash of a password that a patron chose, within ten minutes of a check that passed.
func ChangePassword(ctx context.Context, c *client.Client, why client.Why, card, password string) (*PasswordChange, error) {
	if err := CheckSecret(card, password); err != nil {
		return nil, err
	}
	var change PasswordChange
	err := c.Write(ctx, "password change", why, client.Criteria{"card": card}, &change, `SELECT desk.change_secret($1, $2)`,
		hashSecret(password))
	if err != nil {
		return nil, err
	}
	return &change, nil
}

// spellCode is a one-time code as newCode wrote it, however somebody typed it from paper.
func spellCode(typed string) string {
	var code strings.Builder
	n := 0
	for _, r := range strings.ToUpper(typed) {
		if r == '-' || r == ' ' {
			continue
		}
		if n > 0 && n%4 == 0 {
			code.WriteByte('-')
		}
		code.WriteRune(r)
		n++
	}
	return code.String()
}

// matches tells whether a secret made a hash, an argon2id one in PHC text.
func matches(hash, secret string) bool {
	parts := strings.Split(hash, "$")
	var memory, passes uint32
	var lanes uint8
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || memory > 1<<20 || passes == 0 ||
		passes > 100 || lanes == 0 {
		return false
	}
	salt, wrong := base64.RawStdEncoding.DecodeString(parts[4])
	want, bad := base64.RawStdEncoding.DecodeString(parts[5])
	if wrong != nil || bad != nil || len(want) < 16 {
		return false
	}
	return subtle.ConstantTimeCompare(argon2.IDKey([]byte(secret), salt, passes, memory, lanes, uint32(len(want))), want) == 1
}
