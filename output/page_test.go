package output

import (
	"regexp"
	"strings"
	"testing"
)

// Whatever stands in the database, the page stays one document: no element, attribute, script or address comes from it.
func TestPageEscapesEverything(t *testing.T) {
	const evil = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' javascript:alert(1) \u202e\x1b[31m {{.}}"
	write := func(s string) string {
		var b strings.Builder
		err := HTML(&b, Page{Title: s, Lead: s, Foot: s, Sections: []Section{{
			Title: s, Text: s, Pairs: []Pair{{Name: s, Value: s}}, Grid: &Grid{Headers: []string{s}, Rows: [][]Cell{{{Text: s}}}},
			Plot: &Plot{Title: s, Parts: []string{s, s}, Bars: []Bar{{Label: s, Parts: []int{1, 2}}}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	hostile := write(evil)
	harmless, got := tags.FindAllString(write("x"), -1), tags.FindAllString(hostile, -1)
	if strings.Join(harmless, "\n") != strings.Join(got, "\n") {
		t.Errorf("the elements differ:\n%s", strings.Join(got, "\n"))
	}
	if strings.ContainsAny(hostile, "\u202e\x1b") {
		t.Error("a hidden character got through")
	}
	for _, word := range []string{"http://", "https://", "url(", "@import", "<link", "<script", "src="} {
		if strings.Contains(tags.ReplaceAllString(write("x"), ""), word) || strings.Contains(strings.Join(got, ""), word) {
			t.Errorf("the page loads something: %s", word)
		}
	}
}

// Bars are in proportion to the longest, parts one after the other, and the sums stand beside them.
func TestPlot(t *testing.T) {
	plot := &Plot{Parts: []string{"a", "b"}, Bars: []Bar{{"x", []int{30, 10}}, {"y", []int{0, 20}}, {"z", []int{0, 0}}}}
	x, y := plot.rects(plot.Bars[0]), plot.rects(plot.Bars[1])
	if len(x) != 2 || x[0].Width != "75.000%" || x[1].X != "75.000%" || x[1].Width != "25.000%" || x[1].Says != "b: 10" {
		t.Error(x)
	}
	if len(y) != 1 || y[0].Part != 1 || y[0].X != "0.000%" || y[0].Width != "50.000%" || len(plot.rects(plot.Bars[2])) != 0 {
		t.Error(y)
	}
}
