package client

import (
	"context"
	"io"
)

// ImportOptions steer Import.
type ImportOptions struct {
	// SkipBad, when not nil, receives bad rows as CSV (file,line,column,reason) and lets the rest load.
	SkipBad io.Writer
	// Progress is told what is being loaded and how many rows so far; total is 0 when unknown.
	Progress func(relation string, done, total int64)
}

// BadRow is one row that cannot be loaded.
type BadRow struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Column string `json:"column"`
	Reason string `json:"reason"`
}

// ImportedRelation counts what one file brought.
type ImportedRelation struct {
	Relation string `json:"relation"`
	Read     int64  `json:"read"`
	Added    int64  `json:"added"`
	Known    int64  `json:"known"` // already seen in an earlier import
	Bad      int64  `json:"bad"`
}

// Warning counts implausible values.
type Warning struct {
	Relation string `json:"relation"`
	Warning  string `json:"warning"`
	Count    int64  `json:"count"`
}

// Imported is the outcome of an import.
type Imported struct {
	Relations []ImportedRelation `json:"relations"`
	Warnings  []Warning          `json:"warnings"`
	Bad       []BadRow           `json:"bad"`
}

// Import loads one CSV file per relation from dir, as the database owner. With bad rows and no SkipBad nothing is loaded,
// the outcome lists them and the error is of KindUsage.
func (c *Client) Import(ctx context.Context, dir string, opt ImportOptions) (*Imported, error) {
	panic("stub")
}
