package client

import (
	"context"
	"encoding/json"
	"time"
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

// AuditFilter narrows ListAccesses; zero fields do not.
type AuditFilter struct {
	Login     string
	Patron    int64
	Operation string
	Outcome   string
	Since     *time.Time
	Until     *time.Time
	Limit     int
}

// ListAccesses returns access records, newest first, as far as the caller may see them.
func (c *Client) ListAccesses(ctx context.Context, why Why, f AuditFilter) ([]Access, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	var records []Access
	err := c.read(ctx, "audit list", why, nil, &records, `SELECT desk.list_accesses($1, $2, $3, $4, $5, $6, $7, $8)`,
		orNull(f.Login), orNull(f.Patron), orNull(f.Operation), orNull(f.Outcome), f.Since, f.Until, f.Limit)
	return records, err
}

// ShowAccess returns one access record with its result, which tells whether a write of unknown outcome was done.
func (c *Client) ShowAccess(ctx context.Context, why Why, id int64) (*Access, error) {
	var record Access
	err := c.read(ctx, "audit show", why, criteria{"access": id}, &record, `SELECT desk.show_access($1)`)
	if err != nil {
		return nil, err
	}
	return &record, nil
}
