package client

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
)

// Why is what a member of staff gives as grounds for an access.
type Why struct {
	// Purpose is one of the purposes the database knows; empty means the default of the verb.
	Purpose string
	// Reason is about the matter (a ticket number), never about the person.
	Reason string
}

// Criteria say what an access is to open; desk.open_access documents them.
type Criteria map[string]any

// Open records an access, committed before anything is shown, and returns its number. What came of it is learned by the
// call that carries the number.
func (c *Client) Open(ctx context.Context, operation string, why Why, about Criteria) (access int64, err error) {
	if about == nil {
		about = Criteria{}
	}
	c.erased = c.erased || erases(operation)
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT desk.open_access($1, $2, $3, $4)`, operation, why.Purpose, why.Reason, about).Scan(&access)
	})
	return access, err
}

// Read opens an access and reads the JSON answer of query, whose $1 is the access.
func (c *Client) Read(ctx context.Context, operation string, why Why, about Criteria, answer any, query string, args ...any) error {
	return c.act(ctx, false, operation, why, about, answer, query, args)
}

// Write is read for what changes something: a commit of unknown outcome names the access.
func (c *Client) Write(ctx context.Context, operation string, why Why, about Criteria, answer any, query string, args ...any) error {
	return c.act(ctx, true, operation, why, about, answer, query, args)
}

// Long is write without a time limit, for work on as many people as there are.
func (c *Client) Long(ctx context.Context, operation string, why Why, about Criteria, answer any, query string, args ...any) error {
	access, err := c.Open(ctx, operation, why, about)
	if err != nil {
		return err
	}
	return c.Answer(ctx, access, answer, query, args, func(ctx context.Context, work Work) error {
		return c.transaction(ctx, beginLong, access, work)
	})
}

func (c *Client) act(ctx context.Context, writing bool, operation string, why Why, about Criteria, answer any, query string,
	args []any,
) error {
	access, err := c.Open(ctx, operation, why, about)
	if err != nil {
		return err
	}
	if writing {
		return c.Answer(ctx, access, answer, query, args, c.Writing(access))
	}
	return c.Answer(ctx, access, answer, query, args, c.Reading)
}

// Work is what is done in one transaction.
type Work = func(context.Context, pgx.Tx) error

// Reading is a transaction that changes nothing.
func (c *Client) Reading(ctx context.Context, work Work) error {
	return c.Transact(ctx, 0, work)
}

// Unhurried is a transaction without a time limit, for reading as many records as there are.
func (c *Client) Unhurried(ctx context.Context, work Work) error {
	return c.transaction(ctx, beginLong, 0, work)
}

// Writing is a transaction whose commit of unknown outcome names the access.
func (c *Client) Writing(access int64) func(context.Context, Work) error {
	return func(ctx context.Context, work Work) error {
		return c.Transact(ctx, access, work)
	}
}

// Answer makes the call that carries an access, and reads its JSON.
func (c *Client) Answer(
	ctx context.Context, access int64, answer any, query string, args []any, transact func(context.Context, Work) error,
) error {
	var document []byte
	err := transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, query, append([]any{access}, args...)...).Scan(&document)
	})
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(document, answer)
}

// Ask reads one JSON answer within a transaction.
func Ask(ctx context.Context, tx pgx.Tx, answer any, query string, args ...any) error {
	var document []byte
	if err := tx.QueryRow(ctx, query, args...).Scan(&document); err != nil {
		return err
	}
	return json.Unmarshal(document, answer)
}

// OrNull leaves an argument out when it is the zero value.
func OrNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
