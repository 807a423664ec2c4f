package output

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// CSVWriter writes RFC 4180 CSV, its lines ending in a line feed. Unless raw, no cell can run as a formula
// when a spreadsheet opens the file: a cell that could gets a leading apostrophe. So does a part of a cell
// after a semicolon, tab or line break, because spreadsheets of many countries split cells there.
// Reading back, taking one apostrophe from each place where a guarded value has one gives the original.
type CSVWriter struct {
	w   *csv.Writer
	out io.Writer
	raw bool
}

// NewCSVWriter returns a CSVWriter to w; raw writes every cell exactly as it is.
func NewCSVWriter(w io.Writer, raw bool) *CSVWriter {
	return &CSVWriter{w: csv.NewWriter(w), out: w, raw: raw}
}

// Write adds a line. It may stay in memory until Flush.
func (c *CSVWriter) Write(record []string) error {
	if len(record) == 1 && record[0] == "" {
		return c.writeEmptyCell()
	}
	if c.raw {
		return c.w.Write(record)
	}
	safe := make([]string, len(record))
	for i, cell := range record {
		safe[i] = guard(cell)
	}
	return c.w.Write(safe)
}

// writeEmptyCell writes the quotes that encoding/csv leaves out; readers would skip an empty line.
func (c *CSVWriter) writeEmptyCell() error {
	if err := c.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(c.out, "\"\"\n")
	return err
}

// Flush writes what is still in memory.
func (c *CSVWriter) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

const (
	formulaStarts   = "=+-@＝＋－＠"
	cellBreaks      = "\t\r\n"
	otherSeparators = ";" + cellBreaks
)

var plainNumber = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

// guard puts an apostrophe before every part of cell that a spreadsheet might run.
func guard(cell string) string {
	var b strings.Builder
	if first := strings.TrimLeftFunc(cell, skippedBySpreadsheets); first != "" && strings.ContainsRune(cellBreaks, rune(first[0])) {
		b.WriteByte('\'')
	}
	for {
		end := strings.IndexAny(cell, otherSeparators)
		if end < 0 {
			return b.String() + guardPart(cell)
		}
		b.WriteString(guardPart(cell[:end]) + cell[end:end+1])
		cell = cell[end+1:]
	}
}

func guardPart(part string) string {
	start := strings.TrimLeftFunc(part, skippedBySpreadsheets)
	if start == "" || !strings.ContainsRune(formulaStarts, []rune(start)[0]) || plainNumber.MatchString(strings.TrimSpace(part)) {
		return part
	}
	return "'" + part
}

// skippedBySpreadsheets tells what may stand before a formula without disarming it: spaces and invisible
// characters. The apostrophe is among them so that guarding can be undone without doubt.
func skippedBySpreadsheets(r rune) bool {
	if strings.ContainsRune(cellBreaks, r) {
		return false
	}
	return r == '\'' || unicode.IsSpace(r) || hidden(r)
}
