package delivery

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"patronctl/client"
)

// A field of an import file is refused without being quoted, or read as what it says.
func FuzzImportValue(f *testing.F) {
	for _, seed := range []string{
		"", "0", "-0", "+1", "1.00", "-0.00", "--1.00", "1e3.00", "１.00", "9999999999.99", "t", "TRUE",
		"2026-01-31", "2026-01-31T09:30:00Z", "2026-01-31 09:30:00+02", "2026-01-31 09:30:00.123456789-0330", "0000-01-01", "a\x00b", "a\xff",
		"ſ", "active",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, r := range relations() {
			for _, c := range r.columns {
				value, err := c.value(field)
				switch v := value.(type) {
				case nil:
					if err == nil && (strings.TrimFunc(field, listGap) != "" || c.required) ||
						err != nil && field != "" && len(field) > 12 && strings.Contains(err.Error(), field) {
						t.Errorf("%s.%s: %q: %v", r.name, c.name, field, err)
					}
				case string:
					if v != field || !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
						t.Errorf("%s.%s: %q is read as %q", r.name, c.name, field, v)
					}
				case []string:
					if joined := strings.Join(v,
						";"); strings.Join(strings.FieldsFunc(field, listGap), "") != strings.Join(strings.FieldsFunc(joined, listGap), "") {
						t.Errorf("%s.%s: %q is read as %q", r.name, c.name, field, v)
					}
				case time.Time:
					if v.Year() < 1 || v.Year() > 9999 || !strings.HasPrefix(field, v.Format(time.DateOnly)) {
						t.Errorf("%s.%s: %q is read as %s", r.name, c.name, field, v)
					}
				case pgtype.Numeric:
					if text, err := v.Value(); err != nil || strings.TrimLeft(text.(string), "-0") != strings.TrimLeft(field, "-0") {
						t.Errorf("%s.%s: %q is read as %v: %v", r.name, c.name, field, text, err)
					}
				case int64:
					digits := strings.TrimLeft(strings.NewReplacer("+", "", "-", "").Replace(field), "0")
					if strings.TrimPrefix(strconv.FormatInt(v, 10), "-") != digits && v != 0 {
						t.Errorf("%s.%s: %q is read as %d", r.name, c.name, field, v)
					}
				case bool:
					if v != strings.EqualFold(field[:1], "t") {
						t.Errorf("%s.%s: %q is read as %v", r.name, c.name, field, v)
					}
				default:
					t.Errorf("%s.%s: %q is read as a %T", r.name, c.name, field, v)
				}
			}
		}
	})
}

func listGap(r rune) bool { return r == ';' || unicode.IsSpace(r) }

// An import file gives every row that encoding/csv finds in it exactly once: as values, or as bad. What CSV can say of a text
// comes through as it was.
func FuzzImportFile(f *testing.F) {
	for _, seed := range []string{
		"", "code,name\n", "code,name\nA,B\n", "\ufeffcode,name\nA,\"B\"\"\nC\"\n", "code;name\n",
		"code,name\n\"A\n", "code,name\nA,B,C\n\nA\n", "code,code\n", "code,name\nA,\xff\n,\x00\n", "code,name\r\nA,B\r\n",
		"name,code\n'=1,=1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "category.csv"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		category := &relations()[slices.IndexFunc(relations(), func(r relation) bool { return r.name == "category" })]
		file, err := openImport(dir, category)
		if err != nil {
			oneLine(t, err)
			return
		}
		defer file.close()
		bad, rows := map[int64]bool{}, [][]any{}
		file.bad = func(row BadRow) {
			bad[row.Line] = true
			if row.File != "category.csv" || row.Line < 2 || row.Reason == "" || strings.ContainsAny(row.Reason, "\n\x1b") {
				t.Errorf("bad row %+v", row)
			}
		}
		for file.Next() {
			values, _ := file.Values()
			rows = append(rows, slices.Clone(values))
		}
		if err := file.Err(); err != nil {
			oneLine(t, err)
			return
		}
		if int64(len(rows)+len(bad)) != file.read {
			t.Errorf("%d rows read, %d good, %d bad", file.read, len(rows), len(bad))
		}
		reader := csv.NewReader(bytes.NewReader(content))
		reader.FieldsPerRecord = -1
		_, _ = reader.Read()
		for _, row := range rows {
			fields, err := reader.Read()
			for err == nil && bad[start(reader)] || errors.Is(err, csv.ErrQuote) || errors.Is(err, csv.ErrBareQuote) {
				fields, err = reader.Read()
			}
			if err != nil || row[0] != start(reader) {
				t.Fatalf("row %v: %v, %v", row, fields, err)
			}
			for i, field := range fields {
				if row[i+1] != any(field) && (row[i+1] != nil || field != "") {
					t.Errorf("%q is read as %q", field, row[i+1])
				}
			}
		}
	})
}

func start(r *csv.Reader) int64 {
	line, _ := r.FieldPos(0)
	return int64(line)
}

// oneLine fails the test unless an error is one of ours, in one line of characters that show.
func oneLine(t *testing.T, err error) {
	t.Helper()
	own, ok := errors.AsType[*client.Error](err)
	if !ok || own.Message == "" || strings.ContainsFunc(own.Message+own.Hint, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		t.Errorf("%q", err)
	}
}
