package output

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// Workbook writes an Excel workbook (ISO/IEC 29500) straight to w, a row at a time. The streaming writer of excelize keeps
// 16 MiB of each sheet in memory and the rest in a temporary file, in clear, also when w encrypts; this one keeps nothing.
//
// No cell is a formula. Text has the format "text", so that editing a cell does not make it one either. What XML cannot
// carry is written as _x001B_, which spreadsheets show as the character.
type Workbook struct {
	zip     *zip.Writer
	sheets  []string
	at      time.Time
	written int
}

// NewWorkbook begins a workbook with these sheets, in the order of their tabs; each name has at most 31 characters.
func NewWorkbook(w io.Writer, at time.Time, sheets ...string) (*Workbook, error) {
	b := &Workbook{zip: zip.NewWriter(w), sheets: sheets, at: at}
	var types, relations, tabs strings.Builder
	for i, name := range sheets {
		fmt.Fprintf(
			&types,
			`<Override PartName="/xl/worksheets/sheet%d.xml" `+
				`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`,
			i+1,
		)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relationType, i+1)
		fmt.Fprintf(&tabs, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, XMLQuoted(name), i+1, i+1)
	}
	fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="%sstyles" Target="styles.xml"/>`, len(sheets)+1, relationType)
	for _, part := range [][2]string{
		{"[Content_Types].xml", fmt.Sprintf(contentTypes, &types)},
		{"_rels/.rels", fmt.Sprintf(relationships, `<Relationship Id="rId1" Type="`+relationType+`officeDocument" Target="xl/workbook.xml"/>`)},
		{"xl/workbook.xml", fmt.Sprintf(workbook, &tabs)},
		{"xl/_rels/workbook.xml.rels", fmt.Sprintf(relationships, &relations)},
		{"xl/styles.xml", styles},
	} {
		entry, err := b.create(part[0])
		if err == nil {
			_, err = io.WriteString(entry, part[1])
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *Workbook) create(name string) (io.Writer, error) {
	return b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.at})
}

// Close ends the workbook; it does not close what it is written to. Every sheet must have been ended.
func (b *Workbook) Close() error {
	if b.written != len(b.sheets) {
		return fmt.Errorf("the workbook has %d of %d sheets", b.written, len(b.sheets))
	}
	return b.zip.Close()
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	name string
	w    *bufio.Writer
	rows int
}

// Sheet begins a sheet of that name, with a first row of headers that stays in sight. The sheet before it must have ended.
func (b *Workbook) Sheet(name string, headers ...string) (*Sheet, error) {
	i := slices.Index(b.sheets, name)
	if i < 0 {
		return nil, fmt.Errorf("the workbook has no sheet %q", name)
	}
	entry, err := b.create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
	if err != nil {
		return nil, err
	}
	b.written++
	s := &Sheet{name: name, w: bufio.NewWriter(entry)}
	_, _ = fmt.Fprintf(s.w, sheetBegins, max(len(headers), 1)) // the writer keeps its first error for End
	cells := make([]XLSXCell, len(headers))
	for i, header := range headers {
		cells[i] = XLSXCell{kind: "inlineStr", style: headStyle, value: header}
	}
	return s, s.Row(cells...)
}

// End ends the sheet.
func (s *Sheet) End() error {
	_, _ = s.w.WriteString(`</sheetData></worksheet>`)
	return s.w.Flush()
}

// What a sheet can hold.
const (
	maxSheetRows = 1 << 20
	maxCellUnits = 32767 // UTF-16
)

// Row adds a row. What no sheet can hold is an error: a row too many, or too long a text.
func (s *Sheet) Row(cells ...XLSXCell) error {
	if s.rows++; s.rows > maxSheetRows {
		return fmt.Errorf("the sheet %s would have more than %d rows, which no spreadsheet can hold: choose another format", s.name, maxSheetRows)
	}
	_, err := fmt.Fprintf(s.w, `<row r="%d">`, s.rows)
	for i, cell := range cells {
		place := columnName(i) + strconv.Itoa(s.rows)
		switch cell.kind {
		case "":
			continue
		case "inlineStr":
			if len(cell.value) > maxCellUnits && len(utf16.Encode([]rune(cell.value))) > maxCellUnits {
				return fmt.Errorf("a text in the sheet %s has more than %d characters, which no spreadsheet can hold: "+
					"choose another format", s.name, maxCellUnits)
			}
			_, err = fmt.Fprintf(s.w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`,
				place, cell.style, XMLText(escapeForXLSX(cell.value)))
		default:
			_, err = fmt.Fprintf(s.w, `<c r="%s" s="%d" t="%s"><v>%s</v></c>`, place, cell.style, cell.kind, cell.value)
		}
	}
	_, _ = s.w.WriteString("</row>")
	return err // of a full disk, so that nobody reads on
}

// columnName is A for 0.
func columnName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return columnName(i/26-1) + columnName(i%26)
}

// XLSXCell is a typed cell; the zero one is empty.
type XLSXCell struct {
	kind  string // as in the attribute t
	style int
	value string
}

// The formats of cells, by their place in cellXfs.
const (
	plainStyle = iota
	headStyle
	textStyle
	dayStyle
	instantStyle
	moneyStyle
)

// XLSXText is a cell of text.
func XLSXText(text string) XLSXCell { return XLSXCell{"inlineStr", textStyle, text} }

// XLSXNumber is a whole number; one that a spreadsheet would round is text.
func XLSXNumber(digits string) XLSXCell {
	if len(digits) > 15 {
		return XLSXText(digits)
	}
	return XLSXCell{"n", plainStyle, digits}
}

// XLSXBool is true or false.
func XLSXBool(yes bool) XLSXCell {
	if yes {
		return XLSXCell{"b", plainStyle, "1"}
	}
	return XLSXCell{"b", plainStyle, "0"}
}

// XLSXMoney is an amount written with two decimals.
func XLSXMoney(amount string) XLSXCell {
	if len(amount) > 16 {
		return XLSXText(amount)
	}
	return XLSXCell{"n", moneyStyle, amount}
}

// XLSXDay is a day such as 2026-01-31. One that spreadsheets do not have (before March 1900) is text.
func XLSXDay(day string) XLSXCell {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || at.Before(firstDay) {
		return XLSXText(day)
	}
	return XLSXCell{"n", dayStyle, strconv.Itoa(int(at.Sub(dayZero) / (24 * time.Hour)))}
}

// XLSXInstant is an RFC 3339 instant, in UTC; spreadsheets, which keep 15 digits, read it to the millisecond. One that they do
// not have is text.
func XLSXInstant(instant string) XLSXCell {
	at, err := time.Parse(time.RFC3339Nano, instant)
	if err != nil || at.Before(firstDay) || at.Year() > 9999 {
		return XLSXText(instant)
	}
	days := float64(at.UTC().Sub(dayZero).Microseconds()) / float64((24 * time.Hour).Microseconds())
	return XLSXCell{"n", instantStyle, strconv.FormatFloat(days, 'f', -1, 64)}
}

// Spreadsheets count days from here, but believe that there was a 29th of February 1900.
var (
	dayZero  = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	firstDay = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
)

var looksEscaped = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`)

// escapeForXLSX writes what XML cannot carry, or would change, as _x001B_, and the first character of what looks like that as
// _x005F_, so that it stays.
func escapeForXLSX(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r == '_' || r == '\r' || !XMLCarries(r) }) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		if r == '\r' || !XMLCarries(r) || r == '_' && looksEscaped.MatchString(text[i:]) {
			fmt.Fprintf(&b, "_x%04X_", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

const (
	xmlHeader     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNamespace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relationType  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	relationships = xmlHeader + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`
	contentTypes  = xmlHeader + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>%s</Types>`
	workbook = xmlHeader + `<workbook ` + mainNamespace + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets>%s</sheets></workbook>`
	styles = xmlHeader + `<styleSheet ` + mainNamespace + `>` +
		`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>` +
		`<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
	sheetBegins = xmlHeader + `<worksheet ` + mainNamespace + `><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" ` +
		`topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<cols><col min="1" max="%d" width="20" customWidth="1"/></cols><sheetData>`
)
