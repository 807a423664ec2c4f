package people

import (
	"context"

	"patronctl/client"
)

// Reactivated is an account that is valid again.
type Reactivated struct {
	Patron    int64        `json:"patron"`
	Authority string       `json:"authority"`
	EndedOn   *client.Date `json:"ended_on"` // when it had expired or was deleted
	ExpiresOn client.Date  `json:"expires_on"`
	Access    int64        `json:"access"`
}

// Reactivate makes an expired or deleted account valid until a day, within the months of the setting.
func Reactivate(ctx context.Context, c *client.Client, why client.Why, ref string, expires client.Date) (*Reactivated, error) {
	var answer Reactivated
	err := c.Write(ctx, "patron reactivate", why, client.Criteria{"ref": ref}, &answer, `SELECT desk.reactivate($1, $2)`, expires.Param())
	return &answer, err
}
