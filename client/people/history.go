package people

import (
	"context"

	"patronctl/client"
)

// Group is the anonymous patron that stands for everybody of the same authority, branch, category and birth year.
// Branch and BirthYear are empty when they were generalized away or unknown.
type Group struct {
	Authority string  `json:"authority"`
	Branch    *string `json:"branch"`
	Category  string  `json:"category"`
	BirthYear *int    `json:"birth_year"`
	People    int     `json:"people"` // patrons of that home who fit it now
}

// Anonymized is the outcome, or with DryRun the forecast, of anonymizing one patron's history.
type Anonymized struct {
	Patron       int64            `json:"patron"`
	Before       client.Date      `json:"before"`
	DryRun       bool             `json:"dry_run"`
	Loans        int              `json:"loans"`
	Holds        int              `json:"holds"`
	ZeroFees     int              `json:"zero_fees"`
	FeesUnlinked int              `json:"fees_unlinked"`
	Skipped      []client.Skipped `json:"skipped"`
	Group        Group            `json:"group"`
	BelowK       bool             `json:"below_k"`
	K            int              `json:"k"`
	Name         string           `json:"-"` // for the prompt only, from a dry run; empty in the real run
	Access       int64            `json:"access"`
}

// AnonymizeOptions say how far anonymizing goes. Before is strictly before that day in the home authority's zone; today
// covers everything returned so far.
type AnonymizeOptions struct {
	Before       client.Date
	IncludeOwing bool // also loans with an unpaid fee
	Generalize   bool // widen birth year, then branch, until k people fit the group
	DryRun       bool
}

// AnonymizeHistory moves the returned loans, closed holds and zero fees of one patron to the anonymous patron. It cannot be undone.
func AnonymizeHistory(ctx context.Context, c *client.Client, why client.Why, ref string, opt AnonymizeOptions) (*Anonymized, error) {
	act := c.Write
	if opt.DryRun {
		act = c.Read
	}
	var outcome struct {
		Anonymized
		Name string `json:"name"`
	}
	err := act(ctx, "history anonymize", why, client.Criteria{"ref": ref}, &outcome,
		`SELECT desk.anonymize_history($1, $2, $3, $4, $5)`, opt.Before.Param(), opt.IncludeOwing, opt.Generalize, opt.DryRun)
	if err != nil {
		return nil, err
	}
	outcome.Anonymized.Name = outcome.Name
	return &outcome.Anonymized, nil
}

// Past is one line of a patron's history.
type Past struct {
	Kind      string  `json:"kind"` // loan, hold, fee
	ID        int64   `json:"id"`
	Authority string  `json:"authority"`
	Branch    string  `json:"branch"`
	Barcode   string  `json:"barcode"`
	Title     string  `json:"title"`
	From      string  `json:"from"`  // RFC 3339 instant: lent, placed; a day for a fee
	Until     *string `json:"until"` // returned, closed; null while open
	Detail    string  `json:"detail"`
}

// ShowHistory lists what of a patron's loans, holds and fees is still linked to the person, newest first.
func ShowHistory(ctx context.Context, c *client.Client, why client.Why, ref string) (patron int64, past []Past, err error) {
	var history struct {
		Patron int64
		Past   []Past
	}
	err = c.Read(ctx, "history show", why, client.Criteria{"ref": ref}, &history, `SELECT desk.show_history($1)`)
	return history.Patron, history.Past, err
}
