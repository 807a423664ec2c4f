package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
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
	Authority   string      `json:"authority"`
	Patron      int64       `json:"patron"` // number there
	Scope       ExportScope `json:"scope"`
	GeneratedAt string      `json:"generated_at"`
}

// NewPerson is who somebody is, and how to reach them.
type NewPerson struct {
	Surname        *string `json:"surname"`
	Forenames      *string `json:"forenames"`
	Title          *string `json:"title"`
	BirthDate      *string `json:"birth_date"` // ISO
	BirthYear      *int16  `json:"birth_year"`
	Email          *string `json:"email"`
	Phone          *string `json:"phone"`
	DocumentNumber *string `json:"document_number"`
	Language       *string `json:"language"`
}

// NewAddress is a postal address.
type NewAddress struct {
	Kind     string  `json:"kind"` // permanent, temporary
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

// staying are the relations that do not move. Together with those that do they are all there are: a test compares.
var staying = []LeftBehind{
	{What: "special", Why: "special categories are told to each library anew, by who wants to"},
	{What: "card", Why: "a card belongs to the library that issued it: there is a new one"},
	{What: "membership", Why: "of the other library: a new one begins"},
	{What: "consent", Why: "given to the other library: asked anew"},
	{What: "loan", Why: "between the person and the other library"},
	{What: "hold", Why: "between the person and the other library"},
	{What: "fee", Why: "owed to the other library, and settled there"},
	{What: "payment", Why: "made to the other library"},
	{What: "account", Why: "noted by the other library for itself"},
	{What: "block", Why: "placed by the other library, by its own rules"},
	{What: "retention", Why: "rules of the other library"},
	{What: "support", Why: "what happened at the other library"},
	{What: "consultation", Why: "what happened at the other library"},
}

// neverThere is what stays behind without being a row of an export.
var neverThere = []LeftBehind{
	{What: "keeps_history, login", Why: "chosen for the other library: asked anew"},
	{What: "password", Why: "no export holds it: the number of the new card opens the account"},
	{What: "guardian", Why: "another person's data: asked anew"},
}

// mostConsents is how many consents are shown at most.
const mostConsents = 1000

// ReadNewcomer reads an export in JSON or XML (see ReadExport), of any scope, in as much memory as a row takes. A person of
// whom the export does not hold what registering takes is an *Error of KindRefused too.
func ReadNewcomer(r io.Reader) (*Newcomer, error) {
	n := Newcomer{Addresses: []NewAddress{}, Consents: []ExportedConsent{}}
	rows := map[string]int{}
	head, err := ReadExport(r, func(relation string, row json.RawMessage) error {
		rows[relation]++
		return n.take(relation, rows[relation], row)
	})
	if err != nil {
		return nil, err
	}
	if rows["patron"] != 1 || rows["identity"] != 1 {
		return nil, refusedExport("this export does not say who it is about", nil)
	}
	made, err := time.Parse(time.RFC3339, head.GeneratedAt)
	if err != nil || made.After(time.Now().Add(24*time.Hour)) { //nolint:forbidigo // clocks of other libraries, not a day that rules depend on
		return nil, refusedExport("this export says that it was made in the future, or not when", err)
	}
	n.From = Origin{Authority: head.Authority, Patron: head.Patron, Scope: head.Scope, GeneratedAt: head.GeneratedAt}
	for _, left := range staying {
		if left.Rows = rows[left.What]; left.Rows > 0 {
			n.Stays = append(n.Stays, left)
		}
	}
	n.Stays = append(n.Stays, neverThere...)
	return &n, nil
}

// take keeps what moves, or is shown, of the nth row of a relation.
func (n *Newcomer) take(relation string, nth int, row json.RawMessage) error {
	switch relation {
	case "patron":
		var account struct {
			BirthYear *int16 `json:"birth_year"`
		}
		err := decodeOne(relation, nth, 1, row, &account)
		n.Person.BirthYear = account.BirthYear
		return err
	case "identity":
		return decodeOne(relation, nth, 1, row, &n.Person)
	case "address":
		n.Addresses = append(n.Addresses, NewAddress{})
		return decodeOne(relation, nth, 2, row, &n.Addresses[nth-1])
	case "consent":
		n.Consents = append(n.Consents, ExportedConsent{})
		return decodeOne(relation, nth, mostConsents, row, &n.Consents[nth-1])
	default:
		return nil
	}
}

func decodeOne(relation string, nth, most int, row json.RawMessage, into any) error {
	if nth > most {
		return refusedExport(fmt.Sprintf("this export holds more than %d of %s about one person", most, relation), nil)
	}
	if err := json.Unmarshal(row, into); err != nil {
		return refusedExport("a row of "+relation+" holds a value out of range", err)
	}
	return nil
}

// Registration is how somebody joins a library.
type Registration struct {
	Authority string `json:"-"` // new home
	Branch    string `json:"branch"`
	Category  string `json:"category"`
	Card      string `json:"card"`
	Basis     string `json:"basis"`      // resident, work, study
	ExpiresOn *Date  `json:"expires_on"` // nil: a year from now
	Wording   string `json:"wording"`    // of the consent of joining
	Source    string `json:"source"`     // where that consent was given, such as desk
}

// Registered is somebody who joined a library, or in a rehearsal could.
type Registered struct {
	DryRun    bool    `json:"dry_run"`
	Patron    *int64  `json:"patron"` // nil in a rehearsal
	Authority string  `json:"authority"`
	Branch    string  `json:"branch"`
	Category  string  `json:"category"`
	Card      string  `json:"card"`
	Basis     string  `json:"basis"`
	JoinedOn  Date    `json:"joined_on"`
	ExpiresOn Date    `json:"expires_on"`
	Wording   string  `json:"wording"`
	Source    string  `json:"source"`
	Matches   []Match `json:"possible_matches"` // registrations anywhere that may be the same person, with their debts
	Newcomer
	Access int64 `json:"access"`
}

// CheckNewcomer is CheckApplicant for a newcomer.
func (c *Client) CheckNewcomer(ctx context.Context, why Why, n *Newcomer) ([]Match, error) {
	return c.CheckApplicant(ctx, why, n.applicant())
}

func (n *Newcomer) applicant() Applicant {
	a := Applicant{Surname: text(n.Person.Surname), Forenames: text(n.Person.Forenames)}
	if n.Person.BirthDate != nil {
		a.Born, _ = ParseDate(*n.Person.BirthDate) // it was checked when it was read
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
func (c *Client) RehearseRegistration(ctx context.Context, why Why, n *Newcomer, r Registration) (*Registered, error) {
	return c.register(ctx, why, n, r, true)
}

// RegisterNewcomer registers somebody with what moves of an export, a new card, a membership and the consent of joining.
// It is refused when that person is registered at the authority already and could use, or get back, that account; when that
// was done in this moment, or is being done, the error is of KindBusy.
func (c *Client) RegisterNewcomer(ctx context.Context, why Why, n *Newcomer, r Registration) (*Registered, error) {
	return c.register(ctx, why, n, r, false)
}

func (c *Client) register(ctx context.Context, why Why, n *Newcomer, r Registration, rehearsal bool) (*Registered, error) {
	done := Registered{DryRun: rehearsal, Newcomer: *n, Matches: []Match{}}
	person := map[string]*string{"surname": n.Person.Surname, "forenames": n.Person.Forenames, "born": n.Person.BirthDate, "card": &r.Card}
	about := criteria{"authority": r.Authority, "applicant": person, "rehearsal": rehearsal}
	err := c.act(ctx, !rehearsal, "patron import", why, about, &done,
		`SELECT desk.register_patron($1, $2, $3, $4, $5)`, []any{n.Person, n.Addresses, r, rehearsal})
	if err != nil {
		return nil, err
	}
	return &done, nil
}
