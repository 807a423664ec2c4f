//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"patronctl/output"
)

// line is one figure beside psql's.
type line struct {
	work, ours, theirs, ratio, target string
	met                               bool
}

type report struct{ lines []line }

func (r *report) add(l line) { r.lines = append(r.lines, l) }

// within adds a time that must not exceed a multiple of psql's.
func (r *report) within(work string, ours, theirs time.Duration, limit float64) {
	ratio := float64(ours) / float64(theirs)
	r.add(line{work, duration(ours), duration(theirs), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.1f x", limit), ratio <= limit})
}

// atMost adds a time with an absolute limit.
func (r *report) atMost(work string, ours, theirs, limit time.Duration) {
	ratio := float64(ours) / float64(theirs)
	r.add(line{work, duration(ours), duration(theirs), fmt.Sprintf("%.2f", ratio), duration(limit), ours <= limit})
}

// atLeast adds a speed, in things a second, that must not fall below a multiple of another.
func (r *report) atLeast(work string, ours, theirs, limit float64) {
	ratio := ours / theirs
	r.add(line{work, speed(ours), speed(theirs), fmt.Sprintf("%.2f", ratio), fmt.Sprintf(">= %.1f x", limit), ratio >= limit})
}

// memory adds the most memory that a process held, in bytes.
func (r *report) memory(work string, ours, theirs, limit int64) {
	r.add(line{work, mebibytes(ours), mebibytes(theirs), "", mebibytes(limit), ours <= limit})
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

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
