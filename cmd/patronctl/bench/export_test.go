//go:build linux

package bench

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
	big, small := x.filled(x.big), x.filled(x.small)
	x.step("exporting")
	const card = sample.CardNoBirthDate
	export := func(database, format string) way {
		return func(int) cost {
			return x.ours("cam", database, "out", "export", card, "--to", "person."+format, "--format", format, "--force", "--quiet")
		}
	}
	formats := []string{"json", "csv", "xml", "xlsx"}
	few := map[string]int64{}
	for _, format := range formats {
		few[format] = export(big, format)(0).memory
	}
	x.typed(big, "reader.sql", "card="+card)
	x.typed(small, "reader.sql", "card="+card)
	inPsql := func(int) cost { return x.psql(localpg.Superuser, big, "loans.json", "loans.sql", "card="+card) }
	for _, format := range formats {
		c := x.compare(export(small, format), inPsql, export(big, format)) // the last one is compared with psql's
		c[us], c[little] = c[little], c[us]
		if format == "json" {
			x.sameLoans("person.json", "loans.json")
			x.report.within("export of 100,000 loans, json", 2, c)
		} else {
			l := compared("export of 100,000 loans, "+format, c)
			l.theirs, l.ratio = "", ""
			x.report.add(l)
		}
		c[them].memory = few[format]
		x.report.memory("export, "+format+", peak memory (psql: of few loans)", 64<<20, c)
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
