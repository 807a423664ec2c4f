package people

import (
	"context"

	"patronctl/client"
)

// Newcomer is what of an export moves with a person to another library (Person and Addresses), and what only is shown there.
// Values are as they were exported, to the byte; nil is none.
type Newcomer struct {
	From      Origin            `json:"from"`
	Person    NewPerson         `json:"person"`
	Addresses []NewAddress      `json:"addresses"`
	Consents  []ExportedConsent `json:"consents_not_copied"`
	Stays     []LeftBehind      `json:"stays_behind"`
}

// Origin says where an export comes from.
type Origin struct {
	Authority   string `json:"authority"`
	Patron      int64  `json:"patron"` // number there
	Scope       string `json:"scope"`  // portability, access
	GeneratedAt string `json:"generated_at"`
}

// NewPerson is who somebody is, and how to reach them.
type NewPerson struct {
	Surname        *string  `json:"surname"`
	Forenames      *string  `json:"forenames"`
	Title          *string  `json:"title"`
	BirthDate      *string  `json:"birth_date"` // ISO
	BirthYear      *int16   `json:"birth_year"`
	Emails         []string `json:"emails"` // the preferred one first
	Phones         []string `json:"phones"`
	DocumentNumber *string  `json:"document_number"`
	Language       *string  `json:"language"`
}

// NewAddress is a postal address.
type NewAddress struct {
	Kind     string  `json:"kind"`  // permanent, temporary
	Place    int     `json:"place"` // among those of its kind
	Lines    *string `json:"lines"`
	Town     *string `json:"town"`
	Postcode *string `json:"postcode"`
	Country  *string `json:"country"`
}

// ExportedConsent is a consent that was given to another library.
type ExportedConsent struct {
	Authority   string  `json:"authority"`
	Purpose     string  `json:"purpose"`
	Channel     *string `json:"channel"`
	Wording     *string `json:"wording"`
	GivenAt     string  `json:"given_at"`
	WithdrawnAt *string `json:"withdrawn_at"`
	Source      *string `json:"source"`
}

// LeftBehind is what of an export does not move, and why.
type LeftBehind struct {
	What string `json:"what"`
	Rows int    `json:"rows"` // 0: not in an export at all, or one value
	Why  string `json:"why"`
}

// Registration is how somebody joins a library.
type Registration struct {
	Authority string       `json:"-"` // new home
	Branch    string       `json:"branch"`
	Category  string       `json:"category"`
	Card      string       `json:"card"`
	Basis     string       `json:"basis"`      // resident, work, study
	ExpiresOn *client.Date `json:"expires_on"` // nil: a year from now
	Wording   string       `json:"wording"`    // of the consent of joining
	Source    string       `json:"source"`     // where that consent was given, such as desk
}

// Registered is somebody who joined a library, or in a rehearsal could.
type Registered struct {
	DryRun    bool        `json:"dry_run"`
	Patron    *int64      `json:"patron"` // nil in a rehearsal
	Authority string      `json:"authority"`
	Branch    string      `json:"branch"`
	Category  string      `json:"category"`
	Card      string      `json:"card"`
	Basis     string      `json:"basis"`
	JoinedOn  client.Date `json:"joined_on"`
	ExpiresOn client.Date `json:"expires_on"`
	Wording   string      `json:"wording"`
	Source    string      `json:"source"`
	Matches   []Match     `json:"possible_matches"` // registrations anywhere that may be the same person, with their debts
	Newcomer
	Access int64 `json:"access"`
}

// CheckNewcomer is CheckApplicant for a newcomer.
func CheckNewcomer(ctx context.Context, c *client.Client, why client.Why, n *Newcomer) ([]Match, error) {
	return CheckApplicant(ctx, c, why, n.applicant())
}

func (n *Newcomer) applicant() Applicant {
	a := Applicant{Surname: text(n.Person.Surname), Forenames: text(n.Person.Forenames)}
	if n.Person.BirthDate != nil {
		a.Born, _ = client.ParseDate(*n.Person.BirthDate) // it was checked when it was read
	}
	return a
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// RehearseRegistration tells what RegisterNewcomer would do, or is refused as that would be.
func RehearseRegistration(ctx context.Context, c *client.Client, why client.Why, n *Newcomer, r Registration) (*Registered, error) {
	return register(ctx, c, why, n, r, true)
}

// RegisterNewcomer registers somebody with what moves of an export, a new card, a membership and the consent of joining.
// It is refused when that person is registered at the authority already and could use, or get back, that account; when that
// was done in this moment, or is being done, the error is of KindBusy.
func RegisterNewcomer(ctx context.Context, c *client.Client, why client.Why, n *Newcomer, r Registration) (*Registered, error) {
	return register(ctx, c, why, n, r, false)
}

func register(ctx context.Context, c *client.Client, why client.Why, n *Newcomer, r Registration, rehearsal bool) (*Registered, error) {
	done := Registered{DryRun: rehearsal, Newcomer: *n, Matches: []Match{}}
	person := map[string]*string{"surname": n.Person.Surname, "forenames": n.Person.Forenames, "born": n.Person.BirthDate, "card": &r.Card}
	about := client.Criteria{"authority": r.Authority, "applicant": person, "rehearsal": rehearsal}
	act := c.Write
	if rehearsal {
		act = c.Read
	}
	err := act(ctx, "patron import", why, about, &done,
		`SELECT desk.register_patron($1, $2, $3, $4, $5)`, n.Person, n.Addresses, r, rehearsal)
	if err != nil {
		return nil, err
	}
	return &done, nil
}
