package forgetting

import (
	"context"
	"errors"
	"slices"
	"time"

	"patronctl/client"
)

// Replayed is what a replay of the ledger did.
type Replayed struct {
	Erased int64   `json:"erased"` // again
	Absent int64   `json:"absent"` // not in this database: entered into the ledger only
	Known  int64   `json:"known"`  // erased here already
	Reused []int64 `json:"reused"` // numbers that somebody else has by now: not erased
}

const replayTries = 5

// Replay erases again everybody whom an export of the ledger names, in chunks of their own transactions. It may be broken
// off anywhere and run again. done, when not nil, is told how many entries were dealt with. An error comes with what was
// done before it.
func Replay(ctx context.Context, c *client.Client, why client.Why, ledger *Ledger, done func(entries int)) (*Replayed, error) {
	out := &Replayed{Reused: []int64{}}
	head, err := c.Heads(ctx, nil)
	if err != nil {
		return out, err
	}
	if head.Database != ledger.Database {
		return out, &client.Error{
			Kind:    client.KindRefused,
			Message: "this export is of the ledger of another database",
			Hint:    "check --dsn or PGDATABASE, and the file",
		}
	}
	entries := 0
	for lines := range slices.Chunk(ledger.Lines, client.ChunkSize) {
		chunk, err := replayChunk(ctx, c, why, ledger.Lines[len(ledger.Lines)-1], lines)
		if err != nil {
			return out, err
		}
		out.Erased += chunk.Erased
		out.Absent += chunk.Absent
		out.Known += chunk.Known
		out.Reused = append(out.Reused, chunk.Reused...)
		if entries += len(lines); done != nil {
			done(entries)
		}
	}
	return out, nil
}

// replayChunk tries again for a while when somebody works on one of the patrons.
func replayChunk(ctx context.Context, c *client.Client, why client.Why, head string, lines []string) (chunk Replayed, err error) {
	patrons := make([]int64, len(lines))
	for i, line := range lines {
		patrons[i] = field(line, 1)
	}
	for range replayTries {
		err = c.Write(ctx, "erasure replay", why, client.Criteria{"erased": patrons}, &chunk, `SELECT desk.replay($1, $2, $3)`, head, lines)
		if busy, ok := errors.AsType[*client.Error](err); !ok || busy.Kind != client.KindBusy {
			return chunk, err
		}
		select {
		case <-ctx.Done():
			return chunk, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
	return chunk, err
}
