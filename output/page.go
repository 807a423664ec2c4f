package output

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// Page is a document for a browser or a printer: one file without scripts that loads nothing from elsewhere.
type Page struct {
	Title, Lead string
	Sections    []Section
	Foot        string
}

// Plot is bars, one below the other. Its numbers stand beside them, so that nobody needs the colours.
type Plot struct {
	Title string
	Parts []string // what the parts of a bar are, at most six
	Bars  []Bar
}

// Bar is one bar of a plot.
type Bar struct {
	Label string
	Parts []int // as long as the plot's Parts
}

// HTML writes the page. Every value is cleaned and escaped.
func HTML(w io.Writer, page Page) error { return pageTemplate.Execute(w, page) }

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":      Clean,
	"paragraphs": func(s string) []string { return strings.Split(strings.TrimSpace(CleanBlock(s)), "\n\n") },
	"right":      func(g *Grid, n int) bool { return n < len(g.Right) && g.Right[n] },
	"rects":      (*Plot).rects,
	"sum":        sum,
}).Parse(pageText))

// rect is a part of a bar, in hundredths of the plot's width.
type rect struct {
	Part     int
	X, Width string
	Says     string
}

func (p *Plot) rects(bar Bar) []rect {
	longest := 1
	for _, b := range p.Bars {
		longest = max(longest, sum(b.Parts))
	}
	var rects []rect
	x := 0.0
	for n, count := range bar.Parts {
		if count == 0 {
			continue
		}
		width := 100 * float64(count) / float64(longest)
		rects = append(rects, rect{n, fmt.Sprintf("%.3f%%", x), fmt.Sprintf("%.3f%%", width), fmt.Sprintf("%s: %d", p.Parts[n], count)})
		x += width
	}
	return rects
}

func sum(counts []int) (total int) {
	for _, count := range counts {
		total += count
	}
	return total
}
