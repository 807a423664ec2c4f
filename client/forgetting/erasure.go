// Package forgetting is how people are erased and histories anonymized: rules, plans, runs, the ledger of erasures and its
// replay, scrubbing and its proof. Its Observer keeps the newest head of the ledger, by which a restored backup is recognized.
// It imports the core only.
package forgetting

import (
	"context"
	"time"

	"patronctl/client"
)

// Erased says what erasing one person takes, or took, away, and what stays.
type Erased struct {
	Patron    int64          `json:"patron"`
	Name      string         `json:"-"` // for the prompt only, of a forecast
	Authority string         `json:"authority"`
	DryRun    bool           `json:"dry_run"`
	Goes      map[string]int `json:"goes"` // rows about the person, by relation
	// what would have forbidden it, as the reasons of a plan: waived, or a bar to rules only
	Despite []string       `json:"despite"`
	Wards   int            `json:"wards"`             // people whose guardian this is; they lose the guardian's name
	Stays   map[string]int `json:"stays"`             // rows that no longer lead to anybody, by relation
	Request *int64         `json:"request"`           // that it was done for; nil: none that is entered
	Erasure *ErasedState   `json:"erasure,omitempty"` // nil: a forecast
	Access  int64          `json:"access"`
	Receipt string         `json:"receipt,omitempty"` // for audit.ProveReceipt; a forecast has none
}

// ErasedState is what remains to be told of an erased account.
type ErasedState struct {
	Number         int64        `json:"number"` // in the ledger; 0: it came erased from another system
	Rule           string       `json:"rule"`   // or request
	ErasedAt       *time.Time   `json:"erased_at"`
	ScrubbedAt     *time.Time   `json:"scrubbed_at"`      // since when no file of the server holds the values
	BackupsCleanOn *client.Date `json:"backups_clean_on"` // by the setting backup_days; null until scrubbed
}

// PreviewErase forecasts the erasure of one person, or is refused with every reason at once. despite names what the home
// authority waives: loans, reservations, orders, fees, memberships. request is the number of the one it
// would be done for; 0 for none.
func PreviewErase(ctx context.Context, c *client.Client, why client.Why, ref string, despite []string, request int64) (*Erased, error) {
	var forecast struct {
		Erased
		Name string `json:"name"`
	}
	err := c.Read(ctx, "patron erase", why, client.Criteria{"ref": ref}, &forecast, `SELECT desk.preview_erase($1, $2, $3)`, list(despite),
		client.OrNull(request))
	forecast.Erased.Name, forecast.DryRun = forecast.Name, true
	return &forecast.Erased, err
}

// Erase erases one person for good, or is refused with every reason at once.
func Erase(ctx context.Context, c *client.Client, why client.Why, ref string, despite []string, request int64) (*Erased, error) {
	var erased Erased
	err := c.Write(ctx, "patron erase", why, client.Criteria{"ref": ref}, &erased, `SELECT desk.erase_patron($1, $2, $3)`, list(despite),
		client.OrNull(request))
	return &erased, err
}

// list is never NULL in the database.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}
