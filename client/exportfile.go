package client

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
)

// ExportSchema names the shape of an export: ExportJSONSchema and ExportXSD say it.
const ExportSchema = "patronctl-export/2"

// ExportHead is what every format says about an export before its rows.
type ExportHead struct {
	Schema       string           `json:"schema"`
	Scope        ExportScope      `json:"scope"`
	LegalBasis   string           `json:"legal_basis"`   // the right that it answers, or that it is given voluntarily
	BasisService string           `json:"basis_service"` // why the home authority keeps the data, as it configured
	BasisSpecial string           `json:"basis_special"` // the same for special categories
	GeneratedAt  string           `json:"generated_at"`
	Access       int64            `json:"access"` // number of the access record
	Patron       int64            `json:"patron"`
	Authority    string           `json:"authority"` // the home of the patron
	Omitted      []ExportOmission `json:"omitted"`
}

// ExportOmission is what an export leaves out, and why.
type ExportOmission struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// ExportPart is what one relation of an export must hold.
type ExportPart struct {
	Relation string `json:"relation"`
	Rows     int64  `json:"rows"`
	SHA256   string `json:"sha256"` // of the rows as JSON, each followed by a line feed; the same in every format
}

// ExportSum adds up the rows of one relation.
type ExportSum struct {
	rows int64
	hash hash.Hash
}

// NewExportSum is the sum of no rows.
func NewExportSum() *ExportSum { return &ExportSum{hash: sha256.New()} }

// Add adds a row.
func (s *ExportSum) Add(row json.RawMessage) {
	s.rows++
	_, _ = s.hash.Write(row) // a hash never fails
	_, _ = s.hash.Write([]byte{'\n'})
}

// Part is the sum of the rows so far.
func (s *ExportSum) Part(relation string) ExportPart {
	return ExportPart{relation, s.rows, hex.EncodeToString(s.hash.Sum(nil))}
}

// omissions are the columns and relations about a person that an export leaves out. A test compares them with the catalogue.
var omissions = []ExportOmission{
	{"identity.guardian, patron.guardian_patron", "another person's data"},
	{"payment.taken_by", "a member of staff"},
	{"consultation: who it was", "a member of staff; ask the library when the name matters"},
	{"disclosures to the police, security services and courts", "telling whether there are any could defeat what they are for (GDPR art. 23): ask the library"},
	{"credential.secret_hash", "it opens the account"},
	{"history that was anonymized", "nothing leads from it to a person any more"},
}

var omittedFromPortability = ExportOmission{
	"account, block, retention, support, request, disclosure, consultation",
	"noted by the library, not provided by the person: ask for an export with scope access",
}

func omitted(scope ExportScope) []ExportOmission {
	if scope == FullAccess {
		return omissions
	}
	return append([]ExportOmission{omittedFromPortability}, omissions...)
}
