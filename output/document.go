package output

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// Section is one part of a screen about one thing. What is empty in it is left out.
type Section struct {
	Title string
	Pairs []Pair
	Grid  *Grid
	Text  string // may span lines; values from the database in it must have passed Clean
	Plot  *Plot  // in a page only; elsewhere Grid says the same
}

// Pair is a named value.
type Pair struct {
	Name, Value string
	Style       Style
	Whole       bool // to be copied in one piece, such as a key: never broken into lines
}

// Grid is a small table inside a screen; every row is as long as Headers. On a narrow terminal columns that
// are not aligned right are cut, or broken into lines.
type Grid struct {
	Headers []string
	Right   []bool // columns to align right; may be shorter than Headers
	Wrap    bool   // made to be read to the end: nothing is cut
	Rows    [][]Cell
}

// Cell is a value in a Grid.
type Cell struct {
	Text  string
	Style Style
}

const errNoCSV = UsageError("this has no csv form: use -o json")

// Document writes a screen about one thing: the sections as table or markdown, or value as json (indented)
// or jsonl (on one line). As csv it is a UsageError, which CheckColumns with nil columns tells beforehand.
func Document(p *Printer, value any, sections []Section) error {
	switch p.Format {
	case CSV:
		return errNoCSV
	case JSON, JSONL:
		return documentJSON(p, value)
	}
	var parts []string
	for _, section := range sections {
		part := section.render(p)
		if p.Format == Markdown {
			part = section.markdown(p)
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	_, err := io.WriteString(p.Out, strings.Join(parts, "\n"))
	return err
}

func documentJSON(p *Printer, value any) error {
	data, err := encode(value, p.Columns)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if p.Format == JSONL {
		b.Write(data)
	} else if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err = p.Out.Write(b.Bytes())
	return err
}

func (s *Section) render(p *Printer) string {
	var title, indent string
	if s.Title != "" {
		title, indent = p.paint(Strong, fit(Clean(s.Title), p.Width))+"\n", "  "
	}
	width := 0
	if p.Width > 0 {
		width = max(p.Width-len(indent), 1)
	}
	body := renderPairs(p, s.Pairs, width)
	if s.Grid != nil {
		grid, _ := s.Grid.sheet().render(p, width, nil)
		body += grid
	}
	if s.Text != "" {
		lines := wrap(strings.TrimRight(CleanBlock(s.Text), "\n"), width)
		body += strings.Join(lines, "\n") + "\n"
	}
	return title + indented(body, indent)
}

func indented(lines, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		if line != "\n" {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	return b.String()
}

// renderPairs aligns the values of pairs in lines of at most width terminal columns (0 is no limit).
func renderPairs(p *Printer, pairs []Pair, width int) string {
	names := 0
	for _, pair := range pairs {
		names = max(names, displayWidth(Clean(pair.Name)))
	}
	valueWidth := 0
	if width > 0 {
		names = min(names, width/2)
		valueWidth = max(width-names-columnGap, 1)
	}
	var b strings.Builder
	for _, pair := range pairs {
		name := fit(Clean(pair.Name), names)
		value := Clean(pair.Value)
		lines := []string{value}
		if !pair.Whole {
			lines = wrap(value, valueWidth)
		}
		for i, line := range lines {
			if i > 0 {
				name = ""
			}
			gap := strings.Repeat(" ", names-displayWidth(name)+columnGap)
			if line == "" {
				gap = ""
			}
			b.WriteString(p.paint(Faint, name) + gap + p.paint(pair.Style, line) + "\n")
		}
	}
	return b.String()
}

func (g *Grid) sheet() *sheet {
	s := &sheet{headers: make([]string, len(g.Headers)), right: make([]bool, len(g.Headers)), shrink: make([]bool, len(g.Headers))}
	copy(s.right, g.Right)
	s.wrap = g.Wrap
	for i, header := range g.Headers {
		s.headers[i] = Clean(header)
		s.shrink[i] = !s.right[i]
	}
	for _, row := range g.Rows {
		cells := make([]Cell, len(row))
		for i, cell := range row {
			cells[i] = Cell{Text: Clean(cell.Text), Style: cell.Style}
		}
		s.rows = append(s.rows, cells)
	}
	return s
}
