//go:build linux

package bench

import (
	"fmt"
	"strings"
	"time"

	"patronctl/output"
)

// line is one figure: of the library, of a small one, and psql's.
type line struct {
	work, ours, small, theirs, ratio, target string
	met                                      bool
}

type report struct{ lines []line }

func (r *report) add(l line) { r.lines = append(r.lines, l) }

// The places of what is compared: patronctl, psql, and patronctl in the small library where that is measured.
const us, them, little = 0, 1, 2

// compared begins a line about times.
func compared(work string, c []cost) line {
	times := float64(c[us].time) / float64(c[them].time)
	l := line{work: work, ours: duration(c[us].time), theirs: duration(c[them].time), ratio: ratio(times)}
	if len(c) > little {
		l.small = duration(c[little].time)
	}
	return l
}

// within adds a time that must not exceed a multiple of psql's.
func (r *report) within(work string, limit float64, c []cost) {
	l := compared(work, c)
	l.target, l.met = fmt.Sprintf("%.1f x", limit), float64(c[us].time) <= limit*float64(c[them].time)
	r.add(l)
}

// atMost adds a time with an absolute limit.
func (r *report) atMost(work string, limit time.Duration, c []cost) {
	l := compared(work, c)
	l.target, l.met = duration(limit), c[us].time <= limit
	r.add(l)
}

// speeds adds a speed that must not fall below a multiple of another; the last is that in the small library.
func (r *report) speeds(work string, limit, ours, theirs, inSmall float64) {
	r.add(line{
		work: work, ours: speed(ours), theirs: speed(theirs), small: speed(inSmall),
		ratio: ratio(ours / theirs), target: fmt.Sprintf(">= %.1f x", limit), met: ours >= limit*theirs,
	})
}

// memory adds the most memory that a process held, in bytes.
func (r *report) memory(work string, limit int64, c []cost) {
	l := line{
		work: work, ours: mebibytes(c[us].memory), theirs: mebibytes(c[them].memory),
		target: mebibytes(limit), met: c[us].memory <= limit,
	}
	if len(c) > little {
		l.small = mebibytes(c[little].memory)
	}
	r.add(l)
}

// table writes all figures below the facts they were measured on.
func (r *report) table(facts string) (string, error) {
	columns := []output.Column[line]{
		{Name: "work", Value: func(l line) string { return l.work }},
		{Name: "patronctl", Right: true, Value: func(l line) string { return l.ours }},
		{Name: "psql", Right: true, Value: func(l line) string { return l.theirs }},
		{Name: "ratio", Right: true, Value: func(l line) string { return l.ratio }},
		{Name: "target", Right: true, Value: func(l line) string { return l.target }},
		{Name: "result", Value: line.result},
		{Name: fmt.Sprintf("of %d", smallLibrary), Right: true, Value: func(l line) string { return l.small }},
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\n\n%s\n\n", facts)
	err := output.List(&output.Printer{Out: &text, Format: output.Table}, columns, output.Slice(r.lines))
	return text.String() + "\n", err
}

func (l line) result() string {
	switch {
	case l.target == "":
		return ""
	case l.met:
		return "ok"
	}
	return "MISSED"
}

func duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

func speed(perSecond float64) string { return fmt.Sprintf("%.0f/s", perSecond) }

func ratio(r float64) string { return fmt.Sprintf("%.2f", r) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
