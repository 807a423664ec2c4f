// Package output is the only way data leaves patronctl: tables, JSON, CSV and Markdown on stdout,
// prompts and progress on the terminal, files on disk. It cleans every value on its way to a terminal,
// so that text from the database can never move the cursor, change colours or hide.
//
// It knows nothing of the database or of commands: it imports go-pretty (table.go, progress.go) and
// x/term (terminal.go), never client or cobra.
package output

import "io"

// Format is how data is written.
type Format string

// The formats a user may ask for with --output.
const (
	Table    Format = "table"    // aligned columns for people
	JSON     Format = "json"     // one value: an array for a list, an object for a single thing
	JSONL    Format = "jsonl"    // one JSON value a line, written as it arrives
	CSV      Format = "csv"      // written as it arrives
	Markdown Format = "markdown" // for tickets and wikis
)

// Formats lists the names --output accepts, the default first.
func Formats() []string {
	return []string{string(Table), string(JSON), string(JSONL), string(CSV), string(Markdown)}
}

// Printer says where data goes and in which shape.
type Printer struct {
	Out       io.Writer
	Format    Format
	Columns   []string // the columns (json, jsonl: fields) to write, in this order; nil is all
	NoHeaders bool
	Color     bool
	Width     int  // columns of the terminal that Out is; 0 when it is none, then nothing is ever cut
	RawCSV    bool // do not guard CSV cells against spreadsheets
	Live      bool // table, markdown: write each row as it arrives, for somebody who scans cards one by one
}

// UsageError is a request this package cannot fulfil as the user worded it, such as an unknown column.
type UsageError string

func (e UsageError) Error() string { return string(e) }
