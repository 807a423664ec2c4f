//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"patronctl/client/localpg"
	"patronctl/client/localpg/sample"
)

// exporting writes a person with 100,000 loans in each format, beside psql copying the same loans as JSON. Memory must stay
// what it is for anybody else.
func (x *bench) exporting() {
	x.step("exporting")
	const card = sample.CardNoBirthDate
	export := func(format string) cost {
		return x.ours("cam", library, "out", "export", card, "--to", "person."+format, "--format", format, "--force", "--quiet")
	}
	formats := []string{"json", "csv", "xml", "xlsx"}
	small := map[string]int64{}
	for _, format := range formats {
		small[format] = export(format).memory
	}
	x.psql(localpg.Superuser, library, "out", "reader.sql", "card="+card)
	for _, format := range formats {
		us, them := x.compare(
			func(int) cost { return export(format) },
			func(int) cost { return x.psql(localpg.Superuser, library, "loans.json", "loans.sql", "card="+card) })
		if format == "json" {
			x.sameLoans("person.json", "loans.json")
			x.report.within("export of 100,000 loans, json", us.time, them.time, 2)
		} else {
			x.report.add(line{work: "export of 100,000 loans, " + format, ours: duration(us.time), theirs: duration(them.time)})
		}
		x.report.memory("export, "+format+", peak memory (psql: of few loans)", us.memory, small[format], 64<<20)
	}
}

// sameLoans fails unless every row that psql copied stands in the export.
func (x *bench) sameLoans(ours, theirs string) {
	x.Helper()
	exported, err := os.ReadFile(filepath.Join(x.dir, ours))
	x.must(err)
	copied, err := os.ReadFile(filepath.Join(x.dir, theirs))
	x.must(err)
	rows := 0
	for row := range bytes.Lines(copied) {
		// COPY doubles backslashes, of which the made-up titles have a few.
		text := strings.ReplaceAll(strings.TrimSpace(string(row)), `\\`, `\`)
		at := bytes.Index(exported, []byte(text))
		if at < 0 {
			x.Fatalf("the export lacks %s", text)
		}
		exported = exported[at+len(text):]
		rows++
	}
	if rows < 100_000 {
		x.Fatalf("psql copied %d loans", rows)
	}
}
