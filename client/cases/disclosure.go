package cases

import (
	"context"
	"time"

	"patronctl/client"
)

// The words of disclosures, as the database knows them.
var (
	Recipients = []string{"police", "security-service", "court", "within-authority", "partner"}
	Ranks      = []string{
		"constable", "sergeant", "inspector", "chief-inspector", "superintendent", "chief-superintendent", "chief-officer",
		"equivalent", "officer", "senior-officer", "clerk", "judge", "employee", "manager",
	}
	Necessities = []string{
		"prevent-crime", "detect-crime", "apprehend", "prosecute", "tax", "national-security", "legal-proceedings", "vital-interest",
		"safeguarding", "service",
	}
	Disclosable = []string{
		"identity", "address", "special", "card", "membership", "consent", "loan", "hold", "fee", "payment", "account",
		"block",
	}
	DisclosureNoes = []string{"trawl", "no-power", "not-necessary", "rank", "no-consent", "incomplete", "not-held"}
)

// NewDisclosure is what somebody else asked for about a person. It names organisations and references, nobody by name.
type NewDisclosure struct {
	To           string   `json:"to"`
	Organisation string   `json:"organisation"`
	Reference    string   `json:"reference"`             // theirs: of the form, warrant or order
	Rank         string   `json:"rank,omitempty"`        // of who signed for them
	Power        string   `json:"power,omitempty"`       // the law that permits or demands it
	Necessity    string   `json:"necessity,omitempty"`   // a word of Necessities
	Consent      string   `json:"consent,omitempty"`     // the purpose consented to, within the authority
	Released     []string `json:"released,omitempty"`    // words of Disclosable
	ReleasedBy   *int64   `json:"released_by,omitempty"` // the access by which it was read
	Because      string   `json:"because,omitempty"`     // why it was refused, a word of DisclosureNoes
	Authority    string   `json:"authority,omitempty"`   // of a refusal about nobody the library knows
}

// Disclosure is what became of it.
type Disclosure struct {
	ID           int64      `json:"disclosure"`
	Authority    string     `json:"authority"` // the patron's home
	Patron       *int64     `json:"patron"`    // nil: nobody in particular, or nobody the library knows
	To           string     `json:"to"`
	Organisation string     `json:"organisation"`
	Reference    string     `json:"reference"`
	Rank         string     `json:"rank"`
	Power        string     `json:"power"`
	Necessity    string     `json:"necessity"`
	Consent      string     `json:"consent"`
	State        string     `json:"state"`   // released, pending (a second officer's word), declined (by that one), refused
	Because      string     `json:"because"` // why it was refused or declined
	Released     []string   `json:"released"`
	ReleasedBy   *int64     `json:"released_by"`
	At           time.Time  `json:"at"`
	Login        string     `json:"login"`
	Matter       string     `json:"matter"` // the reason given
	Access       int64      `json:"access"`
	SecondAt     *time.Time `json:"second_at"`
	SecondLogin  string     `json:"second_login"`
	SecondAccess *int64     `json:"second_access"`
	Receipt      string     `json:"receipt,omitempty"` // of a write, for audit.ProveReceipt
}

// RecordDisclosure records that a person's data was handed over or, where two officers must agree, is to be.
func RecordDisclosure(ctx context.Context, c *client.Client, why client.Why, ref string, asked NewDisclosure) (*Disclosure, error) {
	return disclose(ctx, c, why, "disclosure record", client.Criteria{"ref": ref}, asked)
}

// RefuseDisclosure records that it was refused. Without ref it was about nobody in particular, or nobody the library knows.
func RefuseDisclosure(ctx context.Context, c *client.Client, why client.Why, ref string, asked NewDisclosure) (*Disclosure, error) {
	if ref == "" {
		return disclose(ctx, c, why, "disclosure refuse unknown", client.Criteria{}, asked)
	}
	return disclose(ctx, c, why, "disclosure refuse", client.Criteria{"ref": ref}, asked)
}

func disclose(ctx context.Context, c *client.Client, why client.Why, operation string, about client.Criteria,
	asked NewDisclosure,
) (*Disclosure, error) {
	var d Disclosure
	about["texts"] = []string{asked.Organisation, asked.Reference, asked.Power}
	err := c.Write(ctx, operation, why, about, &d, `SELECT desk.record_disclosure($1, $2)`, asked)
	return &d, err
}

// ApproveDisclosure is a second officer's consent; with because, a word of DisclosureNoes, the refusal of it.
func ApproveDisclosure(ctx context.Context, c *client.Client, why client.Why, id int64, because string) (*Disclosure, error) {
	var d Disclosure
	err := c.Write(ctx, "disclosure approve", why, nil, &d, `SELECT desk.approve_disclosure($1, $2, $3)`, id, client.OrNull(because))
	return &d, err
}

// Disclosures lists those of an authority (empty: of all where the login has a right), the newest first, or only those that
// wait for a second officer.
func Disclosures(ctx context.Context, c *client.Client, why client.Why, authority string,
	pending bool,
) (disclosures []Disclosure, err error) {
	err = c.Read(ctx, "disclosure list", why, nil, &disclosures, `SELECT desk.list_disclosures($1, $2, $3)`, client.OrNull(authority), pending)
	return disclosures, err
}

// ShowDisclosure returns one disclosure.
func ShowDisclosure(ctx context.Context, c *client.Client, why client.Why, id int64) (*Disclosure, error) {
	var d Disclosure
	err := c.Read(ctx, "disclosure list", why, nil, &d, `SELECT desk.show_disclosure($1, $2)`, id)
	return &d, err
}
