package output

import (
	"regexp"
	"strings"
)

// Prose is text of our own in a small part of Markdown: headings, paragraphs, lists, code, tables, `code` and **bold** in
// lines. Blocks are parted by blank lines; lists do not nest; comments (<!-- -->) on lines of their own are left out.
type Prose []Block

// BlockKind is what a block of prose is.
type BlockKind int

// The kinds of blocks.
const (
	ParagraphBlock BlockKind = iota // Lines holds its text as one line
	HeadingBlock                    // as a paragraph; Level is 1 or more
	ListBlock                       // a line for each item
	CodeBlock                       // as written: fenced, or indented
	TableBlock                      // Grid holds it
)

// Block is one part of prose.
type Block struct {
	Kind  BlockKind
	Level int
	Lines []string
	Grid  *Grid
}

var (
	headingLine = regexp.MustCompile(`^(#+) +(.*)$`)
	listLine    = regexp.MustCompile(`^(?:- |(\d+\. ))(.*)$`)
	tableRule   = regexp.MustCompile(`^\|[-:| ]+\|$`)
)

// ReadProse takes Markdown apart.
func ReadProse(markdown string) Prose {
	r := proseReader{lines: strings.Split(markdown, "\n")}
	for len(r.lines) > 0 {
		r.block()
	}
	return r.prose
}

type proseReader struct {
	lines []string // those still to be read
	prose Prose
}

func (r *proseReader) block() {
	line := r.lines[0]
	heading := headingLine.FindStringSubmatch(line)
	switch {
	case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "<!--"):
		r.lines = r.lines[1:]
	case heading != nil:
		r.lines = r.lines[1:]
		r.prose = append(r.prose, Block{Kind: HeadingBlock, Level: len(heading[1]), Lines: []string{heading[2]}})
	case strings.HasPrefix(line, "```"):
		r.lines = r.lines[1:]
		r.prose = append(r.prose, Block{Kind: CodeBlock, Lines: r.while(func(line string) bool { return !strings.HasPrefix(line, "```") })})
		r.lines = r.lines[min(1, len(r.lines)):]
	case strings.HasPrefix(line, " "):
		r.prose = append(r.prose, Block{Kind: CodeBlock, Lines: r.indentedLines()})
	case strings.HasPrefix(line, "|"):
		rows := r.while(func(line string) bool { return strings.HasPrefix(line, "|") })
		r.prose = append(r.prose, Block{Kind: TableBlock, Grid: proseGrid(rows)})
	case listLine.MatchString(line):
		r.prose = append(r.prose, Block{Kind: ListBlock, Lines: listItems(r.while(isProse))})
	default:
		r.prose = append(r.prose, Block{Lines: []string{strings.Join(r.while(isParagraph), " ")}})
	}
}

// while takes the lines up to the first that does not belong.
func (r *proseReader) while(belongs func(line string) bool) []string {
	n := 0
	for n < len(r.lines) && belongs(r.lines[n]) {
		n++
	}
	taken := r.lines[:n]
	r.lines = r.lines[n:]
	return taken
}

// indentedLines takes lines that are indented by two or more, with the empty ones among them.
func (r *proseReader) indentedLines() []string {
	taken := r.while(func(line string) bool { return line == "" || strings.HasPrefix(line, "  ") })
	lines := strings.Split(strings.TrimRight(strings.Join(taken, "\n"), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return lines
}

func isProse(line string) bool {
	return line != "" && !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "<!--")
}

func isParagraph(line string) bool { return isProse(line) && !strings.HasPrefix(line, "  ") }

// listItems joins the lines of each item; an item of a numbered list keeps its number.
func listItems(lines []string) []string {
	var items []string
	for _, line := range lines {
		if m := listLine.FindStringSubmatch(line); m != nil {
			items = append(items, m[1]+m[2])
		} else {
			items[len(items)-1] += " " + strings.TrimSpace(line)
		}
	}
	return items
}

func proseGrid(lines []string) *Grid {
	g := &Grid{Wrap: true}
	for i, line := range lines {
		switch cells := strings.Split(strings.Trim(line, "|"), "|"); {
		case i == 0:
			for _, cell := range cells {
				g.Headers = append(g.Headers, PlainProse(strings.TrimSpace(cell)))
			}
		case tableRule.MatchString(line):
			for _, cell := range cells {
				g.Right = append(g.Right, strings.HasSuffix(strings.TrimSpace(cell), ":"))
			}
		default:
			row := make([]Cell, len(g.Headers))
			for n := range row[:min(len(row), len(cells))] {
				row[n].Text = PlainProse(strings.TrimSpace(cells[n]))
			}
			g.Rows = append(g.Rows, row)
		}
	}
	return g
}

// PlainProse is a line of prose without its marks.
func PlainProse(line string) string { return strings.NewReplacer("`", "", "**", "").Replace(line) }
