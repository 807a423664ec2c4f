package client

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Names lists the codes of a kind (authority, branch, category, rule, or those still open of plan, request, disclosure) for
// completion. They tell
// nothing about people, so nothing is recorded.
func (c *Client) Names(ctx context.Context, kind string) (names []string, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT desk.names($1)`, kind)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, err
}
