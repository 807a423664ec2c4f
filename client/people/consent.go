package people

import (
	"context"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
)

// Consent is what somebody agreed to at one authority. It is never changed: withdrawing sets WithdrawnAt, giving it again is
// another one.
type Consent struct {
	Authority   string     `json:"authority"`
	Purpose     string     `json:"purpose"` // joining, or one of the setting consent_purposes
	Channel     string     `json:"channel"` // email, phone, sms, post; empty for joining
	Wording     string     `json:"wording"` // version of the words that were agreed to
	GivenAt     time.Time  `json:"given_at"`
	WithdrawnAt *time.Time `json:"withdrawn_at"`
	Source      string     `json:"source"` // desk, paper, web ...
	InForce     bool       `json:"in_force"`
}

// GivenConsent is a consent just recorded.
type GivenConsent struct {
	Patron int64 `json:"patron"`
	Consent
	Access int64 `json:"access"`
}

// ListConsents lists every consent that a patron gave to the authorities of this login, the withdrawn ones too.
func ListConsents(ctx context.Context, c *client.Client, why client.Why, ref string) (patron int64, consents []Consent, err error) {
	var answer struct {
		Patron   int64
		Consents []Consent
	}
	err = c.Read(ctx, "consent list", why, client.Criteria{"ref": ref}, &answer, `SELECT desk.list_consents($1)`)
	return answer.Patron, answer.Consents, err
}

// GiveConsent records a consent to an authority (empty: that of this login), with the purpose, channel, wording and source of
// what is given.
func GiveConsent(ctx context.Context, c *client.Client, why client.Why, ref, authority string, given Consent) (*GivenConsent, error) {
	var done GivenConsent
	err := c.Write(ctx, "consent give", why, client.Criteria{"ref": ref}, &done, `SELECT desk.give_consent($1, $2, $3, $4, $5, $6)`,
		client.OrNull(authority), given.Purpose, given.Channel, given.Wording, given.Source)
	return &done, err
}

// WithdrawnConsent says what was withdrawn, and what follows when somebody withdrew the consent of joining at home.
type WithdrawnConsent struct {
	Patron      int64     `json:"patron"`
	Authority   string    `json:"authority"`
	Purpose     string    `json:"purpose"`
	Withdrawn   int       `json:"withdrawn"` // consents that were in force
	WithdrawnAt time.Time `json:"withdrawn_at"`
	Home        string    `json:"home"`
	Leaving     *Leaving  `json:"leaving"`
	Access      int64     `json:"access"`
}

// Leaving is what stands between somebody who withdrew the consent of joining and the erasing of the account.
type Leaving struct {
	Keeps    []string           `json:"keeps"`    // as the reasons of a plan: loans, reservations, orders, fees, credit, memberships
	Fees     int                `json:"fees"`     // accounting records, which stay and lead to nobody once the account is erased
	Forecast *forgetting.Erased `json:"forecast"` // of "patron erase", for those who may do it
}

// WithdrawConsent withdraws what is in force for a purpose at an authority (empty: that of this login), over one channel or,
// empty, all. Where nothing is, that is an *Error of KindRefused.
func WithdrawConsent(ctx context.Context, c *client.Client, why client.Why,
	ref, authority, purpose, channel string,
) (*WithdrawnConsent, error) {
	var done WithdrawnConsent
	err := c.Write(ctx, "consent withdraw", why, client.Criteria{"ref": ref}, &done, `SELECT desk.withdraw_consent($1, $2, $3, $4)`,
		client.OrNull(authority), purpose, channel)
	return &done, err
}

// MissingConsents counts the active accounts at home in a branch without the consent of joining.
type MissingConsents struct {
	Authority string `json:"authority"`
	Branch    string `json:"branch"`
	People    int    `json:"people"`
	Missing   int    `json:"missing"`   // it was never given
	Withdrawn int    `json:"withdrawn"` // it was given and withdrawn: these want to leave
}

// CountMissingConsents counts by branch, at one authority or, empty, at every one of this login.
func CountMissingConsents(ctx context.Context, c *client.Client, why client.Why, authority string) ([]MissingConsents, error) {
	var counts []MissingConsents
	err := c.Read(ctx, "consent missing", why, nil, &counts, `SELECT desk.count_missing_consents($1, $2)`, client.OrNull(authority))
	return counts, err
}
