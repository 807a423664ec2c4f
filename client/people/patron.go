// Package people is what a desk does for patrons: finding and showing them, debts, blocks, consents, passwords, history,
// registration. It imports the core, and forgetting for what an erasure takes away. Each file calls what the SQL file of the
// same name in schema/desk/people defines.
package people

import (
	"context"
	"fmt"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
)

// Verdict says whether a desk may serve somebody: "clear", "warn", "refuse", or "not_found" in a debt check.
type Verdict string

// The verdicts, from harmless to grave.
const (
	Clear    Verdict = "clear"
	Warn     Verdict = "warn"
	Refuse   Verdict = "refuse"
	NotFound Verdict = "not_found"
)

// Debt is what one patron owes to one authority.
type Debt struct {
	Authority    string       `json:"authority"`
	Currency     string       `json:"currency"`
	Outstanding  client.Money `json:"outstanding"` // fees less payments; negative is a credit
	OldestOn     *client.Date `json:"oldest_on"`   // day of the oldest fee still owed
	OverdueItems int          `json:"overdue_items"`
}

// Card is a library card.
type Card struct {
	Number   string       `json:"number"`
	IssuedOn *client.Date `json:"issued_on"`
	Status   string       `json:"status"` // active, lost, expired
}

// Address is a postal address; Lines holds street and house, separated by line breaks.
type Address struct {
	Kind     string `json:"kind"`  // permanent, temporary
	Place    int    `json:"place"` // among those of its kind
	Lines    string `json:"lines"`
	Town     string `json:"town"`
	Postcode string `json:"postcode"`
	Country  string `json:"country"`
}

// Membership is the right to use one authority's libraries.
type Membership struct {
	Authority string       `json:"authority"`
	Basis     string       `json:"basis"` // resident, work, study
	JoinedOn  *client.Date `json:"joined_on"`
	ExpiresOn *client.Date `json:"expires_on"`
}

// Block is a warning or refusal that an authority placed on a patron.
type Block struct {
	ID         int64        `json:"id"`
	Authority  string       `json:"authority"`
	Level      string       `json:"level"` // warn, refuse
	ReasonCode string       `json:"reason_code"`
	PlacedOn   *client.Date `json:"placed_on"`
}

// Loan is an item in somebody's hands.
type Loan struct {
	ID        int64      `json:"id"`
	Barcode   string     `json:"barcode"`
	Title     string     `json:"title"`
	Authority string     `json:"authority"`
	Branch    string     `json:"branch"`
	LentAt    time.Time  `json:"lent_at"`
	DueAt     *time.Time `json:"due_at"`
	Renewals  int        `json:"renewals"`
	Overdue   bool       `json:"overdue"`
}

// Fee is one billable transaction with what is still owed of it.
type Fee struct {
	ID          int64        `json:"id"`
	Authority   string       `json:"authority"`
	Currency    string       `json:"currency"`
	Kind        string       `json:"kind"`
	Amount      client.Money `json:"amount"`
	Outstanding client.Money `json:"outstanding"`
	RaisedOn    *client.Date `json:"raised_on"`
}

// PasswordState tells what kind of secret opens an account, never the secret.
type PasswordState struct {
	State     string     `json:"state"` // own, card, one_time, locked, external
	Since     *time.Time `json:"since"`
	ExpiresAt *time.Time `json:"expires_at"` // of a one-time code
	Expired   bool       `json:"expired"`    // that code is of no use any more
}

// Patron is a person as a desk sees them. find fills the part that its columns need; show fills all of it.
// Personal values are empty when they were withheld (facts only).
type Patron struct {
	Patron       int64                   `json:"patron"`
	Authority    string                  `json:"authority"` // home
	Branch       string                  `json:"branch"`
	Category     string                  `json:"category"`
	Surname      string                  `json:"surname"`
	Forenames    string                  `json:"forenames"`
	Title        string                  `json:"title"`
	BirthDate    *client.Date            `json:"birth_date"`
	BirthYear    *int                    `json:"birth_year"`
	Emails       []string                `json:"emails"` // the preferred one first
	Phones       []string                `json:"phones"`
	Status       string                  `json:"status"` // active, deleted, erased
	RegisteredOn *client.Date            `json:"registered_on"`
	ExpiresOn    *client.Date            `json:"expires_on"`
	Verdict      Verdict                 `json:"verdict"`
	Reasons      []string                `json:"reasons"` // codes such as expired, card_lost, blocked, overdue, debt_own
	Cards        []Card                  `json:"cards"`
	Addresses    []Address               `json:"addresses"`
	Memberships  []Membership            `json:"memberships"`
	Blocks       []Block                 `json:"blocks"`
	Loans        []Loan                  `json:"loans"` // active ones
	Debts        []Debt                  `json:"debts"`
	Fees         []Fee                   `json:"fees,omitempty"` // only when asked for
	Password     *PasswordState          `json:"password"`
	Guardian     string                  `json:"guardian"`
	Language     string                  `json:"language"`
	Document     string                  `json:"document_number"`
	Protected    bool                    `json:"protected"`
	KeepsHistory bool                    `json:"keeps_history"`
	Joining      string                  `json:"joining_consent,omitempty"` // given, withdrawn, missing; empty: no member here
	Special      *Special                `json:"special,omitempty"`         // only when asked for
	Erasure      *forgetting.ErasedState `json:"erasure,omitempty"`         // of an erased account, which has nothing else to show
	Facts        bool                    `json:"facts,omitempty"`           // true: personal values were withheld
	Access       int64                   `json:"access"`
}

// FindQuery is a search for people.
type FindQuery struct {
	Words     []string
	Authority string // only patrons of this home; empty: any
	Limit     int    // at most 20; 0 means 20
}

// ShowOptions widen or narrow what Show returns.
type ShowOptions struct {
	Fees  bool // list every fee that is still owed
	Facts bool // leave out every personal value
	// Special adds the special categories, with an access of its own: for officers of the home, who give a reason.
	Special bool
}

// Find looks people up by card, name, e-mail, phone or birth date: best match first, at most 20.
// No match is an *Error of KindNotFound.
func Find(ctx context.Context, c *client.Client, why client.Why, q FindQuery) ([]Patron, error) {
	about := client.Criteria{"words": strings.Fields(strings.Join(q.Words, " ")), "limit": q.Limit}
	if q.Limit == 0 {
		about["limit"] = 20
	}
	if q.Authority != "" {
		about["authority"] = q.Authority
	}
	var found []Patron
	err := c.Read(ctx, "patron find", why, about, &found, `SELECT desk.find_patrons($1)`)
	return found, err
}

// Show returns everything a desk needs about one patron. ref is a card number, id:N, or words that match one person.
func Show(ctx context.Context, c *client.Client, why client.Why, ref string, opt ShowOptions) (*Patron, error) {
	var shown Patron
	if opt.Special {
		patron, special, err := showSpecial(ctx, c, why, ref)
		if err != nil {
			return nil, err
		}
		ref, shown.Special = fmt.Sprintf("id:%d", patron), special
	}
	about := client.Criteria{"ref": ref, "facts": opt.Facts}
	err := c.Read(ctx, "patron show", why, about, &shown, `SELECT desk.show_patron($1, $2)`, opt.Fees)
	if err != nil {
		return nil, err
	}
	return &shown, nil
}
