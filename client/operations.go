package client

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"patronctl/client/schema"
)

// Operation is a row of schema/operations.csv; schema/desk/gate/operations.sql tells what its columns mean.
type Operation struct {
	Name string `json:"name"`
	// AskedBy has the resolver of each criterion.
	AskedBy map[string]string `json:"asked_by"`
	Purpose string            `json:"purpose"`
	// Rights has the reach of each role, with +reason where one is needed.
	Rights    map[string]string `json:"rights"`
	Marks     []string          `json:"marks"`
	Functions []string          `json:"functions"`
}

// Operations are all of them, in the order of the file.
func Operations() []Operation { return operations() }

var operations = sync.OnceValue(func() (all []Operation) {
	lines, err := csv.NewReader(strings.NewReader(schema.File("operations.csv"))).ReadAll()
	if err != nil {
		panic(err) // embedded at build time
	}
	roles := lines[0][3 : len(lines[0])-2]
	for _, line := range lines[1:] {
		o := Operation{Name: line[0], AskedBy: map[string]string{}, Purpose: line[2], Rights: map[string]string{}}
		for _, way := range strings.Fields(line[1]) {
			criterion, resolver, ok := strings.Cut(way, "=")
			if !ok {
				panic(fmt.Sprintf("operations.csv: %s does not say whom %s leads to", o.Name, criterion))
			}
			o.AskedBy[criterion] = resolver
		}
		for n, role := range roles {
			if reach := line[3+n]; reach != "" {
				o.Rights[role] = reach
			}
		}
		o.Marks, o.Functions = fields(line[len(line)-2]), fields(line[len(line)-1])
		all = append(all, o)
	}
	return all
})

// fields is strings.Fields, never nil: a list without members is no NULL.
func fields(text string) []string { return append([]string{}, strings.Fields(text)...) }

// erases tells whether an operation adds to the ledger.
func erases(operation string) bool {
	return slices.ContainsFunc(operations(), func(o Operation) bool { return o.Name == operation && slices.Contains(o.Marks, "erases") })
}

// LoadOperations puts them where sessions read them.
func LoadOperations(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT desk.load_operations($1)`, Operations()); err != nil {
		return fmt.Errorf("operations.csv: %w", err)
	}
	return nil
}
