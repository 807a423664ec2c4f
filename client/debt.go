package client

import (
	"context"
	"iter"
)

// Match is another registration that may be the same person.
type Match struct {
	Patron    int64  `json:"patron"`
	Authority string `json:"authority"`
	Card      string `json:"card"`
	Surname   string `json:"surname"`
	Forenames string `json:"forenames"`
	Debts     []Debt `json:"debts"`
	Certainty string `json:"certainty"` // same_name_and_birth, similar_name_same_birth, same_name_birth_unknown
}

// DebtCheck is the answer for one card or patron. Names are empty in checks of many.
type DebtCheck struct {
	Input           string   `json:"input"`
	Patron          int64    `json:"patron"` // 0 when not found
	Card            string   `json:"card"`
	Surname         string   `json:"surname"`
	Forenames       string   `json:"forenames"`
	Verdict         Verdict  `json:"verdict"` // not_found for an unknown card
	Reasons         []string `json:"reasons"`
	Debts           []Debt   `json:"debts"`
	PossibleMatches []Match  `json:"possible_matches"`
}

// Applicant is somebody who asks to join.
type Applicant struct {
	Surname   string
	Forenames string
	Born      Date
}

// CheckDebt answers for one card (or id:N), with the name; matches adds other registrations of the same person.
// An unknown card is an answer with verdict not_found, not an error.
func (c *Client) CheckDebt(ctx context.Context, why Why, ref string, matches bool) (*DebtCheck, error) {
	panic("stub")
}

// CheckApplicant looks for existing registrations of somebody who asks to join, and their debts.
func (c *Client) CheckApplicant(ctx context.Context, why Why, a Applicant) ([]Match, error) {
	panic("stub")
}

// CheckDebts answers for many cards, in their order, in chunks of at most 2,000 with one access each, so memory stays flat.
// total is the number of cards when known, else 0: over 500 needs the right "debt check bulk".
// progress, when not nil, is told after each chunk how many were answered so far.
func (c *Client) CheckDebts(ctx context.Context, why Why, refs iter.Seq2[string, error], bulk, matches bool, progress func(done int)) iter.Seq2[DebtCheck, error] {
	panic("stub")
}
