package main

import (
	"fmt"
	"regexp"
	"strings"
)

// operator changes one thing of a line of SQL: what fits find becomes with. Find sees the line without what stands in
// quotation marks and comments, unless it asks for the text.
type operator struct {
	find *regexp.Regexp
	with string
	text bool
}

// Where the server's running clock is compared, no test can stand at the very end: see running.
var edges = []operator{
	{regexp.MustCompile(` < `), " <= ", false},
	{regexp.MustCompile(` <= `), " < ", false},
	{regexp.MustCompile(` > `), " >= ", false},
	{regexp.MustCompile(` >= `), " > ", false},
}

var operators = []operator{
	// Times, a unit longer.
	{regexp.MustCompile(`(interval '\d+ )second`), "${1}minute", true},
	{regexp.MustCompile(`(interval '\d+ )minute`), "${1}hour", true},
	{regexp.MustCompile(`(interval '\d+ )hour`), "${1}day", true},
	{regexp.MustCompile(`(interval '\d+ )day`), "${1}month", true},
	{regexp.MustCompile(`(interval '\d+ )(month|year)`), "${1}day", true},
	{regexp.MustCompile(`\((mins|hours) => `), "(days => ", false},
	{regexp.MustCompile(`\(months => `), "(years => ", false},
	{regexp.MustCompile(`(today|keep|days|months\)+) \+ `), "${1} - ", false},
	{regexp.MustCompile(`(today|keep|days|months\)+) - `), "${1} + ", false},
	// Conditions, turned round or left out.
	{regexp.MustCompile(`\bNOT EXISTS \(`), "EXISTS (", false},
	{regexp.MustCompile(`\bIS NOT NULL\b`), "IS NULL", false},
	{regexp.MustCompile(`\bIS NULL\b`), "IS NOT NULL", false},
	{regexp.MustCompile(` <> '`), " = '", false},
	{regexp.MustCompile(`\bTRUE\b`), "FALSE", false},
	{regexp.MustCompile(`\bFALSE\b`), "TRUE", false},
	{regexp.MustCompile(`(\S) AND `), "${1} OR ", false},
	{regexp.MustCompile(`(\S) OR `), "${1} AND ", false},
	{regexp.MustCompile(`\bleast\(`), "greatest(", false},
	{regexp.MustCompile(`\bgreatest\(`), "least(", false},
	// Refusals that are never made.
	{regexp.MustCompile(`^(\s*)(IF|ELSIF) .* THEN$`), "${1}${2} FALSE THEN", false},
	{regexp.MustCompile(`^(\s*)PERFORM desk\.(require|refuse)_.*;$`), "${1}NULL;", false},
}

// condition is a line that is one condition, whose brackets close.
var condition = regexp.MustCompile(`^(\s*)(AND|OR) [^();]*(?:\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)[^();]*)*$`)

// running is the clock that goes on while a test looks, and when a call began by it.
var running = regexp.MustCompile(`clock_timestamp\(\)|\bstarted\b`)

// others are lines that say something to people, or that every function has alike: the tests of the gate are about those.
// What fails says so in several lines.
var others = regexp.MustCompile(`desk\.fail\(|RAISE|USING ERRCODE|HINT =|BETWEEN .* AND ` +
	`|desk\.use_access\(|desk\.record_result\(|lms\.lock_patron`)

// mutants are all changes that the operators make in the body of a function. Seen counts those of other functions that have
// the same name.
func (f function) mutants(seen map[string]int) (all []mutant) {
	lines := strings.Split(f.text, "\n")
	for n := f.body(lines); n < len(lines); n++ {
		line := lines[n]
		if others.MatchString(line) {
			for strings.Contains(line, "desk.fail(") && !strings.Contains(lines[n], ");") && n+1 < len(lines) {
				n++
			}
			continue
		}
		for _, changed := range changes(line) {
			id := fmt.Sprintf("%s: %s => %s", f.name, strings.TrimSpace(line), strings.TrimSpace(changed))
			if seen[id]++; seen[id] > 1 {
				id += fmt.Sprintf(" (%d)", seen[id])
			}
			text := strings.Join(lines[:n], "\n") + "\n" + changed + "\n" + strings.Join(lines[n+1:], "\n")
			all = append(all, mutant{id: id, sql: strings.Replace(text, "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)})
		}
	}
	return all
}

// body is the number of the first line behind the head of a function.
func (f function) body(lines []string) int {
	for n, line := range lines {
		switch {
		case line == "AS $$" || line == "BEGIN ATOMIC":
			return n + 1
		case strings.HasPrefix(line, "RETURN "):
			return n
		}
	}
	return len(lines)
}

func changes(line string) (all []string) {
	bare := withoutWords(line)
	used := operators
	if !running.MatchString(line) {
		used = append(edges, operators...)
	}
	for _, o := range used {
		where := bare
		if o.text {
			where = line
		}
		for _, at := range o.find.FindAllStringSubmatchIndex(where, -1) {
			with := string(o.find.ExpandString(nil, o.with, where, at))
			all = append(all, line[:at[0]]+with+line[at[1]:])
		}
	}
	for _, end := range []string{" THEN", ";", ""} {
		if said, ok := strings.CutSuffix(bare, end); ok {
			if at := condition.FindStringSubmatch(said); at != nil {
				all = append(all, at[1]+map[string]string{"AND": "AND TRUE", "OR": "OR FALSE"}[at[2]]+line[len(said):])
			}
			break
		}
	}
	return all
}

// withoutWords is a line with an underscore for each byte of what stands in quotation marks and comments.
func withoutWords(line string) string {
	bare, quoted := []byte(line), false
	for i := range bare {
		switch {
		case bare[i] == '\'':
			quoted = !quoted
		case quoted:
			bare[i] = '_'
		case strings.HasPrefix(line[i:], "--"):
			return strings.TrimRight(string(bare[:i]), " ")
		}
	}
	return string(bare)
}
