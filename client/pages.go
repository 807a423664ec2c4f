package client

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"
)

// PageSize is how many rows are read at a time of what has no end, and in memory at a time.
const PageSize = 2000

// ChunkSize is the most people that one access opens.
const ChunkSize = 2000

// Pages reads rows with one access, page by page, each in a transaction of its own. The arguments of query are the access,
// args, the key of the last row seen, and how many rows to return.
func Pages[T any](
	ctx context.Context, c *Client, operation string, why Why, key func(T) int64, query string, args ...any,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		access, err := c.Open(ctx, operation, why, nil)
		if err != nil {
			yield(none, err)
			return
		}
		var after int64
		for {
			var page []T
			err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
				return Ask(ctx, tx, &page, query, append(append([]any{access}, args...), after, PageSize)...)
			})
			if err != nil {
				yield(none, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
				after = key(row)
			}
			if len(page) == 0 { // not "fewer than asked for": the server may give smaller pages
				return
			}
		}
	}
}
