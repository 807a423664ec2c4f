package audit

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
)

// LoginEvent is one line of the server's log about a login: that it got in, why it did not, or what it was refused later.
type LoginEvent struct {
	At      time.Time `json:"at"`
	Login   string    `json:"login"`   // empty when there is no such login: what was typed may be a password
	From    string    `json:"from"`    // the address; [local] is a socket of the server's machine
	Outcome string    `json:"outcome"` // ok, wrong password, no such login, expired, disabled, not allowed, too many, denied
	What    string    `json:"what"`    // what was denied, in the server's words
}

// LoginFilter narrows ListLogins; zero fields do not.
type LoginFilter struct {
	Login  string
	Failed bool // only what is not ok
	Since  *time.Time
	Limit  int
}

// errEnough ends a transaction whose rows nobody wants any more.
var errEnough = errors.New("enough")

// ListLogins reads from the server's log who logged in to this database, who failed to, and who was denied something, newest
// first. The log goes back a week.
func ListLogins(ctx context.Context, c *client.Client, why client.Why, f LoginFilter) iter.Seq2[LoginEvent, error] {
	return func(yield func(LoginEvent, error) bool) {
		access, err := c.Open(ctx, "audit logins", why, nil)
		if err == nil {
			err = c.Unhurried(ctx, func(ctx context.Context, tx pgx.Tx) error {
				rows, err := tx.Query(ctx, `SELECT at, name, client, outcome, what FROM desk.list_logins($1, $2, $3, $4, $5)`,
					access, f.Failed, client.OrNull(f.Login), f.Since, client.OrNull(f.Limit))
				if err != nil {
					return err
				}
				var e LoginEvent
				_, err = pgx.ForEachRow(rows, []any{&e.At, &e.Login, &e.From, &e.Outcome, &e.What}, func() error {
					if !yield(e, nil) {
						return errEnough
					}
					return nil
				})
				return err
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(LoginEvent{}, err)
		}
	}
}

// LoginCounts are the logins of a stretch of time, as they were sealed.
type LoginCounts struct {
	From   *time.Time   `json:"from"` // where the last counting ended; nil when there was none
	Until  time.Time    `json:"until"`
	Gap    bool         `json:"gap"` // the log had lost lines since then, uncounted
	OK     int          `json:"ok"`
	Failed int          `json:"failed"`
	Denied int          `json:"denied"`
	Logins []LoginCount `json:"logins"`
}

// LoginCount is a login on a day. An empty login stands for all that do not exist.
type LoginCount struct {
	Login  string `json:"login"`
	Day    string `json:"day"` // ISO, in UTC
	OK     int    `json:"ok"`
	Failed int    `json:"failed"`
	Denied int    `json:"denied"`
}

// CollectLogins counts the logins since the last time into the access records.
func CollectLogins(ctx context.Context, c *client.Client, why client.Why) (*LoginCounts, error) {
	var counts LoginCounts
	if err := c.Long(ctx, "audit collect", why, nil, &counts, `SELECT desk.collect_logins($1)`); err != nil {
		return nil, err
	}
	return &counts, nil
}
