package client

import (
	"context"
	"encoding/json"
	"iter"
)

// ExportScope is which right an export answers.
type ExportScope string

// The two scopes that the law keeps apart.
const (
	Portability ExportScope = "portability" // GDPR article 20: what the person provided or caused
	FullAccess  ExportScope = "access"      // GDPR article 15: everything held
)

// ExportRelation is one relation of an export. Rows yields JSON objects whose keys are the columns, in order.
type ExportRelation struct {
	Name    string
	Columns []string
	Rows    iter.Seq2[json.RawMessage, error]
}

// Export is everything about one person, read in keyset pages.
type Export struct {
	Patron    int64
	Authority string
	Scope     ExportScope
	At        string // RFC 3339
	Access    int64
	// Relations must be read in order, each at most once.
	Relations iter.Seq[ExportRelation]
}

// OpenExport opens a person's data for export; the pages are read while Relations is ranged over.
func (c *Client) OpenExport(ctx context.Context, why Why, ref string, scope ExportScope) (*Export, error) {
	panic("stub")
}
