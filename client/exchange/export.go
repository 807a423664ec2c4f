// Package exchange is the format in which everything about one person leaves a library and arrives at another: opened from
// the database, written as JSON, CSV, XML or XLSX, read again. Its columns and schemas are those of the catalogue. It imports
// the core, people, staff for settings, and output for the general formats.
package exchange

import (
	"context"
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/staff"
)

// Scope is which right an export answers.
type Scope string

// The two scopes that the law keeps apart.
const (
	Portability Scope = "portability" // GDPR article 20: what the person provided or caused
	FullAccess  Scope = "access"      // GDPR article 15: everything held
)

// Type is what the values of a column of an export are. Each may be null.
type Type string

// In JSON a list is an array, and all but numbers and booleans are strings.
const (
	Text     Type = "text"
	Number   Type = "number" // whole
	Boolean  Type = "boolean"
	Day      Type = "day"      // 2026-01-31
	Instant  Type = "instant"  // RFC 3339, in UTC
	Money    Type = "money"    // with two decimals
	Currency Type = "currency" // ISO 4217
	List     Type = "list"     // of texts
)

// Column is one column of a relation.
type Column struct {
	Name    string
	Type    Type
	Null    bool     // it may be missing
	Choices []string // the values there are, when it is one of some
	Label   string   // what it is, where the name does not say that
}

// Relation is one relation of an export. Rows yields JSON objects whose keys are the columns, in order: compact, and
// with nothing escaped that JSON does not require.
type Relation struct {
	Name    string
	Columns []Column
	Rows    iter.Seq2[json.RawMessage, error]
}

// Export is everything about one person, read in keyset pages.
type Export struct {
	Head Head
	// Relations must be read in order, each at most once.
	Relations iter.Seq[Relation]
}

// Open opens a person's data for export; the pages are read while Relations is ranged over.
func Open(ctx context.Context, c *client.Client, why client.Why, ref string, scope Scope) (*Export, error) {
	access, err := c.Open(ctx, "export", why, client.Criteria{"ref": ref})
	if err != nil {
		return nil, err
	}
	head := Head{
		Schema:      Schema,
		Scope:       scope,
		GeneratedAt: time.Now().UTC().Format(time.RFC3339), //nolint:forbidigo // when this file was made, not a day that rules depend on
		Access:      access,
		Omitted:     omitted(scope),
	}
	for row, err := range exportRows(ctx, c, access, "patron") {
		if err != nil {
			return nil, err
		}
		if err = json.Unmarshal(row, &head); err != nil { // its patron and authority
			return nil, err
		}
	}
	if err := findBasis(ctx, c, &head); err != nil {
		return nil, err
	}
	return &Export{Head: head, Relations: func(yield func(Relation) bool) {
		for _, relation := range exportRelations() {
			if relation.accessOnly && scope != FullAccess {
				continue
			}
			if !yield(Relation{Name: relation.name, Columns: relation.columns, Rows: exportRows(ctx, c, access, relation.name)}) {
				return
			}
		}
	}}, nil
}

// findBasis fills in the ground on which the home authority keeps the data. Article 20 gives a right only where that is
// consent or a contract; otherwise the copy is a courtesy, and says so.
func findBasis(ctx context.Context, c *client.Client, head *Head) error {
	settings, err := staff.ListSettings(ctx, c, head.Authority)
	if err != nil {
		return err
	}
	for _, s := range settings {
		switch s.Name {
		case "basis_service":
			head.BasisService = s.Value
		case "basis_special":
			head.BasisSpecial = s.Value
		}
	}
	switch {
	case head.Scope == FullAccess:
		head.LegalBasis = "GDPR art. 15"
	case head.BasisService == "consent", head.BasisService == "contract":
		head.LegalBasis = "GDPR art. 20"
	default:
		head.LegalBasis = "given voluntarily: GDPR art. 20 covers consent and contract only"
	}
	return nil
}

// exportRows reads one relation page by page, each in a transaction of its own.
func exportRows(ctx context.Context, c *client.Client, access int64, relation string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		var after int64
		for {
			page, err := exportPage(ctx, c, access, relation, after)
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

func exportPage(ctx context.Context, c *client.Client, access int64, relation string, after int64) (page []exportRow, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT key, content::text FROM desk.export_page($1, $2, $3, $4)`, access, relation, after, client.PageSize)
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

type exportRelation struct {
	name       string
	label      string // what it holds
	columns    []Column
	accessOnly bool
}

// exportRelations are the relations of an export, those of the catalogue and in its order, with their columns as
// desk.export_page gives them.
var exportRelations = sync.OnceValue(func() (found []exportRelation) {
	for about, columns := range client.Catalogued() {
		if about.Export == "" {
			continue
		}
		r := exportRelation{name: about.Relation, label: about.Label, accessOnly: about.Export == string(FullAccess)}
		for _, c := range columns {
			if c.Export != "" {
				r.columns = append(r.columns, Column{c.Export, exportType(&c), c.Null, c.Choices(), c.Label})
			}
		}
		found = append(found, r)
	}
	return found
})

// exportType is the type of a column where it is exported.
func exportType(c *client.CatalogueColumn) Type {
	switch c.Type {
	case "number", "count", "year":
		return Number
	case "flag":
		return Boolean
	case "day", "instant", "money", "currency", "list":
		return Type(c.Type)
	}
	return Text
}
