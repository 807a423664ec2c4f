package forgetting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
)

// Run is one attempt at a plan. Outcome is running, done, stopped or broken off; remaining people are done by the next run.
type Run struct {
	ID        int64   `json:"run"`
	Plan      int64   `json:"plan"`
	Login     string  `json:"login"`
	StartedAt string  `json:"started_at"` // RFC 3339
	EndedAt   *string `json:"ended_at"`
	Outcome   string  `json:"outcome"`
	Done      int     `json:"done"` // people
	Skipped   int     `json:"skipped"`
	Remaining int     `json:"remaining"`
}

// PlanRun is a plan with one of its runs; Run is 0 for a plan that was not run yet.
type PlanRun struct {
	Run
	State  string   `json:"state"` // of the plan
	Origin string   `json:"origin"`
	MadeAt string   `json:"made_at"`
	Hash   string   `json:"hash"`
	Todo   int      `json:"todo"`
	Rules  []string `json:"rules"` // rule and authority
}

// RunOptions say how a plan is run.
type RunOptions struct {
	Due   bool          // under the right of the nightly job
	Batch int           // people in a transaction, at most 2,000
	Pause time.Duration // between batches, at most 20 seconds: the plan is given up after 30 seconds of silence
	Limit time.Duration // begin no batch after this long; 0: to the end
	// Progress is called after every batch; it must be given.
	Progress func(Run)
}

// RunPlan does what a plan says, batch by batch. Stopped in between, by ctx or by Limit, it returns how far it came, and
// the next run goes on there.
func RunPlan(ctx context.Context, c *client.Client, why client.Why, plan int64, opt RunOptions) (*Run, error) {
	operation := "retention run"
	if opt.Due {
		operation = "retention run due"
	}
	var run Run
	// Starting compares the whole list with its hash.
	if err := c.Long(ctx, operation, why, client.Criteria{"plan": plan, "batch": 0}, &run, `SELECT desk.start_run($1)`); err != nil {
		return nil, err
	}
	var enough <-chan time.Time // never, when there is no limit
	if opt.Limit > 0 {
		enough = time.After(opt.Limit)
	}
	for run.Outcome == "running" {
		select {
		case <-enough:
			return &run, stopRun(ctx, c, operation, why, &run)
		case <-ctx.Done():
			_ = stopRun(ctx, c, operation, why, &run) // the interruption is what the caller hears of
			return &run, context.Cause(ctx)
		default:
		}
		before := run.Remaining
		err := batch(ctx, c, operation, why, client.Criteria{"plan": plan, "batch": opt.Batch}, &run, `SELECT desk.run_batch($1, $2)`, run.ID)
		if err != nil {
			_ = stopRun(ctx, c, operation, why, &run) // the next run would wait for this one; the error is what counts
			return &run, err
		}
		opt.Progress(run)
		if run.Outcome == "running" && run.Remaining == before {
			_ = stopRun(ctx, c, operation, why, &run)
			return &run, &client.Error{
				Kind: client.KindRefused, Message: fmt.Sprintf("plan %d has nobody left to do, though %d people are not done", plan, run.Remaining),
				Hint: "another plan may have taken its place: patronctl retention runs",
			}
		}
		pause(ctx, opt.Pause)
	}
	return &run, nil
}

// batch is long, tried again when it and another batch waited for each other: nothing of it was done then.
func batch(ctx context.Context, c *client.Client, operation string, why client.Why, about client.Criteria, answer any, query string,
	args ...any,
) (err error) {
	for range 3 {
		err = c.Long(ctx, operation, why, about, answer, query, args...)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "40P01" {
			return err
		}
	}
	return err
}

// stopRun lets go of a plan, also when ctx has ended.
func stopRun(ctx context.Context, c *client.Client, operation string, why client.Why, run *Run) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), client.CommitLimit)
	defer cancel()
	return c.Write(ending, operation, why, client.Criteria{"plan": run.Plan, "batch": 0}, run, `SELECT desk.stop_run($1, $2)`, run.ID)
}

func pause(ctx context.Context, length time.Duration) {
	if length <= 0 {
		return
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Runs lists plans and their runs, newest first.
func Runs(ctx context.Context, c *client.Client, why client.Why, most int) (runs []PlanRun, err error) {
	err = c.Read(ctx, "retention list", why, nil, &runs, `SELECT desk.list_runs($1, $2)`, most)
	return runs, err
}
