package forgetting

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
)

// Rewritten is a relation whose living rows were written to a new file.
type Rewritten struct {
	Relation string  `json:"relation"`
	LockedMS float64 `json:"locked_ms"` // how long readers had to wait, in milliseconds
}

// Unclean is a reason why some file still holds what was erased.
type Unclean struct {
	What string `json:"what"` // the setting, slot or file
	Why  string `json:"why"`
}

// Scrubbed is what a scrub came to.
type Scrubbed struct {
	Rewritten         []Rewritten `json:"rewritten"`
	Scrubbed          int         `json:"scrubbed"` // erasures of which no file of the server holds anything any more
	Waiting           int         `json:"waiting"`  // erasures that are not clean yet
	Unclean           []Unclean   `json:"unclean"`  // why, as far as it is the server's
	BackupsCleanAfter string      `json:"backups_clean_after"`
}

// scrubPause is how long everybody has their way before a relation is tried again.
const scrubPause = 300 * time.Millisecond

// Scrub removes what erased people of an authority (empty: of all) left in the server's files. What it has done stays done
// when it is interrupted. A relation is tried for Config.Timeout. step is told how many relations of how many were rewritten.
func Scrub(ctx context.Context, c *client.Client, why client.Why, authority string, step func(done, total int)) (*Scrubbed, error) {
	var plan struct{ Relations []string }
	err := c.Read(ctx, scrubOperation, why, nil, &plan, `SELECT desk.plan_scrub($1, nullif($2, ''))`, authority)
	if err != nil {
		return nil, err
	}
	result := &Scrubbed{Rewritten: []Rewritten{}}
	for n, relation := range plan.Relations {
		done, err := rewrite(ctx, c, why, relation)
		if err != nil {
			return nil, err
		}
		result.Rewritten = append(result.Rewritten, *done)
		step(n+1, len(plan.Relations))
	}
	return result, writeSlowly(ctx, c, why, result, `SELECT desk.finish_scrub($1, nullif($2, ''))`, authority)
}

const scrubOperation = "erasure scrub"

// rewrite tries until nobody who reads the relation, or still sees what was erased, is in the way.
func rewrite(ctx context.Context, c *client.Client, why client.Why, relation string) (*Rewritten, error) {
	patience, stop := context.WithTimeout(ctx, c.Config().Timeout)
	defer stop()
	for {
		var done Rewritten
		err := writeSlowly(ctx, c, why, &done, `SELECT desk.scrub_relation($1, $2)`, relation)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "LB409" && pg.Code != "55P03" && pg.Code != "40P01" {
			return &done, err
		}
		switch {
		case patience.Err() == nil:
		case pg.Code == "LB409":
			return nil, err
		default:
			return nil, &client.Error{
				Kind:    client.KindBusy,
				Message: relation + " is being read all the time",
				Hint:    "try again when there is less work, or give --timeout 5m",
				Cause:   err,
			}
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(scrubPause):
		}
	}
}

// writeSlowly is write for what may take longer than a transaction at a desk.
func writeSlowly(ctx context.Context, c *client.Client, why client.Why, answer any, query string, args ...any) error {
	access, err := c.Open(ctx, scrubOperation, why, nil)
	if err != nil {
		return err
	}
	return c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return client.Ask(ctx, tx, answer, query, append([]any{access}, args...)...)
	})
}
