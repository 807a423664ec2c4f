package delivery

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"patronctl/client"
)

// importFile reads one CSV file as the rows of a COPY: typed, each with the number of its line. Rows that cannot be typed
// are left out and reported to bad.
type importFile struct {
	relation *relation
	columns  []*column // as in the header
	bad      func(BadRow)
	progress func(done int64)

	file   *os.File
	input  *rowLimit
	csv    *csv.Reader
	values []any // the line number, then a value per column
	line   int64 // where the last row began
	read   int64
	err    error
}

// openImport opens the file of a relation in dir; it is nil when there is none.
func openImport(dir string, r *relation) (*importFile, error) {
	file, err := os.Open(filepath.Join(dir, r.file()))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(r.file(), err)
	}
	f := &importFile{relation: r, file: file, input: &rowLimit{file: file, left: longestRow}}
	f.csv = csv.NewReader(bufio.NewReaderSize(f.input, 1<<20))
	f.csv.FieldsPerRecord = -1
	f.csv.ReuseRecord = true
	if err := f.header(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func unreadable(file string, err error) error {
	return &client.Error{
		Kind:    client.KindUsage,
		Message: "cannot read " + file,
		Hint:    "check that it is a CSV file and that you may read it",
		Cause:   err,
	}
}

func (f *importFile) close() { _ = f.file.Close() } // only read

// rowLimit stops reading in a row that does not end, as after a quotation mark that is never closed: it would fill the memory.
type rowLimit struct {
	file io.Reader
	left int
}

const longestRow = 16 << 20

var errLongRow = errors.New("a row of more than 16 MiB")

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.file.Read(p)
	l.left -= n
	return n, err
}

// plainName is what may be quoted from a header: without one, the first line may be a person's.
var plainName = regexp.MustCompile(`^[a-z][a-z_]{0,62}$`)

func (f *importFile) header() error {
	accepted := "the columns of " + f.relation.file() + " are " + f.relation.accepted()
	names, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return &client.Error{Kind: client.KindUsage, Message: f.relation.file() + " is empty: the first line names the columns", Hint: accepted}
	}
	if err != nil {
		return unreadable(f.relation.file(), err)
	}
	given := map[string]bool{}
	for i, name := range names {
		if i == 0 {
			name = strings.TrimPrefix(name, "\ufeff") // spreadsheets write it
		}
		if len(names) == 1 && strings.ContainsAny(name, ";\t") {
			return &client.Error{
				Kind:    client.KindUsage,
				Message: f.relation.file() + ": fields are separated by commas, not by semicolons or tabs",
				Hint:    accepted,
			}
		}
		c := f.relation.column(name)
		if c == nil || given[name] {
			said := fmt.Sprintf("column %d of %s is unknown", i+1, f.relation.file())
			if plainName.MatchString(name) {
				said = fmt.Sprintf("%s: unknown column %s", f.relation.file(), name)
			}
			if given[name] {
				said = fmt.Sprintf("%s: column %s is there twice", f.relation.file(), name)
			}
			return &client.Error{Kind: client.KindUsage, Message: said, Hint: accepted}
		}
		given[name] = true
		f.columns = append(f.columns, c)
	}
	for _, c := range f.relation.columns {
		if c.required && !given[c.name] {
			return &client.Error{Kind: client.KindUsage, Message: f.relation.file() + " lacks the column " + c.name, Hint: accepted}
		}
	}
	f.values = make([]any, 1+len(f.columns))
	return nil
}

// target names the staging columns that Values fills.
func (f *importFile) target() []string {
	names := []string{"line"}
	for _, c := range f.columns {
		names = append(names, c.name)
	}
	return names
}

// progressEvery is how many rows are read between two words to whoever waits.
const progressEvery = 100_000

// Next goes to the next row that can be typed.
func (f *importFile) Next() bool {
	for {
		f.input.left = longestRow
		fields, err := f.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		f.read++
		if f.read%progressEvery == 0 {
			f.progress(f.read)
		}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken) && broken.Line > broken.StartLine:
			// The rows that this swallowed cannot be told apart, let alone set aside.
			f.err = &client.Error{
				Kind:    client.KindUsage,
				Message: fmt.Sprintf("%s:%d: a quotation mark is never closed, or in the wrong place", f.relation.file(), broken.StartLine),
				Hint:    "mend that line; nothing was loaded",
			}
			return false
		case errors.As(err, &broken):
			f.report(int64(broken.StartLine), "", "a quotation mark is in the wrong place or never closed")
		case errors.Is(err, errLongRow):
			f.err = &client.Error{
				Kind:    client.KindUsage,
				Message: fmt.Sprintf("%s: the row after line %d is longer than 16 MiB", f.relation.file(), f.line),
				Hint:    "look for a quotation mark that is never closed",
			}
			return false
		case err != nil:
			f.err = unreadable(f.relation.file(), err)
			return false
		case f.parse(fields):
			return true
		}
	}
}

// parse types a row; every field that cannot be typed is reported.
func (f *importFile) parse(fields []string) bool {
	start, _ := f.csv.FieldPos(0)
	f.line = int64(start)
	if len(fields) != len(f.columns) {
		f.report(f.line, "", fmt.Sprintf("%d fields instead of %d", len(fields), len(f.columns)))
		return false
	}
	good := true
	f.values[0] = f.line
	for i, c := range f.columns {
		var err error
		if f.values[i+1], err = c.value(fields[i]); err != nil {
			f.report(f.line, c.name, err.Error())
			good = false
		}
	}
	return good
}

func (f *importFile) report(line int64, column, reason string) {
	f.bad(BadRow{File: f.relation.file(), Line: line, Column: column, Reason: reason})
}

// Values is the row that Next went to.
func (f *importFile) Values() ([]any, error) { return f.values, nil }

// Err is what ended the reading early.
func (f *importFile) Err() error { return f.err }

var errEmpty = errors.New("empty")

// value is nil for an empty field.
func (c *column) value(field string) (any, error) {
	switch {
	case field != "":
		return c.parse(field)
	case c.required:
		return nil, errEmpty
	}
	return nil, nil
}
