package client

import (
	"context"
	"time"
)

// The words of requests, as the database knows them.
var (
	RequestKinds    = []string{"access", "portability", "erasure", "rectification", "objection"}
	RequestPauses   = []string{"identity", "clarification"}
	RequestDelays   = []string{"complexity", "number"}
	RequestOutcomes = []string{"granted", "refused", "withdrawn"}
	RequestGrounds  = []string{
		"unfounded", "excessive", "identity", "not-held", "not-applicable", "others-rights", "legal-duty", "public-task",
		"claims", "overriding-grounds", "other-means",
	}
)

// Request is what a person asked of an authority about their data, and where that stands. Days are those of the authority.
type Request struct {
	ID              int64         `json:"request"`
	Authority       string        `json:"authority"` // that was asked, and decides
	Kind            string        `json:"kind"`
	Patron          *int64        `json:"patron"` // nil: nobody the library knows
	Home            string        `json:"home"`   // of the patron; empty: unknown
	Law             string        `json:"law"`    // eu or uk: whose clock it has
	ReceivedOn      Date          `json:"received_on"`
	Matter          string        `json:"matter"`    // the reason given when it was opened
	State           string        `json:"state"`     // open, paused, closed
	DueOn           *Date         `json:"due_on"`    // the last day; nil while paused
	DaysLeft        *int          `json:"days_left"` // negative when overdue; nil when closed
	Overdue         bool          `json:"overdue"`
	Late            bool          `json:"late"` // closed after its last day
	PausedDays      int           `json:"paused_days"`
	WaitsFor        string        `json:"waits_for"`        // what a paused one waits for
	ExtendedBecause string        `json:"extended_because"` // empty: it was not
	ClosedOn        *Date         `json:"closed_on"`
	Outcome         string        `json:"outcome"`
	Ground          string        `json:"ground"`
	Answers         []int64       `json:"answers"` // accesses of the exports and the erasure made for it
	History         []RequestStep `json:"history,omitempty"`
	Receipt         string        `json:"receipt,omitempty"` // of a write, for ProveReceipt
}

// RequestStep is something that was done about a request.
type RequestStep struct {
	Step    string    `json:"step"` // open, pause, resume, extend, export, erase, close
	At      time.Time `json:"at"`   // when it was entered
	On      Date      `json:"on"`   // the day it counts from
	Because string    `json:"because"`
	Outcome string    `json:"outcome"`
	Login   string    `json:"login"`
	Matter  string    `json:"matter"`
	Access  int64     `json:"access"`
}

// NewRequest is a request to be opened.
type NewRequest struct {
	Ref       string // PATRON; empty: nobody the library knows, and Why needs a reason that names the matter
	Kind      string
	Received  Date
	Authority string // empty: the patron's home, else the only one of the login
}

// OpenRequest enters a request and starts its clock.
func (c *Client) OpenRequest(ctx context.Context, why Why, r NewRequest) (*Request, error) {
	operation, about := "request open", criteria{"ref": r.Ref}
	if r.Ref == "" {
		operation, about = "request open unknown", nil
	}
	var opened Request
	err := c.write(ctx, operation, why, about, &opened, `SELECT desk.open_request($1, $2, $3, $4)`, r.Kind, r.Received.param(), orNull(r.Authority))
	return &opened, err
}

// PauseRequest stops the clock from a day on, where the law of the request knows that.
func (c *Client) PauseRequest(ctx context.Context, why Why, id int64, waitsFor string, on Date) (*Request, error) {
	return c.decide(ctx, why, `SELECT desk.pause_request($1, $2, $3, $4)`, id, waitsFor, on.param())
}

// ResumeRequest lets the clock go on from a day on; the days between are added.
func (c *Client) ResumeRequest(ctx context.Context, why Why, id int64, on Date) (*Request, error) {
	return c.decide(ctx, why, `SELECT desk.resume_request($1, $2, $3)`, id, on.param())
}

// ExtendRequest adds two months, once and within the first.
func (c *Client) ExtendRequest(ctx context.Context, why Why, id int64, because string) (*Request, error) {
	return c.decide(ctx, why, `SELECT desk.extend_request($1, $2, $3)`, id, because)
}

// CloseRequest ends a request. A refusal needs a ground.
func (c *Client) CloseRequest(ctx context.Context, why Why, id int64, outcome, ground string) (*Request, error) {
	return c.decide(ctx, why, `SELECT desk.close_request($1, $2, $3, $4)`, id, outcome, orNull(ground))
}

func (c *Client) decide(ctx context.Context, why Why, query string, args ...any) (*Request, error) {
	var decided Request
	err := c.write(ctx, "request decide", why, nil, &decided, query, args...)
	return &decided, err
}

// Requests lists those to an authority (empty: to all where the login has a right), and for its officers those about its
// patrons, wherever they asked: overdue first; closed ones on demand.
func (c *Client) Requests(ctx context.Context, why Why, authority string, closed bool) (requests []Request, err error) {
	err = c.read(ctx, "request list", why, nil, &requests, `SELECT desk.list_requests($1, $2, $3)`, orNull(authority), closed)
	return requests, err
}

// ShowRequest returns a request with its history.
func (c *Client) ShowRequest(ctx context.Context, why Why, id int64) (*Request, error) {
	var r Request
	err := c.read(ctx, "request list", why, nil, &r, `SELECT desk.show_request($1, $2)`, id)
	return &r, err
}

// CheckAnswer tells whether an export that was just opened can be made for a request.
func (c *Client) CheckAnswer(ctx context.Context, export *Export, request int64) error {
	return c.answer(ctx, export.Head.Access, nil, `SELECT desk.answer_request($1, $2, $3, TRUE)`, []any{request, string(export.Head.Scope)}, c.reading)
}

// AnswerRequest links an export that was read to the end to the request it was made for.
func (c *Client) AnswerRequest(ctx context.Context, export *Export, request int64) (*Request, error) {
	var answered Request
	err := c.answer(ctx, export.Head.Access, &answered, `SELECT desk.answer_request($1, $2, $3, FALSE)`, []any{request, string(export.Head.Scope)}, c.writing(export.Head.Access))
	return &answered, err
}
