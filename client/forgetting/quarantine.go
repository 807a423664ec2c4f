package forgetting

import (
	"context"
	"time"

	"patronctl/client"
)

// Quarantine tells whether the database answers nobody but the replay of the ledger.
type Quarantine struct {
	Database   string     `json:"database"`
	Number     int64      `json:"number"` // of the last entry of the ledger
	Since      *time.Time `json:"quarantined_at"`
	ReplayTo   *int64     `json:"replay_to"`   // the entry as far as which the ledger must be replayed; null for none
	ReplayedTo int64      `json:"replayed_to"` // the entry as far as which it was
}

// ShowQuarantine tells how things are.
func ShowQuarantine(ctx context.Context, c *client.Client, why client.Why) (*Quarantine, error) {
	var q Quarantine
	if err := c.Read(ctx, "erasure quarantine", why, nil, &q, `SELECT desk.show_quarantine($1)`); err != nil {
		return nil, err
	}
	return &q, nil
}

// SetQuarantine closes the database, or opens it when no replay is outstanding.
func SetQuarantine(ctx context.Context, c *client.Client, why client.Why, closed bool) (*Quarantine, error) {
	var q Quarantine
	if err := c.Write(ctx, "erasure quarantine", why, nil, &q, `SELECT desk.set_quarantine($1, $2)`, closed); err != nil {
		return nil, err
	}
	return &q, nil
}
