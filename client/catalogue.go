package client

import (
	"context"
	"encoding/csv"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"patronctl/client/schema"
)

// CatalogueColumn is a line of schema/catalogue.csv: all that is known of one column.
type CatalogueColumn struct {
	// Schema is lms, patronctl, or export for what an export shows besides the columns of tables.
	Schema   string `json:"schema"`
	Relation string `json:"relation"`
	Name     string `json:"name"` // empty in a line about the relation itself
	// Class is personal, special, secret, pseudonym or fact; desk and erasing follow it. Empty in the schema export.
	Class string `json:"class"`
	// Type is what a file may hold: text, word (short enough for an index), number, count, year, day, instant, money,
	// currency, flag, list (of words), or the values there are with a bar between two. Empty for what no file holds.
	Type string `json:"-"`
	// Null says that the value may be missing from an export.
	Null bool `json:"-"`
	// Import is must, may, or empty for what a delivery does not bring; of a relation, first when others refer to it by code,
	// home when its rows live with the patron's home.
	Import string `json:"-"`
	// Export is the scope of a relation (portability or access), the name that a column has in an export, or empty for what
	// stays out.
	Export string `json:"export"`
	// Label says in words what it is.
	Label string `json:"-"`
}

// Choices are the values of a column that has some to choose from.
func (c *CatalogueColumn) Choices() []string {
	if strings.Contains(c.Type, "|") {
		return strings.Split(c.Type, "|")
	}
	return nil
}

// catalogue is the list of columns that this program carries. Every upgrade writes it into patronctl.catalogue.
var catalogue = sync.OnceValue(func() (columns []CatalogueColumn) {
	lines, err := csv.NewReader(strings.NewReader(schema.File("catalogue.csv"))).ReadAll()
	if err != nil {
		panic(err) // embedded at build time
	}
	for _, l := range lines[1:] {
		c := CatalogueColumn{Schema: l[0], Relation: l[1], Name: l[2], Class: l[3], Import: l[5], Export: l[6], Label: l[7]}
		c.Type, c.Null = strings.CutSuffix(l[4], "?")
		if as, renamed := strings.CutPrefix(c.Export, "as "); renamed {
			c.Export = as
		} else if c.Export == "yes" {
			c.Export = c.Name
		}
		columns = append(columns, c)
	}
	return columns
})

// LoadCatalogue puts them where functions read them.
func LoadCatalogue(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT patronctl.load_catalogue($1)`, catalogue()); err != nil {
		return fmt.Errorf("catalogue.csv: %w", err)
	}
	return nil
}

// Catalogued yields each relation that files hold: the line about itself, and its columns in order.
func Catalogued() iter.Seq2[CatalogueColumn, []CatalogueColumn] {
	return func(yield func(CatalogueColumn, []CatalogueColumn) bool) {
		for i, about := range catalogue() {
			if about.Name != "" {
				continue
			}
			columns := catalogue()[i+1:]
			if end := slices.IndexFunc(columns, func(c CatalogueColumn) bool { return c.Relation != about.Relation }); end >= 0 {
				columns = columns[:end]
			}
			if !yield(about, columns) {
				return
			}
		}
	}
}
