// Package cases is what data-protection officers keep a file about: requests of people, disclosures to others, incidents.
// Each has a clock or a second officer, which the database minds. It imports the core, and exchange for the exports that answer
// requests.
package cases

import (
	"context"
	"time"

	"patronctl/client"
	"patronctl/client/exchange"
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
	ReceivedOn      client.Date   `json:"received_on"`
	Matter          string        `json:"matter"`    // the reason given when it was opened
	State           string        `json:"state"`     // open, paused, closed
	DueOn           *client.Date  `json:"due_on"`    // the last day; nil while paused
	DaysLeft        *int          `json:"days_left"` // negative when overdue; nil when closed
	Overdue         bool          `json:"overdue"`
	Late            bool          `json:"late"` // closed after its last day
	PausedDays      int           `json:"paused_days"`
	WaitsFor        string        `json:"waits_for"`        // what a paused one waits for
	ExtendedBecause string        `json:"extended_because"` // empty: it was not
	ClosedOn        *client.Date  `json:"closed_on"`
	Outcome         string        `json:"outcome"`
	Ground          string        `json:"ground"`
	Answers         []int64       `json:"answers"` // accesses of the exports and the erasure made for it
	History         []RequestStep `json:"history,omitempty"`
	Receipt         string        `json:"receipt,omitempty"` // of a write, for audit.ProveReceipt
}

// RequestStep is something that was done about a request.
type RequestStep struct {
	Step    string      `json:"step"` // open, pause, resume, extend, export, erase, close
	At      time.Time   `json:"at"`   // when it was entered
	On      client.Date `json:"on"`   // the day it counts from
	Because string      `json:"because"`
	Outcome string      `json:"outcome"`
	Login   string      `json:"login"`
	Matter  string      `json:"matter"`
	Access  int64       `json:"access"`
}

// NewRequest is a request to be opened.
type NewRequest struct {
	Ref       string // PATRON; empty: nobody the library knows, and Why needs a reason that names the matter
	Kind      string
	Received  client.Date
	Authority string // empty: the patron's home, else the only one of the login
}

// OpenRequest enters a request and starts its clock.
func OpenRequest(ctx context.Context, c *client.Client, why client.Why, r NewRequest) (*Request, error) {
	operation, about := "request open", client.Criteria{"ref": r.Ref}
	if r.Ref == "" {
		operation, about = "request open unknown", nil
	}
	var opened Request
	err := c.Write(ctx, operation, why, about, &opened, `SELECT desk.open_request($1, $2, $3, $4)`, r.Kind, r.Received.Param(),
		client.OrNull(r.Authority))
	return &opened, err
}

// PauseRequest stops the clock from a day on, where the law of the request knows that.
func PauseRequest(ctx context.Context, c *client.Client, why client.Why, id int64, waitsFor string, on client.Date) (*Request, error) {
	return decide(ctx, c, why, `SELECT desk.pause_request($1, $2, $3, $4)`, id, waitsFor, on.Param())
}

// ResumeRequest lets the clock go on from a day on; the days between are added.
func ResumeRequest(ctx context.Context, c *client.Client, why client.Why, id int64, on client.Date) (*Request, error) {
	return decide(ctx, c, why, `SELECT desk.resume_request($1, $2, $3)`, id, on.Param())
}

// ExtendRequest adds two months, once and within the first.
func ExtendRequest(ctx context.Context, c *client.Client, why client.Why, id int64, because string) (*Request, error) {
	return decide(ctx, c, why, `SELECT desk.extend_request($1, $2, $3)`, id, because)
}

// CloseRequest ends a request. A refusal needs a ground.
func CloseRequest(ctx context.Context, c *client.Client, why client.Why, id int64, outcome, ground string) (*Request, error) {
	return decide(ctx, c, why, `SELECT desk.close_request($1, $2, $3, $4)`, id, outcome, client.OrNull(ground))
}

func decide(ctx context.Context, c *client.Client, why client.Why, query string, args ...any) (*Request, error) {
	var decided Request
	err := c.Write(ctx, "request decide", why, nil, &decided, query, args...)
	return &decided, err
}

// Requests lists those to an authority (empty: to all where the login has a right), and for its officers those about its
// patrons, wherever they asked: overdue first; closed ones on demand.
func Requests(ctx context.Context, c *client.Client, why client.Why, authority string, closed bool) (requests []Request, err error) {
	err = c.Read(ctx, "request list", why, nil, &requests, `SELECT desk.list_requests($1, $2, $3)`, client.OrNull(authority), closed)
	return requests, err
}

// ShowRequest returns a request with its history.
func ShowRequest(ctx context.Context, c *client.Client, why client.Why, id int64) (*Request, error) {
	var r Request
	err := c.Read(ctx, "request list", why, nil, &r, `SELECT desk.show_request($1, $2)`, id)
	return &r, err
}

// CheckAnswer tells whether an export that was just opened can be made for a request.
func CheckAnswer(ctx context.Context, c *client.Client, export *exchange.Export, request int64) error {
	return c.Answer(ctx, export.Head.Access, nil, `SELECT desk.answer_request($1, $2, $3, TRUE)`, []any{request, string(export.Head.Scope)},
		c.Reading)
}

// AnswerRequest links an export that was read to the end to the request it was made for.
func AnswerRequest(ctx context.Context, c *client.Client, export *exchange.Export, request int64) (*Request, error) {
	var answered Request
	err := c.Answer(ctx, export.Head.Access, &answered, `SELECT desk.answer_request($1, $2, $3, FALSE)`,
		[]any{request, string(export.Head.Scope)}, c.Writing(export.Head.Access))
	return &answered, err
}
