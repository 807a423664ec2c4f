package output

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// Write lays prose out in lines of at most p.Width columns, 80 where there is no terminal.
func (prose Prose) Write(p *Printer) error {
	width := p.Width
	if width == 0 {
		width = 80
	}
	parts := make([]string, len(prose))
	for i, block := range prose {
		parts[i] = block.render(p, width)
	}
	_, err := io.WriteString(p.Out, strings.Join(parts, "\n"))
	return err
}

func (b *Block) render(p *Printer, width int) string {
	var lines []string
	switch b.Kind {
	case HeadingBlock:
		for _, line := range wrap(PlainProse(b.Lines[0]), width) {
			lines = append(lines, p.paint(Strong, line))
		}
	case ParagraphBlock:
		lines = wrapProse(p, b.Lines[0], width)
	case ListBlock:
		for _, item := range b.Lines {
			lines = append(lines, listItem(p, item, width)...)
		}
	case CodeBlock:
		for _, line := range b.Lines {
			lines = append(lines, codeLines(line, width)...)
		}
	case TableBlock:
		grid, _ := b.Grid.sheet().render(p, width, nil)
		return grid
	}
	return strings.Join(lines, "\n") + "\n"
}

func listItem(p *Printer, item string, width int) []string {
	bullet := "- "
	if number, rest, ok := strings.Cut(item, ". "); ok && isNumber(number) {
		bullet, item = number+". ", rest
	}
	lines := wrapProse(p, item, width-len(bullet))
	for i, line := range lines {
		lines[i] = bullet + line
		bullet = strings.Repeat(" ", len(bullet))
	}
	return lines
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// codeLines indents a line of code by two, and breaks it where it does not fit: what is broken off stands further in.
func codeLines(line string, width int) []string {
	indent, further := "  ", "      "
	switch {
	case line == "":
		return []string{""}
	case displayWidth(indent+line) <= width:
		return []string{indent + line}
	}
	lines := wrap(line, width-len(further))
	for i, part := range lines {
		lines[i] = indent + part
		indent = further
	}
	return lines
}

// mark is what stands for the marks of code and bold while lines are broken: it takes no room.
const mark = "\x01"

// wrapProse breaks a line into lines, code and bold painted. Where there is no colour, code keeps its marks.
func wrapProse(p *Printer, line string, width int) []string {
	if !p.Color {
		return wrap(strings.ReplaceAll(line, "**", ""), width)
	}
	lines := wrap(strings.NewReplacer("`", mark, "**", mark).Replace(line), width)
	styles := []Style{Plain, Strong}
	for i, line := range lines {
		var b strings.Builder
		for n, part := range strings.Split(line, mark) {
			if n > 0 {
				slices.Reverse(styles)
			}
			b.WriteString(p.paint(styles[0], part))
		}
		lines[i] = b.String()
	}
	return lines
}
