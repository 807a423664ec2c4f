package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
)

// Schema names the shape of an export: JSONSchema and XSD say it.
const Schema = "patronctl-export/2"

// Head is what every format says about an export before its rows.
type Head struct {
	Schema       string     `json:"schema"`
	Scope        Scope      `json:"scope"`
	LegalBasis   string     `json:"legal_basis"`   // the right that it answers, or that it is given voluntarily
	BasisService string     `json:"basis_service"` // why the home authority keeps the data, as it configured
	BasisSpecial string     `json:"basis_special"` // the same for special categories
	GeneratedAt  string     `json:"generated_at"`
	Access       int64      `json:"access"` // number of the access record
	Patron       int64      `json:"patron"`
	Authority    string     `json:"authority"` // the home of the patron
	Omitted      []Omission `json:"omitted"`
}

// Omission is what an export leaves out, and why.
type Omission struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Part is what one relation of an export must hold.
type Part struct {
	Relation string `json:"relation"`
	Rows     int64  `json:"rows"`
	SHA256   string `json:"sha256"` // of the rows as JSON, each followed by a line feed; the same in every format
}

// Sum adds up the rows of one relation.
type Sum struct {
	rows int64
	hash hash.Hash
}

// NewSum is the sum of no rows.
func NewSum() *Sum { return &Sum{hash: sha256.New()} }

// Add adds a row.
func (s *Sum) Add(row json.RawMessage) {
	s.rows++
	_, _ = s.hash.Write(row) // a hash never fails
	_, _ = s.hash.Write([]byte{'\n'})
}

// Part is the sum of the rows so far.
func (s *Sum) Part(relation string) Part {
	return Part{relation, s.rows, hex.EncodeToString(s.hash.Sum(nil))}
}

// omissions are the columns and relations about a person that an export leaves out. A test compares them with the catalogue.
var omissions = []Omission{
	{"identity.guardian, patron.guardian_patron", "another person's data"},
	{"payment.taken_by", "a member of staff"},
	{"payment.paid_by", "another person"},
	{"consultation: who it was", "a member of staff; ask the library when the name matters"},
	{
		"disclosures to the police, security services and courts",
		"telling whether there are any could defeat what they are for (GDPR art. 23): ask the library",
	},
	{"credential.secret_hash", "it opens the account"},
	{"history that was anonymized", "nothing leads from it to a person any more"},
}

var omittedFromPortability = Omission{
	"account, block, retention, support, request, disclosure, consultation",
	"noted by the library, not provided by the person: ask for an export with scope access",
}

func omitted(scope Scope) []Omission {
	if scope == FullAccess {
		return omissions
	}
	return append([]Omission{omittedFromPortability}, omissions...)
}
