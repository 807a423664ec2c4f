package client

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/jackc/pgx/v5"
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
	Access    int64
	// Relations must be read in order, each at most once.
	Relations iter.Seq[ExportRelation]
}

// OpenExport opens a person's data for export; the pages are read while Relations is ranged over.
func (c *Client) OpenExport(ctx context.Context, why Why, ref string, scope ExportScope) (*Export, error) {
	access, err := c.open(ctx, "export", why, criteria{"ref": ref})
	if err != nil {
		return nil, err
	}
	export := &Export{Scope: scope, Access: access}
	var person struct {
		Patron    int64
		Authority string
	}
	for row, err := range c.exportRows(ctx, access, "patron") {
		if err != nil {
			return nil, err
		}
		if err = json.Unmarshal(row, &person); err != nil {
			return nil, err
		}
	}
	export.Patron, export.Authority = person.Patron, person.Authority
	export.Relations = func(yield func(ExportRelation) bool) {
		for _, relation := range exportRelations {
			if relation.accessOnly && scope != FullAccess {
				continue
			}
			if !yield(ExportRelation{Name: relation.name, Columns: relation.columns, Rows: c.exportRows(ctx, access, relation.name)}) {
				return
			}
		}
	}
	return export, nil
}

// pageSize is how many rows of an export are in memory at a time.
const pageSize = 2000

// exportRows reads one relation page by page, each in a transaction of its own.
func (c *Client) exportRows(ctx context.Context, access int64, relation string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		var after int64
		for {
			page, err := c.exportPage(ctx, access, relation, after)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range page {
				if !yield(row.content, nil) {
					return
				}
				after = row.key
			}
			if len(page) == 0 { // not "fewer than asked for": the server may give smaller pages
				return
			}
		}
	}
}

type exportRow struct {
	key     int64
	content json.RawMessage
}

func (c *Client) exportPage(ctx context.Context, access int64, relation string, after int64) (page []exportRow, err error) {
	err = c.transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT key, content::text FROM desk.export_page($1, $2, $3, $4)`, access, relation, after, pageSize)
		if err != nil {
			return err
		}
		page, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r exportRow, err error) {
			var text string
			err = row.Scan(&r.key, &text)
			r.content = json.RawMessage(text)
			return r, err
		})
		return err
	})
	return page, err
}

// exportRelations are the relations of an export in order, with their columns as desk.export_page gives them.
var exportRelations = []struct {
	name       string
	columns    []string
	accessOnly bool
}{
	{"patron", []string{"patron", "authority", "branch", "category", "birth_year", "status", "registered_on", "expires_on", "last_fee_on", "last_activity_on", "keeps_history", "login"}, false},
	{"identity", []string{"surname", "forenames", "title", "birth_date", "email", "phone", "document_number", "language"}, false},
	{"address", []string{"kind", "lines", "town", "postcode", "country"}, false},
	{"special", []string{"faith", "sexuality", "disability", "ethnic_origin"}, false},
	{"card", []string{"number", "issued_on", "status"}, false},
	{"membership", []string{"authority", "basis", "joined_on", "expires_on"}, false},
	{"consent", []string{"authority", "purpose", "channel", "wording", "given_at", "withdrawn_at", "source"}, false},
	{"loan", []string{"id", "barcode", "title", "authority", "branch", "lent_at", "due_at", "returned_at", "renewals"}, false},
	{"hold", []string{"id", "kind", "barcode", "title", "authority", "placed_at", "closed_at", "outcome"}, false},
	{"fee", []string{"id", "authority", "currency", "kind", "amount", "raised_on", "loan"}, false},
	{"payment", []string{"id", "fee", "currency", "amount", "paid_on", "method", "branch"}, false},
	{"account", []string{"deleted_on", "protected", "password_set_at", "one_time_until", "must_change", "failed_attempts", "locked_until"}, true},
	{"block", []string{"id", "authority", "level", "reason_code", "placed_on", "lifted_on"}, true},
	{"consultation", []string{"access", "at", "authority", "operation", "purpose"}, true},
}
