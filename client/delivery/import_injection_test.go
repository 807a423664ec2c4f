package delivery_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5"

	"patronctl/client/delivery"
	"patronctl/client/localpg/pgtest"
)

// good are fields that can be imported, by column, or by relation and column; what is not here is left empty.
var good = map[string]string{
	"authority": "B", "branch": "B-1", "category": "adult", "item": "1", "fee": "1", "currency": "GBP", "time_zone": "Europe/London",
	"address.kind": "permanent", "hold.kind": "order",
	"fee.kind": "overdue", "level": "warn", "basis": "resident", "reason_code": "noise", "purpose": "marketing",
	"given_at": "2026-01-01T00:00:00Z", "lent_at": "2026-01-01T00:00:00Z",
	"placed_at": "2026-01-01T00:00:00Z", "raised_on": "2026-01-01", "paid_on": "2026-01-01", "placed_on": "2026-01-01", "amount": "1.00",
	"name": "Name",
}

// TestInjectionThroughEveryImportColumn imports every hostile string in every column of every file. Each is refused in words
// that do not quote it, or stored as it was, and found again.
func TestInjectionThroughEveryImportColumn(t *testing.T) {
	t.Parallel()
	db := installed(t)
	super := db.Super(t)
	owner := db.Client(t, "library")
	if _, err := delivery.Import(t.Context(), owner, write(t, consortium), delivery.Options{}); err != nil {
		t.Fatal(err)
	}
	files, columns := delivery.ImportColumns()
	most := 0
	for _, names := range columns {
		most = max(most, len(names))
	}
	texts := pgtest.Hostile()
	texts = slices.DeleteFunc(texts, func(s string) bool { return len(s) >= pgtest.Megabyte }) // below
	type count struct{ refused, stored, typed int }
	counts := map[string]*count{}
	for c := range most {
		dir := t.TempDir()
		for _, file := range files {
			writeHostile(t, dir, file, columns[file], c, texts)
		}
		var aside bytes.Buffer
		out, err := delivery.Import(t.Context(), owner, dir, delivery.Options{SkipBad: &aside})
		if err != nil {
			t.Fatalf("column %d: %v", c, errors.Join(err, errors.Unwrap(err)))
		}
		if at := strings.IndexFunc(aside.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); at >= 0 {
			t.Errorf("column %d: %.200q among the bad rows", c, aside.String()[at:])
		}
		bad := map[string]bool{}
		for _, row := range out.Bad {
			bad[fmt.Sprint(row.File, row.Line)] = true
		}
		for _, file := range files {
			if c >= len(columns[file]) {
				continue
			}
			column := columns[file][c]
			seen := &count{}
			counts[file+"."+column] = seen
			stored := storedTexts(t, super, file, column)
			line := 2
			for _, text := range chosen(file, texts) {
				switch {
				case bad[fmt.Sprint(file, ".csv", line)]:
					seen.refused++
				// no text, left empty, or follows the home
				case stored == nil, text == "", column == "authority" && !strings.Contains("block consent fee hold", file):
					seen.typed++
				case stored[strings.ReplaceAll(text, "\r\n", "\n")]: // as encoding/csv reads it
					seen.stored++
				default:
					t.Errorf("%s.%s: %.60q was neither refused nor stored", file, column, text)
				}
				line += 1 + linesIn(text)
			}
		}
	}
	table := ""
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		table += fmt.Sprintf("%-26s %6d %6d %6d\n", name, counts[name].refused, counts[name].stored, counts[name].typed)
	}
	t.Logf("column                    refused stored  typed\n%s", table)
}

// chosen are fewer for authorities: each has tables of its own.
func chosen(file string, texts []string) (some []string) {
	every := map[string]int{"authority": 40, "branch": 2, "category": 2}[file]
	for k := 0; k < len(texts); k += max(1, every) {
		some = append(some, texts[k])
	}
	return some
}

// numberOf is the first number of the rows with hostile strings in a column.
func numberOf(file string, column int) int {
	first := (column + 1) * 100_000
	if file == "patron" {
		first += 50_000
	}
	return first
}

func linesIn(text string) int {
	return strings.Count(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

// writeHostile writes an import file whose rows hold a hostile string each, in one column. The file of patrons has good rows
// after them, for the other files to refer to.
func writeHostile(t *testing.T, dir, file string, columns []string, hostile int, texts []string) {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(columns)
	row := func(n int) (fields []string) {
		for _, column := range columns {
			field := cmp.Or(good[file+"."+column], good[column])
			switch column {
			case "id":
				field = fmt.Sprint(n)
			case "patron":
				field = fmt.Sprint(n)
				if file == "payment" {
					field = ""
				}
			case "code":
				field = fmt.Sprintf("H%d", n)
			case "number", "barcode":
				field = fmt.Sprintf("%s%d", file, n)
			}
			fields = append(fields, field)
		}
		return fields
	}
	if hostile < len(columns) {
		for k, text := range chosen(file, texts) {
			fields := row(numberOf(file, hostile) + k)
			fields[hostile] = text
			_ = w.Write(fields)
		}
	}
	if file == "patron" {
		for k := range texts {
			_ = w.Write(row(numberOf("", hostile) + k))
		}
	}
	w.Flush()
	if err := os.WriteFile(filepath.Join(dir, file+".csv"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// storedTexts are what a column holds; nil for a column that holds no text.
func storedTexts(t *testing.T, super *pgx.Conn, file, column string) map[string]bool {
	t.Helper()
	var kind string
	if err := super.QueryRow(t.Context(), `
		SELECT format_type(atttypid, NULL)
		FROM pg_attribute
		WHERE attrelid = $1::regclass AND attname = $2`, "lms."+file, column).Scan(&kind); err != nil {
		t.Fatal(err)
	}
	if kind != "text" {
		return nil
	}
	rows, err := super.Query(t.Context(), fmt.Sprintf("SELECT coalesce(%s, '') FROM lms.%s", column, file))
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&text}, func() error {
		stored[text] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return stored
}
