package client

import (
	"context"
	"io"
)

// Migration is one versioned step of a schema.
type Migration struct {
	Schema  string `json:"schema"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

// TableRows is an approximate row count.
type TableRows struct {
	Relation string `json:"relation"`
	Rows     int64  `json:"rows"`
}

// Status describes an installation.
type Status struct {
	Server      string      `json:"server"` // PostgreSQL version
	Database    string      `json:"database"`
	LMS         int64       `json:"lms_version"`
	Records     int64       `json:"records_version"`
	Desk        string      `json:"desk_hash"`    // content hash of the functions installed
	DeskCurrent bool        `json:"desk_current"` // the functions installed are those of this program
	Pending     []Migration `json:"pending"`
	ClockOffset string      `json:"clock_offset"`
	Rows        []TableRows `json:"rows"`
}

// Authority is a member of the consortium.
type Authority struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Currency string `json:"currency"`  // ISO 4217
	TimeZone string `json:"time_zone"` // IANA name
}

// Init installs everything into an empty database, as its owner, and names the first administrator.
func (c *Client) Init(ctx context.Context, admin string, step func(string)) error { panic("stub") }

// Upgrade applies pending migrations and functions. It returns what it did; doing nothing is not an error.
func (c *Client) Upgrade(ctx context.Context, step func(string)) ([]Migration, error) { panic("stub") }

// Status tells versions, pending migrations and row counts.
func (c *Client) Status(ctx context.Context) (*Status, error) { panic("stub") }

// AddAuthority adds a member of the consortium, as the database owner.
func (c *Client) AddAuthority(ctx context.Context, a Authority) error { panic("stub") }

// AdminSQL is the SQL that only a server administrator can run.
func AdminSQL() string { panic("stub") }

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
