package client

import "context"

// Reactivated is an account that is valid again.
type Reactivated struct {
	Patron    int64  `json:"patron"`
	Authority string `json:"authority"`
	EndedOn   *Date  `json:"ended_on"` // when it had expired or was deleted
	ExpiresOn Date   `json:"expires_on"`
	Access    int64  `json:"access"`
}

// Reactivate makes an expired or deleted account valid until a day, within the months of the setting.
func (c *Client) Reactivate(ctx context.Context, why Why, ref string, expires Date) (*Reactivated, error) {
	var answer Reactivated
	err := c.write(ctx, "patron reactivate", why, criteria{"ref": ref}, &answer, `SELECT desk.reactivate($1, $2)`, expires.param())
	return &answer, err
}
