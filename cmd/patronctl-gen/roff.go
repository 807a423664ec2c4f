package main

import (
	"fmt"
	"regexp"
	"strings"

	"patronctl/output"
)

// preformatted is how wide a table is laid out in a man page: with the page's indent of 7 it makes 72 columns.
const preformatted = 65

// narrow keeps text that is to be read within 72 columns, however wide the terminal. Asking for LL before looking whether it is
// there would make it 0.
const narrow = `.if !r LL .nr LL 72n
.if (\n[LL] > 72n) .nr LL 72n
.nr LT \n[LL]
`

// roff is a man page on its way.
type roff struct{ strings.Builder }

// newPage begins a man page with its title line and name. It has no date: it says the same whenever it is made.
func newPage(name, section, what string) *roff {
	p := &roff{}
	if section == "7" {
		p.WriteString(narrow)
	}
	fmt.Fprintf(&p.Builder, ".TH %q %q \"\" \"patronctl\" \"patronctl manual\"\n", strings.ToUpper(name), section)
	p.WriteString(".nh\n.ad l\n")
	p.section("NAME")
	p.WriteString(escape(name) + " \\- " + inline(what) + "\n")
	return p
}

func (p *roff) section(title string) {
	p.WriteString(".SH \"" + escape(strings.ToUpper(title)) + "\"\n")
}

// prose writes blocks, whose first heading is the title of the page.
func (p *roff) prose(prose output.Prose) {
	for _, b := range prose {
		switch b.Kind {
		case output.HeadingBlock:
			if b.Level > 1 {
				p.section(output.PlainProse(b.Lines[0]))
			}
		case output.ParagraphBlock:
			p.WriteString(".PP\n" + inline(b.Lines[0]) + "\n")
		case output.ListBlock:
			for _, item := range b.Lines {
				p.item(item)
			}
		case output.CodeBlock:
			p.asWritten(b.Lines, 2)
		case output.TableBlock:
			p.asWritten(gridLines(b), 0)
		}
	}
}

var numbered = regexp.MustCompile(`^(\d+\.) (.*)$`)

func (p *roff) item(item string) {
	mark := `\(bu`
	if m := numbered.FindStringSubmatch(item); m != nil {
		mark, item = m[1], m[2]
	}
	p.WriteString(".IP " + mark + " 3\n" + inline(item) + "\n")
}

// asWritten keeps lines and blanks, indented by so many columns.
func (p *roff) asWritten(lines []string, indent int) {
	fmt.Fprintf(&p.Builder, ".PP\n.RS %d\n.nf\n", indent)
	for _, line := range lines {
		p.WriteString(escape(line) + "\n")
	}
	p.WriteString(".fi\n.RE\n")
}

// tagged writes a term and, indented below or beside it, what it means.
func (p *roff) tagged(term, meaning string) {
	p.WriteString(".TP\n" + term + "\n" + escape(meaning) + "\n")
}

func gridLines(b output.Block) []string {
	var lines strings.Builder
	_ = output.Prose{b}.Write(&output.Printer{Out: &lines, Width: preformatted}) // a Builder takes everything
	return strings.Split(strings.TrimSuffix(lines.String(), "\n"), "\n")
}

var roffSpecial = strings.NewReplacer(`\`, `\(rs`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// escape makes text stand in a page as it is, to be copied: a dash is the one that is typed.
func escape(text string) string {
	escaped := roffSpecial.Replace(text)
	if strings.HasPrefix(escaped, ".") {
		return `\&` + escaped
	}
	return escaped
}

var inlineMark = regexp.MustCompile("`([^`]*)`|\\*\\*([^*]*)\\*\\*")

// inline is escape for a line with marks: code and bold are bold.
func inline(line string) string {
	var b strings.Builder
	for {
		at := inlineMark.FindStringSubmatchIndex(line)
		if at == nil {
			break
		}
		marked := strings.Trim(line[at[0]:at[1]], "`*")
		b.WriteString(escape(line[:at[0]]) + `\fB` + escape(marked) + `\fR`)
		line = line[at[1]:]
	}
	return b.String() + escape(line)
}
