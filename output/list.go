package output

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// Column is one column of a list of T.
type Column[T any] struct {
	Name   string         // snake_case: the word in CSV and --columns, as in JSON; it never changes
	Label  string         // the header that people read; empty: the name
	Right  bool           // align right, for numbers
	Shrink bool           // may be cut to make the table fit a terminal
	Value  func(T) string // the text as stored; output cleans it
	Style  func(T) Style  // may be nil
}

// Header is what stands above the column in a table.
func (c Column[T]) Header() string { return cmp.Or(c.Label, c.Name) }

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

// CheckColumns says, before any work is done, whether the printer can write a list of T with these columns
// or, with columns nil, a Document of a T. The error is a UsageError that names what is accepted: column
// names, or for json and jsonl the fields of T.
func CheckColumns[T any](p *Printer, columns []Column[T]) error {
	if columns == nil && p.Format == CSV {
		return errNoCSV
	}
	var accepted []string
	if p.Format == JSON || p.Format == JSONL {
		accepted = fieldNames(reflect.TypeFor[T]())
	} else {
		for _, column := range columns {
			accepted = append(accepted, column.Name)
		}
	}
	for i, name := range p.Columns {
		switch {
		case len(accepted) == 0:
			return UsageError("there are no columns to choose from here: leave --columns out, or use it with -o json")
		case !slices.Contains(accepted, name):
			return UsageError(fmt.Sprintf("unknown column %q: accepted are %s", name, strings.Join(accepted, ", ")))
		case slices.Contains(p.Columns[:i], name):
			return UsageError(fmt.Sprintf("column %q is named twice", name))
		}
	}
	return nil
}

// List writes rows in the printer's format. json is one array of whole Ts, jsonl one T a line; the others
// show the columns. Rows that came before an error are still written, because some report work that is
// done; then the error is returned. With an error before any row there are no headers, which would look like
// an empty answer.
func List[T any](p *Printer, columns []Column[T], rows iter.Seq2[T, error]) error {
	if err := CheckColumns(p, columns); err != nil {
		return err
	}
	switch p.Format {
	case JSON:
		return listJSON(p, rows)
	case JSONL:
		return listJSONL(p, rows)
	case CSV:
		return listCSV(p, chosen(p, columns), rows)
	default:
		return listSheet(p, chosen(p, columns), rows)
	}
}

// chosen returns the columns to write, in the order asked for.
func chosen[T any](p *Printer, columns []Column[T]) []Column[T] {
	if p.Columns == nil {
		return columns
	}
	picked := make([]Column[T], len(p.Columns))
	for i, name := range p.Columns {
		picked[i] = columns[slices.IndexFunc(columns, func(c Column[T]) bool { return c.Name == name })]
	}
	return picked
}

func listCSV[T any](p *Printer, columns []Column[T], rows iter.Seq2[T, error]) error {
	w := NewCSVWriter(p.Out, p.RawCSV)
	record := make([]string, len(columns))
	headed := p.NoHeaders
	head := func() error {
		if headed {
			return nil
		}
		headed = true
		for i, column := range columns {
			record[i] = column.Name
		}
		return w.Write(record)
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := head(); err != nil {
			return err
		}
		for i, column := range columns {
			record[i] = column.Value(row)
			if p.Width > 0 {
				record[i] = Clean(record[i])
			}
		}
		if err := w.Write(record); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if err := head(); err != nil {
		return err
	}
	return w.Flush()
}

// rowsPerPage bounds the memory of a long table: it is written in pages, and a page may widen a column of
// the pages before it but never narrow one.
const rowsPerPage = 1000

func listSheet[T any](p *Printer, columns []Column[T], rows iter.Seq2[T, error]) error {
	out := &pages{printer: p}
	for _, column := range columns {
		out.headers = append(out.headers, column.Header())
		out.right = append(out.right, column.Right)
		out.shrink = append(out.shrink, column.Shrink)
	}
	for row, err := range rows {
		if err != nil {
			if len(out.rows) > 0 {
				_ = out.write()
			}
			return err
		}
		cells := make([]Cell, len(columns))
		for i, column := range columns {
			cells[i].Text = Clean(column.Value(row))
			if column.Style != nil {
				cells[i].Style = column.Style(row)
			}
		}
		if err := out.add(cells); err != nil {
			return err
		}
	}
	return out.end()
}

// pages writes a sheet of any length.
type pages struct {
	sheet
	printer *Printer
	widths  []int // of the pages written so far
	begun   bool
}

func (g *pages) add(row []Cell) error {
	g.rows = append(g.rows, row)
	if len(g.rows) < rowsPerPage && !g.printer.Live {
		return nil
	}
	return g.write()
}

func (g *pages) end() error {
	if g.begun && len(g.rows) == 0 {
		return nil
	}
	return g.write()
}

func (g *pages) write() error {
	var page string
	if g.printer.Format == Markdown {
		page = g.renderMarkdown(g.printer, g.begun)
	} else {
		page, g.widths = g.render(g.printer, g.printer.Width, g.widths)
	}
	g.rows, g.begun = g.rows[:0], true
	_, err := io.WriteString(g.printer.Out, page)
	return err
}
