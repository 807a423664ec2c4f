// Package audit is the records of who opened whose data: listing them, counting logins, sealing them into a signed tree,
// and proving what is in it. Its Observer is the witness that compares the tree at each connection with what was seen last. It
// imports the core only.
package audit

import (
	"context"
	"encoding/json"
	"time"

	"patronctl/client"
)

// Access is one record of somebody opening personal data, or being refused.
type Access struct {
	Access    int64           `json:"access"`
	At        time.Time       `json:"at"`
	Login     string          `json:"login"`
	Authority string          `json:"authority"`
	Operation string          `json:"operation"`
	Purpose   string          `json:"purpose"`
	Reason    string          `json:"reason"`
	Outcome   string          `json:"outcome"`           // allowed, denied, not_found
	Because   string          `json:"because,omitempty"` // why it was denied
	Patrons   []int64         `json:"patrons"`
	Result    json.RawMessage `json:"result,omitempty"` // what the write did: counts, never values; null when nothing was written
}

// Filter narrows ListAccesses; zero fields do not.
type Filter struct {
	Login     string
	Patron    int64
	Operation string
	Outcome   string
	Since     *time.Time
	Until     *time.Time
	Limit     int
}

// ListAccesses returns access records, newest first, as far as the caller may see them.
func ListAccesses(ctx context.Context, c *client.Client, why client.Why, f Filter) ([]Access, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	var records []Access
	err := c.Read(ctx, "audit list", why, nil, &records, `SELECT desk.list_accesses($1, $2, $3, $4, $5, $6, $7, $8)`,
		client.OrNull(f.Login), client.OrNull(f.Patron), client.OrNull(f.Operation), client.OrNull(f.Outcome), f.Since, f.Until, f.Limit)
	return records, err
}

// ShowAccess returns one access record with its result, which tells whether a write of unknown outcome was done.
func ShowAccess(ctx context.Context, c *client.Client, why client.Why, id int64) (*Access, error) {
	var record Access
	err := c.Read(ctx, "audit show", why, client.Criteria{"access": id}, &record, `SELECT desk.show_access($1)`)
	if err != nil {
		return nil, err
	}
	return &record, nil
}
