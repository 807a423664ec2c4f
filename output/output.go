// Package output is the only way data leaves patronctl: tables, JSON, CSV and Markdown on stdout,
// prompts and progress on the terminal, files on disk. It cleans every value on its way to a terminal,
// so that text from the database can never move the cursor, change colours or hide.
//
// It knows nothing of the database or of commands: it imports go-pretty (table.go, progress.go) and
// x/term (terminal.go, prompt.go), never client or cobra.
package output

import (
	"io"
	"iter"
)

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
}

// Column is one column of a list of T.
type Column[T any] struct {
	Name   string         // snake_case, the word used in headers and --columns
	Right  bool           // align right, for numbers
	Shrink bool           // may be cut to make the table fit a terminal
	Value  func(T) string // the text as stored; output cleans it
	Style  func(T) Style  // may be nil
}

// UsageError is a request this package cannot fulfil as the user worded it, such as an unknown column.
type UsageError string

func (e UsageError) Error() string { return string(e) }

// Slice makes rows that are already in memory fit List.
func Slice[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
