package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"patronctl/commands/help"
	"patronctl/commands/kit"
)

// parts are what the program knows and the handbook shows, by the name in the marker of the one place where it stands.
var parts = map[string]func(top string) (string, error){
	"codes of the database": func(string) (string, error) { return kit.StatesMarkdown(), nil },
	"exit codes":            func(string) (string, error) { return kit.CodesMarkdown(), nil },
	"rights":                rightsTable,
	"settings":              settingsList,
	"topics":                topicsTable,
}

var marker = regexp.MustCompile(`(?s)(<!-- ([a-z ]+): written by make generate -->\n).*?(<!-- end of ([a-z ]+) -->)`)

// withParts replaces what stands between the markers, and notes in found which were there.
func withParts(top, text string, found map[string]bool) (string, error) {
	var err error
	written := marker.ReplaceAllStringFunc(text, func(old string) string {
		m := marker.FindStringSubmatch(old)
		part, ok := parts[m[2]]
		if !ok || m[2] != m[4] || found[m[2]] {
			err = fmt.Errorf("the marker %q is unknown, not closed, or there twice", m[2])
			return old
		}
		found[m[2]] = true
		table, failed := part(top)
		err = errors.Join(err, failed)
		return m[1] + table + m[3]
	})
	return written, err
}

// topicsTable is the index of the handbook.
func topicsTable(string) (string, error) {
	var b strings.Builder
	b.WriteString("| `patronctl help …` | |\n|---|---|\n")
	for _, t := range help.Topics() {
		fmt.Fprintf(&b, "| [`%s`](%s%s.md) | %s |\n", t.Name, topics, t.Name, t.Title)
	}
	return b.String(), nil
}

// A setting as the database knows it: name, type, preset and what it is about.
var setting = regexp.MustCompile(`\('(\w+)',\s+'[^']*',\s+'([^']*)',\s+'((?:[^']|'')*)'\)`)

// twoLines is where a text goes on in the next line.
var twoLines = regexp.MustCompile(`'\s+\|\| '`)

// settingsList is what desk.setting_types says.
func settingsList(top string) (string, error) {
	text, err := os.ReadFile(filepath.Join(top, "client/schema/desk/staff/settings.sql"))
	if err != nil {
		return "", err
	}
	_, types, _ := strings.Cut(string(text), "FUNCTION desk.setting_types()")
	types, _, _ = strings.Cut(types, "$$;")
	found := setting.FindAllStringSubmatch(twoLines.ReplaceAllString(types, ""), -1)
	if len(found) == 0 || len(found) != strings.Count(types, "\n    ('") {
		return "", errors.New("settings.sql: desk.setting_types does not list settings as this program reads them")
	}
	slices.SortFunc(found, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
	var b strings.Builder
	for _, m := range found {
		preset := "no preset"
		if m[2] != "" {
			preset = "preset " + strings.ReplaceAll(m[2], ",", ", ")
		}
		fmt.Fprintf(&b, "- `%s` (%s): %s\n", m[1], preset, strings.ReplaceAll(m[3], "''", "'"))
	}
	return b.String(), nil
}

// How the matrix of rights calls roles and reaches: what does not stand here cannot be shown, and is an error.
var (
	roleColumns = map[string]string{
		"clerk": "clk", "supervisor": "sup", "officer": "off", "support": "spt",
		"admin": "adm", "job": "job", "auditor": "aud", "opac": "opc",
	}
	reachLetters = map[string]string{
		"": "", "any": "A", "home": "H", "home+reason": "H+", "rows": "R", "facts": "F", "own": "O", "logins": "L", "id": "I",
	}
)

// rightsTable is the matrix of the table of operations.
func rightsTable(top string) (string, error) {
	file, err := os.Open(filepath.Join(top, "client/schema/operations.csv"))
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // it was read only
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return "", err
	}
	first := slices.Index(rows[0], "clerk")
	last := first + len(roleColumns)
	var b strings.Builder
	b.WriteString("| operation |")
	for _, role := range rows[0][first:last] {
		b.WriteString(" " + roleColumns[role] + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roleColumns)) + "\n")
	for _, row := range rows[1:] {
		b.WriteString("| " + row[0] + " |")
		for _, reach := range row[first:last] {
			letter, ok := reachLetters[reach]
			if !ok {
				return "", fmt.Errorf("operations.csv: %s: the matrix has no letter for %q", row[0], reach)
			}
			b.WriteString(" " + letter + " |")
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}
