package audit

import (
	"context"
	"time"

	"patronctl/client"
)

// Processing is the record of processing of one authority or of all (GDPR article 30), read from what is really there.
type Processing struct {
	At          time.Time           `json:"at"`
	Controllers []Controller        `json:"controllers"` // jointly
	People      []string            `json:"people"`      // categories of people
	Data        []ProcessedData     `json:"data"`
	Purposes    []ProcessingPurpose `json:"purposes"`
	Looks       []RoleReach         `json:"looks"` // who may look at people
	Rules       []RuleInForce       `json:"rules"`
	Protection  *Protection         `json:"protection,omitempty"` // nil in the notice for the public
	Due         []DueMonth          `json:"due,omitempty"`
}

// Controller is an authority, with what it has set.
type Controller struct {
	Code               string `json:"code"`
	Name               string `json:"name"`
	Own                bool   `json:"own"`           // the register is about this one
	Basis              string `json:"basis"`         // GDPR article 6; empty or unstated when it is not set
	SpecialBasis       string `json:"special_basis"` // GDPR article 9
	Recipients         string `json:"recipients"`
	Contact            string `json:"contact"`
	Law                string `json:"law"` // eu or uk: whose clock requests have
	ReactivationMonths int    `json:"reactivation_months"`
	BackupDays         int    `json:"backup_days"`
	HistoryKeepDays    int    `json:"history_keep_days"`
}

// ProcessedData are the columns of one class in one relation.
type ProcessedData struct {
	Schema   string   `json:"schema"` // lms: the library's data; patronctl: what the tool remembers
	Relation string   `json:"relation"`
	Class    string   `json:"class"` // personal, special, secret, pseudonym
	Columns  []string `json:"columns"`
}

// ProcessingPurpose is why data may be opened.
type ProcessingPurpose struct {
	Purpose      string   `json:"purpose"`
	NeedsConsent bool     `json:"needs_consent"`
	Operations   []string `json:"operations"` // that have it unless another one is given
}

// RoleReach is whom a role may look at.
type RoleReach struct {
	Role       string   `json:"role"`
	Reach      string   `json:"reach"` // any, home, facts
	Operations []string `json:"operations"`
}

// RuleInForce is a time limit.
type RuleInForce struct {
	Authority   string    `json:"authority"`
	Rule        string    `json:"rule"`
	Action      string    `json:"action"`
	After       string    `json:"after"` // 18 months
	CountedFrom string    `json:"counted_from"`
	Branches    []string  `json:"branches"`   // none: all
	Categories  []string  `json:"categories"` // none: all
	Since       time.Time `json:"since"`
}

// Protection is what guards the data, as the database says it.
type Protection struct {
	EncryptedConnections bool           `json:"encrypted_connections"`
	Checksums            bool           `json:"checksums"`
	PasswordEncryption   string         `json:"password_encryption"`
	LoginsLogged         bool           `json:"logins_logged"`
	Staff                map[string]int `json:"staff"` // logins by role
	FirstRecord          *time.Time     `json:"first_record"`
	RecordsSealed        int64          `json:"records_sealed"`
	Erased               int64          `json:"erased"`
	ErasedNotScrubbed    int64          `json:"erased_not_scrubbed"`
	OpenIncidents        int            `json:"open_incidents"`
}

// DueMonth counts accounts that reach the time to be erased; in the first month also those that have reached it already.
type DueMonth struct {
	Authority string      `json:"authority"`
	Month     client.Date `json:"month"` // its first day
	Rule      string      `json:"rule"`
	People    int         `json:"people"`
}

// ReportProcessing reads the register of an authority (empty: the caller's own, or all).
func ReportProcessing(ctx context.Context, c *client.Client, why client.Why, authority string) (*Processing, error) {
	var p Processing
	if err := c.Long(ctx, "report processing", why, nil, &p, `SELECT desk.report_processing($1, $2)`, client.OrNull(authority)); err != nil {
		return nil, err
	}
	return &p, nil
}

// Public leaves in the register what a notice for patrons says.
func (p *Processing) Public() *Processing {
	public := *p
	public.Protection, public.Due = nil, nil
	return &public
}

// Sharing counts lookups across authorities in a period of days.
type Sharing struct {
	From        client.Date    `json:"from"`
	To          client.Date    `json:"to"` // included
	Authorities []NamedMember  `json:"authorities"`
	Rows        []SharingCount `json:"rows"`
}

// NamedMember is a member authority.
type NamedMember struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// SharingCount counts one authority's lookups of another's people for one purpose. Numbers of fewer than five people are nil.
type SharingCount struct {
	Home    string `json:"home"`   // of the people
	Looked  string `json:"looked"` // the authority of the staff; empty: of the whole consortium
	Purpose string `json:"purpose"`
	Hidden  bool   `json:"hidden"` // fewer than five people
	Lookups *int   `json:"lookups"`
	People  *int   `json:"people"`
	Debts   *int   `json:"debts"` // people whose debts were told; nil also when the others would be fewer than five
}

// ReportSharing counts lookups of people at home elsewhere, from one day to another.
func ReportSharing(ctx context.Context, c *client.Client, why client.Why, from, to client.Date) (*Sharing, error) {
	var s Sharing
	if err := c.Long(ctx, "report sharing", why, nil, &s, `SELECT desk.report_sharing($1, $2, $3)`, from.Param(), to.Param()); err != nil {
		return nil, err
	}
	return &s, nil
}
