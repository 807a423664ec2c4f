package delivery

import (
	"strings"
	"sync"

	"patronctl/client"
)

// column is one column of an import file.
type column struct {
	name     string
	parse    client.Parser
	required bool // in the header and in every row
}

// relation is one import file.
type relation struct {
	name    string
	columns []column
	// place relations are referred to by their codes, so they are loaded before anything else is checked.
	place bool
	// home relations have rows that live with the patron's home.
	home bool
}

// relations are the import files, so that each comes after those it refers to: those of the catalogue, in its order.
var relations = sync.OnceValue(func() (found []relation) {
	for about, columns := range client.Catalogued() {
		r := relation{name: about.Relation, place: about.Import == "first", home: about.Import == "home"}
		for _, c := range columns {
			if c.Import != "" {
				r.columns = append(r.columns, column{name: c.Name, parse: c.Parser(), required: c.Import == "must"})
			}
		}
		if len(r.columns) > 0 {
			found = append(found, r)
		}
	}
	return found
})

func (r *relation) file() string { return r.name + ".csv" }

func (r *relation) column(name string) *column {
	for i := range r.columns {
		if r.columns[i].name == name {
			return &r.columns[i]
		}
	}
	return nil
}

// accepted lists the names of the columns for an error message.
func (r *relation) accepted() string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
