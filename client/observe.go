package client

import "context"

// An Observer sees each connection that has a StateDir: what the database says of its ledger of erasures and of its audit tree
// before any work is done, and again after people were erased.
type Observer interface {
	// Seen are the heads of ledgers that were kept, of all databases: which of them this is, it knows itself.
	Seen(c *Client) []string
	// Told hears what the database says, or the error with which it does not. An error that it returns ends the connection.
	Told(ctx context.Context, c *Client, told Heads, err error) error
	// Closing hears that the work is done.
	Closing(c *Client)
}

// Heads is what a database says of its ledger and of its audit tree.
type Heads struct {
	Database    string
	Number      int64
	Keep        *string // proof of the ledger's head; nil while nobody was erased
	Quarantined bool
	Verifier    *string  // of the key that signs the audit tree; nil while nothing was sealed
	Head        *string  // the newest one, signed
	Successors  []string // the first heads after restores
	Wrong       *string  // that sealed rows were touched since the sealer looked
	Notices     []string // lines for this login to see
}

// Heads asks for the newest heads and shows those of the ledger that were seen earlier, in one round trip: a database that
// lacks one of its own was restored from a backup, and closes.
func (c *Client) Heads(ctx context.Context, seen []string) (h Heads, err error) {
	const query = `
		SELECT database::text, number, keep, quarantined, verifier, head, successors, wrong, notices
		FROM desk.heads($1::text[])`
	err = c.Once(ctx, query, []any{seen},
		&h.Database, &h.Number, &h.Keep, &h.Quarantined, &h.Verifier, &h.Head, &h.Successors, &h.Wrong, &h.Notices)
	return h, err
}

// observe asks for the newest heads and tells whoever observes.
func (c *Client) observe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	seen := []string{}
	for _, o := range c.config.Observers {
		seen = append(seen, o.Seen(c)...)
	}
	told, err := c.Heads(ctx, seen)
	if c.conn.IsClosed() {
		return err
	}
	if err == nil {
		c.notices = told.Notices
	}
	for _, o := range c.config.Observers {
		if err := o.Told(ctx, c, told, err); err != nil {
			return err
		}
	}
	return nil
}
