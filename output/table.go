package output

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Style is how a piece of text stands out. Meaning never rests on it alone: without colour it is lost.
type Style int

// The styles.
const (
	Plain   Style = iota
	Good          // all is well
	Caution       // look before going on
	Bad           // something is wrong
	Faint         // of less interest
	Strong        // headings, and what matters most
)

// The colours can be read on light and on dark backgrounds, which yellow cannot.
var colors = map[Style]text.Colors{
	Good:    {text.FgGreen},
	Caution: {text.FgMagenta},
	Bad:     {text.FgRed, text.Bold},
	Faint:   {text.Faint},
	Strong:  {text.Bold},
}

const (
	columnGap   = 2 // spaces between two columns
	leastShrunk = 6 // a column is never cut to fewer terminal columns than this
)

func init() {
	// East Asian locales would otherwise count dashes and quotes as two columns, which few terminals do.
	text.OverrideRuneWidthEastAsianWidth(false)
}

// sheet is a table on its way to a terminal or a pipe.
type sheet struct {
	headers []string
	right   []bool // per column, as is shrink
	shrink  []bool
	wrap    bool // break what does not fit into lines instead of cutting it
	rows    [][]Cell
}

// render lays the sheet out, each line ending in a line feed. No column is narrower than in least, the
// widths of the part of the same table already written; the new widths are returned.
func (s *sheet) render(p *Printer, width int, least []int) (string, []int) {
	widths, fits := s.widths(width, least)
	if !fits {
		return s.renderRecords(p, width, least != nil), widths
	}
	w := table.NewWriter()
	w.SetStyle(table.Style{Box: table.BoxStyle{PaddingRight: strings.Repeat(" ", columnGap)}})
	w.SuppressTrailingSpaces()
	w.SetColumnConfigs(s.columnConfigs(widths))
	if !p.NoHeaders && least == nil {
		w.AppendHeader(s.paintedRow(p, headerCells(s.headers), widths))
	}
	for _, row := range s.rows {
		w.AppendRow(s.paintedRow(p, row, widths))
	}
	if w.Length() == 0 && (p.NoHeaders || least != nil) {
		return "", widths
	}
	return w.Render() + "\n", widths
}

// widths finds the width of each column that makes the sheet fit into limit terminal columns (0 is no
// limit), by shrinking the widest column that may shrink. It reports false where that is impossible.
func (s *sheet) widths(limit int, least []int) ([]int, bool) {
	widths := make([]int, len(s.headers))
	for i, header := range s.headers {
		widths[i] = displayWidth(header)
		for _, row := range s.rows {
			widths[i] = max(widths[i], displayWidth(row[i].Text))
		}
		if least != nil {
			widths[i] = max(widths[i], least[i])
		}
	}
	if limit == 0 {
		return widths, true
	}
	total := columnGap * (len(widths) - 1)
	for _, width := range widths {
		total += width
	}
	floors := s.floors()
	for ; total > limit; total-- {
		widest := -1
		for i, width := range widths {
			if s.shrink[i] && width > floors[i] && (widest < 0 || width > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return widths, false
		}
		widths[widest]--
	}
	return widths, true
}

// floors are the widths below which no column is shrunk; where lines are broken, words are not.
func (s *sheet) floors() []int {
	floors := make([]int, len(s.headers))
	for i, header := range s.headers {
		floors[i] = leastShrunk
		if s.wrap {
			floors[i] = max(leastShrunk, longestWord(header))
			for _, row := range s.rows {
				floors[i] = max(floors[i], longestWord(row[i].Text))
			}
		}
	}
	return floors
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, displayWidth(word))
	}
	return longest
}

func (s *sheet) paintedRow(p *Printer, cells []Cell, widths []int) table.Row {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		lines := []string{cut(cell.Text, widths[i])}
		if s.wrap {
			lines = wrap(cell.Text, widths[i])
		}
		for n, line := range lines {
			lines[n] = p.paint(cell.Style, line)
		}
		row[i] = strings.Join(lines, "\n")
	}
	return row
}

// renderRecords is for terminals too narrow for the columns: each row becomes a block of named values.
func (s *sheet) renderRecords(p *Printer, width int, continued bool) string {
	var b strings.Builder
	for n, row := range s.rows {
		if n > 0 || continued {
			b.WriteByte('\n')
		}
		pairs := make([]Pair, len(row))
		for i, cell := range row {
			pairs[i] = Pair{Name: s.headers[i], Value: cell.Text, Style: cell.Style}
		}
		b.WriteString(renderPairs(p, pairs, width))
	}
	return b.String()
}

// renderMarkdown lays the sheet out as a Markdown table, whose headers are left out when it continues one.
func (s *sheet) renderMarkdown(p *Printer, continued bool) string {
	w := table.NewWriter()
	w.SetColumnConfigs(s.columnConfigs(make([]int, len(s.headers))))
	if !p.NoHeaders && !continued {
		w.AppendHeader(markdownRow(headerCells(s.headers)))
	}
	for _, row := range s.rows {
		w.AppendRow(markdownRow(row))
	}
	if rendered := w.RenderMarkdown(); rendered != "" {
		return rendered + "\n"
	}
	return ""
}

func (s *sheet) columnConfigs(least []int) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(s.headers))
	for i := range configs {
		align := text.AlignLeft
		if s.right[i] {
			align = text.AlignRight
		}
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMin: least[i], Align: align, AlignHeader: align}
	}
	return configs
}

func markdownRow(cells []Cell) table.Row {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		// go-pretty escapes the bar itself.
		row[i] = escapeMarkdown(cell.Text)
	}
	return row
}

func headerCells(headers []string) []Cell {
	cells := make([]Cell, len(headers))
	for i, header := range headers {
		cells[i] = Cell{Text: header, Style: Faint}
	}
	return cells
}

// paint wraps s in the escape sequences of a style, on a terminal that wants colour.
func (p *Printer) paint(style Style, s string) string {
	if !p.Color || style == Plain || s == "" {
		return s
	}
	return colors[style].EscapeSeq() + s + text.EscapeReset
}

// displayWidth is the number of terminal columns that clean text takes.
func displayWidth(s string) int { return text.StringWidthWithoutEscSequences(s) }

// fit is cut for a limit that may be absent (0).
func fit(s string, width int) string {
	if width == 0 {
		return s
	}
	return cut(s, width)
}

// cut shortens clean text to width terminal columns, marking the loss with "…".
func cut(s string, width int) string {
	if displayWidth(s) <= width {
		return s
	}
	return fitting(s, width-1) + "…"
}

// fitting is the longest beginning of s that takes at most width terminal columns, whole characters with
// their combining marks.
func fitting(s string, width int) string {
	for i, r := range s {
		if width -= text.RuneWidth(r); width < 0 {
			return s[:i]
		}
	}
	return s
}

// wrap breaks clean text into lines of at most width terminal columns (0 is no limit), between words where
// it can.
func wrap(s string, width int) []string {
	lines := strings.Split(s, "\n")
	if width <= 0 {
		return lines
	}
	var wrapped []string
	for _, line := range lines {
		for {
			head := fitting(line, max(width, 2))
			if head == line {
				break
			}
			if space := strings.LastIndexByte(line[:len(head)+1], ' '); space > 0 {
				head = line[:space]
			}
			wrapped = append(wrapped, strings.TrimRight(head, " "))
			line = strings.TrimLeft(line[len(head):], " ")
		}
		wrapped = append(wrapped, line)
	}
	return wrapped
}
