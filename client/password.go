package client

import (
	"context"
	"time"
)

// PasswordReset is the outcome of a reset. Code is set in mode one_time only and exists nowhere else.
type PasswordReset struct {
	Patron    int64      `json:"patron"`
	Mode      string     `json:"mode"` // one_time, card
	Code      string     `json:"code,omitempty"`
	ExpiresAt *time.Time `json:"expires_at"`
	Unlocked  bool       `json:"unlocked"` // a lock-out was lifted
	Access    int64      `json:"access"`
}

// ResetPassword clears a patron's secret, lifts a lock-out, and issues a one-time code (or, by the authority's setting, lets the card number work again).
func (c *Client) ResetPassword(ctx context.Context, why Why, ref string) (*PasswordReset, error) {
	panic("stub")
}
