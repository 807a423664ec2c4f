package staff

import (
	"context"
	"time"

	"patronctl/client"
)

// SupportGrant is one person, opened to a support engineer.
type SupportGrant struct {
	Login   string     `json:"login"`
	Patron  int64      `json:"patron"`
	Until   *time.Time `json:"until"` // nil: closed
	Access  int64      `json:"access"`
	Receipt string     `json:"receipt,omitempty"` // for audit.ProveReceipt
}

// GrantSupport opens one person to a support engineer for some hours: patron show then shows personal values.
func GrantSupport(ctx context.Context, c *client.Client, why client.Why, login, ref string, hours int) (*SupportGrant, error) {
	var grant SupportGrant
	err := c.Write(ctx, "staff grant support", why, client.Criteria{"ref": ref}, &grant, `SELECT desk.grant_support($1, $2, $3)`, login, hours)
	if err != nil {
		return nil, err
	}
	return &grant, nil
}

// RevokeSupport closes a person to a support engineer again.
func RevokeSupport(ctx context.Context, c *client.Client, why client.Why, login, ref string) (*SupportGrant, error) {
	var grant SupportGrant
	err := c.Write(ctx, "staff revoke support", why, client.Criteria{"ref": ref}, &grant, `SELECT desk.revoke_support($1, $2)`, login)
	if err != nil {
		return nil, err
	}
	return &grant, nil
}
