package exchange

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// The readers of this file are not ours: each gives back the rows that a file holds, by relation.

func fromJSON(t *testing.T, file []byte) table {
	t.Helper()
	var document struct {
		Relations map[string][]map[string]any `json:"relations"`
	}
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err := d.Decode(&document); err != nil {
		t.Fatal(err)
	}
	found := table{}
	for relation, rows := range document.Relations {
		for _, row := range rows {
			var line []string
			for _, column := range columnsOf(relation) {
				text := ""
				if list, ok := row[column.Name].([]any); ok {
					text = strings.Join(texts(list), "; ")
				} else if row[column.Name] != nil {
					text = fmt.Sprint(row[column.Name])
				}
				line = append(line, text)
			}
			found[relation] = append(found[relation], line)
		}
	}
	return found
}

// node is any element of XML.
type node struct {
	XMLName xml.Name
	Escaped string `xml:"escaped,attr"`
	Text    string `xml:",chardata"`
	Nodes   []node `xml:",any"`
}

func fromXML(t *testing.T, file []byte) table {
	t.Helper()
	var root node
	if err := xml.Unmarshal(file, &root); err != nil {
		t.Fatal(err)
	}
	found := table{}
	for _, part := range root.Nodes {
		if part.XMLName.Local != "relations" {
			continue
		}
		for _, relation := range part.Nodes {
			name := relation.XMLName.Local
			columns := columnsOf(name)
			for _, row := range relation.Nodes {
				line := make([]string, len(columns))
				for _, value := range row.Nodes {
					i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == value.XMLName.Local })
					line[i] = value.text(t)
				}
				found[name] = append(found[name], line)
			}
		}
	}
	return found
}

// text is what an element holds, or the values of a list.
func (n *node) text(t *testing.T) string {
	t.Helper()
	if len(n.Nodes) > 0 {
		var list []string
		for _, value := range n.Nodes {
			list = append(list, value.text(t))
		}
		return strings.Join(list, "; ")
	}
	if n.Escaped == "json" {
		if err := json.Unmarshal([]byte(`"`+n.Text+`"`), &n.Text); err != nil {
			t.Fatal(err)
		}
	}
	return n.Text
}

func fromCSV(t *testing.T, file []byte) table {
	t.Helper()
	found := table{}
	for name, text := range unzip(t, file) {
		relation, ok := strings.CutSuffix(name, ".csv")
		if !ok {
			continue
		}
		for i, line := range rfc4180(string(text)) {
			if i > 0 {
				for j := range line {
					line[j] = unguarded(line[j])
				}
				found[relation] = append(found[relation], line)
			}
		}
	}
	return found
}

// rfc4180 reads CSV and leaves line breaks within quotes as they are, which encoding/csv does not.
func rfc4180(text string) (lines [][]string) {
	var line []string
	for text != "" {
		var cell strings.Builder
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			for {
				part, after, _ := strings.Cut(rest, `"`)
				cell.WriteString(part)
				if rest, quoted = strings.CutPrefix(after, `"`); !quoted {
					text = after
					break
				}
				cell.WriteByte('"')
			}
		} else {
			end := strings.IndexAny(text, ",\n")
			cell.WriteString(text[:end])
			text = text[end:]
		}
		line = append(line, cell.String())
		if text[0] == '\n' {
			lines, line = append(lines, line), nil
		}
		text = text[1:]
	}
	return lines
}

// unguarded takes one apostrophe from each place where a guarded cell has one: from the beginning of a part (they end with a
// semicolon, tab or line break) where a formula would begin behind apostrophes, spaces and invisible characters, and from the
// beginning of a cell of which the first other character is a tab or line break.
func unguarded(cell string) string {
	skipped := func(r rune) bool {
		return r == '\'' || !strings.ContainsRune("\t\r\n", r) && (unicode.IsSpace(r) || !unicode.IsGraphic(r))
	}
	if rest, ok := strings.CutPrefix(cell, "'"); ok {
		if first := strings.TrimLeftFunc(rest, skipped); first != "" && strings.ContainsRune("\t\r\n", rune(first[0])) {
			cell = rest
		}
	}
	var b strings.Builder
	for cell != "" {
		end := strings.IndexAny(cell, ";\t\r\n") + 1
		if end == 0 {
			end = len(cell)
		}
		part := cell[:end]
		if rest, ok := strings.CutPrefix(part, "'"); ok && isFormula(strings.TrimLeftFunc(rest, skipped), rest) {
			part = rest
		}
		b.WriteString(part)
		cell = cell[end:]
	}
	return b.String()
}

var negative = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

func isFormula(start, part string) bool {
	return start != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(start)[0]) &&
		!negative.MatchString(strings.TrimSpace(strings.TrimRight(part, ";")))
}

// fromXLSX reads with excelize, and turns days and moments back from the numbers that spreadsheets keep.
func fromXLSX(t *testing.T, file []byte) table {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // only read
	found := table{}
	for _, sheet := range book.GetSheetList() {
		columns := columnsOf(sheet)
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %v", sheet, err)
		}
		if sheet == manifestSheet {
			continue
		}
		for i, row := range rows[1:] {
			line := make([]string, len(columns))
			for j, value := range row {
				place, err := excelize.CoordinatesToCellName(j+1, i+2)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := book.GetCellFormula(sheet, place); formula != "" || err != nil {
					t.Errorf("%s of %s is a formula: %s, %v", place, sheet, formula, err)
				}
				kind, err := book.GetCellType(sheet, place)
				if err != nil {
					t.Fatal(err)
				}
				line[j] = fromCell(t, value, kind, columns[j].Type)
			}
			found[sheet] = append(found[sheet], line)
		}
	}
	return found
}

func fromCell(t *testing.T, value string, kind excelize.CellType, want Type) string {
	t.Helper()
	if value == "" {
		return ""
	}
	isText := kind == excelize.CellTypeInlineString
	if wantText := want == Text || want == Currency || want == List; wantText != isText {
		t.Errorf("a cell of type %v holds a %s", kind, want)
	}
	switch want {
	case Boolean:
		return strconv.FormatBool(value == "1" || value == "TRUE")
	case Money:
		amount, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(amount, 'f', 2, 64)
	case Day, Instant:
		days, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		// spreadsheets keep 15 digits
		at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(days*86400e3)) * time.Millisecond)
		if want == Day {
			return at.Format(time.DateOnly)
		}
		return instant(at)
	default:
		return value
	}
}
