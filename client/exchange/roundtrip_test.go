package exchange

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xuri/excelize/v2"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// table is a relation as a reader got it: its rows, each with a text per column. Null is the same as no text.
type table map[string][][]string

// TestRoundTrip exports every awkward person in each format, reads the files with readers that are not ours, and compares
// them with the rows of the database, byte for byte.
func TestRoundTrip(t *testing.T) {
	db := pgtest.New(t)
	values, super, jsons := 0, db.Super(t), jsonSchema(t)
	for i, person := range awkward(t, db) {
		files := map[Format][]byte{}
		for _, f := range Formats {
			files[f] = exported(t, person.officer, person.ref, f, FullAccess)
		}
		fit(t, person.ref, jsons, files)
		want := stored(t, super, person.id)
		for f, got := range map[Format]table{
			JSON: fromJSON(t, files[JSON]),
			XML:  fromXML(t, files[XML]),
			CSV:  fromCSV(t, files[CSV]),
			XLSX: fromXLSX(t, files[XLSX]),
		} {
			for relation, rows := range want {
				values += len(rows)
				if !slices.EqualFunc(got[relation], rows, slices.Equal) {
					t.Errorf("%s, %s, %s:\n%q\n%q are stored", person.ref, f, relation, got[relation], rows)
				}
			}
		}
		sameRows(t, files[JSON], files[XML])
		if i%5 == 0 {
			for _, f := range []Format{JSON, XML} {
				files[f] = exported(t, person.officer, person.ref, f, Portability)
			}
			fit(t, person.ref, jsons, files)
		}
	}
	t.Logf("%d rows compared", values)
	if values < 4*500 {
		t.Error("that is not much")
	}
}

type subject struct {
	ref     string
	officer *client.Client // at home
	id      int64
}

// awkward are all awkward people who can be exported.
func awkward(t *testing.T, db *pgtest.DB) (people []subject) {
	t.Helper()
	officers := map[string]*client.Client{}
	for authority, login := range map[string]string{"CAM": "officer.cam", "KEN": "officer.ken", "PBK": "officer.pbk"} {
		officers[authority] = db.Client(t, login)
	}
	rows, err := db.Super(t).Query(t.Context(), `
		SELECT p.id, p.authority FROM lms.patron AS p WHERE p.id <= $1 AND p.status <> 'erased' ORDER BY p.id`, len(sample.Awkward))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s subject
		var authority string
		if err := rows.Scan(&s.id, &authority); err != nil {
			t.Fatal(err)
		}
		s.ref, s.officer = fmt.Sprintf("id:%d", s.id), officers[authority]
		people = append(people, s)
	}
	if len(people) < 30 {
		t.Fatalf("only %d awkward people", len(people))
	}
	return people
}

// fit validates a person's exports in JSON and XML.
func fit(t *testing.T, who string, jsons *jsonschema.Schema, files map[Format][]byte) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(files[JSON]))
	if err != nil {
		t.Errorf("%s: not one JSON document: %v", who, err)
	} else if err := jsons.Validate(document); err != nil {
		t.Errorf("%s: %v", who, err)
	}
	if err := fitsXSD(t, files[XML]); err != nil {
		t.Errorf("%s: %v", who, err)
	}
	for f, text := range files {
		for _, other := range []string{"Ruth Wardley", "officer."} { // a guardian, staff
			if bytes.Contains(text, []byte(other)) {
				t.Errorf("%s, %s: names %q", who, f, other)
			}
		}
	}
}

// exported is what there is about somebody, as the officer of the home authority gets it.
func exported(t *testing.T, officer *client.Client, ref string, f Format, scope Scope) []byte {
	t.Helper()
	var b bytes.Buffer
	export, err := Open(t.Context(), officer, client.Why{}, ref, scope)
	if err == nil {
		_, err = Write(&b, f, export, WriteOptions{})
	}
	if err != nil {
		t.Fatalf("%s: %v", ref, err)
	}
	return b.Bytes()
}

// sameRows reads both files as an import does: the rows are the same bytes, and so are their sums.
func sameRows(t *testing.T, one, other []byte) {
	t.Helper()
	var rows [2]string
	for i, file := range [][]byte{one, other} {
		_, err := Read(bytes.NewReader(file), func(relation string, row json.RawMessage) error {
			if relation != "consultation" { // the second export knows of the first
				rows[i] += relation + " " + string(row) + "\n"
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if rows[0] != rows[1] || rows[0] == "" {
		t.Errorf("JSON has\n%s\nXML has\n%s", rows[0], rows[1])
	}
}

// stored asks the tables themselves, as the superuser.
func stored(t *testing.T, super *pgx.Conn, patron int64) table {
	t.Helper()
	found := table{}
	for relation, query := range map[string]string{
		"patron":     "SELECT t.*, t.id AS patron FROM lms.patron AS t WHERE t.id = $1",
		"identity":   "SELECT t.* FROM lms.identity AS t WHERE t.patron = $1",
		"address":    "SELECT t.* FROM lms.address AS t WHERE t.patron = $1 ORDER BY t.kind, t.place",
		"special":    "SELECT t.* FROM lms.special AS t WHERE t.patron = $1",
		"card":       "SELECT t.* FROM lms.card AS t WHERE t.patron = $1 ORDER BY t.issued_on, t.number",
		"membership": "SELECT t.* FROM lms.membership AS t WHERE t.patron = $1 ORDER BY t.authority, t.basis",
		"consent": `
			SELECT t.*
			FROM lms.consent AS t
			WHERE t.patron = $1
			ORDER BY t.given_at, t.authority, t.purpose, t.channel, t.wording, t.source`,
		"loan": "SELECT t.*, i.barcode, i.title FROM lms.loan AS t JOIN lms.item AS i ON i.id = t.item WHERE t.patron = $1 ORDER BY t.id",
		"hold": "SELECT t.*, i.barcode, i.title FROM lms.hold AS t LEFT JOIN lms.item AS i ON i.id = t.item WHERE t.patron = $1 ORDER BY t.id",
		"fee":  "SELECT t.*, a.currency FROM lms.fee AS t JOIN lms.authority AS a ON a.code = t.authority WHERE t.patron = $1 ORDER BY t.id",
		"payment": `
			SELECT t.*, a.currency
			FROM lms.payment AS t JOIN lms.fee AS f ON f.id = t.fee JOIN lms.authority AS a ON a.code = f.authority
			WHERE t.patron = $1
			ORDER BY t.id`,
		"block": "SELECT t.* FROM lms.block AS t WHERE t.patron = $1 ORDER BY t.id",
	} {
		rows, err := super.Query(t.Context(), query, patron)
		if err != nil {
			t.Fatal(err)
		}
		maps, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			t.Fatal(err)
		}
		found[relation] = nil
		for _, row := range maps {
			var line []string
			for _, column := range columnsOf(relation) {
				line = append(line, asText(t, row[column.Name], column.Type))
			}
			found[relation] = append(found[relation], line)
		}
	}
	return found
}

// asText is a value of the database's driver as an export writes it.
func asText(t *testing.T, value any, kind Type) string {
	t.Helper()
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if kind == Day {
			return v.Format(time.DateOnly)
		}
		return instant(v)
	case string, bool, int16, int32, int64:
		return fmt.Sprint(v)
	case []any:
		return strings.Join(texts(v), "; ")
	case interface{ MarshalJSON() ([]byte, error) }: // numeric
		text, err := v.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		amount, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(amount, 'f', 2, 64)
	default:
		t.Fatalf("what is a %T?", value)
		return ""
	}
}

func texts(list []any) (found []string) {
	for _, v := range list {
		found = append(found, fmt.Sprint(v))
	}
	return found
}

func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.999999") + "+00:00" }

func fromJSON(t *testing.T, file []byte) table {
	t.Helper()
	var document struct {
		Relations map[string][]map[string]any `json:"relations"`
	}
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err := d.Decode(&document); err != nil {
		t.Fatal(err)
	}
	found := table{}
	for relation, rows := range document.Relations {
		for _, row := range rows {
			var line []string
			for _, column := range columnsOf(relation) {
				text := ""
				if list, ok := row[column.Name].([]any); ok {
					text = strings.Join(texts(list), "; ")
				} else if row[column.Name] != nil {
					text = fmt.Sprint(row[column.Name])
				}
				line = append(line, text)
			}
			found[relation] = append(found[relation], line)
		}
	}
	return found
}

// node is any element of XML.
type node struct {
	XMLName xml.Name
	Escaped string `xml:"escaped,attr"`
	Text    string `xml:",chardata"`
	Nodes   []node `xml:",any"`
}

func fromXML(t *testing.T, file []byte) table {
	t.Helper()
	var root node
	if err := xml.Unmarshal(file, &root); err != nil {
		t.Fatal(err)
	}
	found := table{}
	for _, part := range root.Nodes {
		if part.XMLName.Local != "relations" {
			continue
		}
		for _, relation := range part.Nodes {
			name := relation.XMLName.Local
			columns := columnsOf(name)
			for _, row := range relation.Nodes {
				line := make([]string, len(columns))
				for _, value := range row.Nodes {
					i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == value.XMLName.Local })
					line[i] = value.text(t)
				}
				found[name] = append(found[name], line)
			}
		}
	}
	return found
}

// text is what an element holds, or the values of a list.
func (n *node) text(t *testing.T) string {
	t.Helper()
	if len(n.Nodes) > 0 {
		var list []string
		for _, value := range n.Nodes {
			list = append(list, value.text(t))
		}
		return strings.Join(list, "; ")
	}
	if n.Escaped == "json" {
		if err := json.Unmarshal([]byte(`"`+n.Text+`"`), &n.Text); err != nil {
			t.Fatal(err)
		}
	}
	return n.Text
}

func fromCSV(t *testing.T, file []byte) table {
	t.Helper()
	found := table{}
	for name, text := range unzip(t, file) {
		relation, ok := strings.CutSuffix(name, ".csv")
		if !ok {
			continue
		}
		for i, line := range rfc4180(string(text)) {
			if i > 0 {
				for j := range line {
					line[j] = unguarded(line[j])
				}
				found[relation] = append(found[relation], line)
			}
		}
	}
	return found
}

// rfc4180 reads CSV and leaves line breaks within quotes as they are, which encoding/csv does not.
func rfc4180(text string) (lines [][]string) {
	var line []string
	for text != "" {
		var cell strings.Builder
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			for {
				part, after, _ := strings.Cut(rest, `"`)
				cell.WriteString(part)
				if rest, quoted = strings.CutPrefix(after, `"`); !quoted {
					text = after
					break
				}
				cell.WriteByte('"')
			}
		} else {
			end := strings.IndexAny(text, ",\n")
			cell.WriteString(text[:end])
			text = text[end:]
		}
		line = append(line, cell.String())
		if text[0] == '\n' {
			lines, line = append(lines, line), nil
		}
		text = text[1:]
	}
	return lines
}

// unguarded takes one apostrophe from each place where a guarded cell has one: from the beginning of a part (they end with a
// semicolon, tab or line break) where a formula would begin behind apostrophes, spaces and invisible characters, and from the
// beginning of a cell of which the first other character is a tab or line break.
func unguarded(cell string) string {
	skipped := func(r rune) bool {
		return r == '\'' || !strings.ContainsRune("\t\r\n", r) && (unicode.IsSpace(r) || !unicode.IsGraphic(r))
	}
	if rest, ok := strings.CutPrefix(cell, "'"); ok {
		if first := strings.TrimLeftFunc(rest, skipped); first != "" && strings.ContainsRune("\t\r\n", rune(first[0])) {
			cell = rest
		}
	}
	var b strings.Builder
	for cell != "" {
		end := strings.IndexAny(cell, ";\t\r\n") + 1
		if end == 0 {
			end = len(cell)
		}
		part := cell[:end]
		if rest, ok := strings.CutPrefix(part, "'"); ok && isFormula(strings.TrimLeftFunc(rest, skipped), rest) {
			part = rest
		}
		b.WriteString(part)
		cell = cell[end:]
	}
	return b.String()
}

var negative = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

func isFormula(start, part string) bool {
	return start != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(start)[0]) &&
		!negative.MatchString(strings.TrimSpace(strings.TrimRight(part, ";")))
}

// fromXLSX reads with excelize, and turns days and moments back from the numbers that spreadsheets keep.
func fromXLSX(t *testing.T, file []byte) table {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // only read
	found := table{}
	for _, sheet := range book.GetSheetList() {
		columns := columnsOf(sheet)
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %v", sheet, err)
		}
		if sheet == manifestSheet {
			continue
		}
		for i, row := range rows[1:] {
			line := make([]string, len(columns))
			for j, value := range row {
				place, err := excelize.CoordinatesToCellName(j+1, i+2)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := book.GetCellFormula(sheet, place); formula != "" || err != nil {
					t.Errorf("%s of %s is a formula: %s, %v", place, sheet, formula, err)
				}
				kind, err := book.GetCellType(sheet, place)
				if err != nil {
					t.Fatal(err)
				}
				line[j] = fromCell(t, value, kind, columns[j].Type)
			}
			found[sheet] = append(found[sheet], line)
		}
	}
	return found
}

func fromCell(t *testing.T, value string, kind excelize.CellType, want Type) string {
	t.Helper()
	if value == "" {
		return ""
	}
	isText := kind == excelize.CellTypeInlineString
	if wantText := want == Text || want == Currency || want == List; wantText != isText {
		t.Errorf("a cell of type %v holds a %s", kind, want)
	}
	switch want {
	case Boolean:
		return strconv.FormatBool(value == "1" || value == "TRUE")
	case Money:
		amount, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(amount, 'f', 2, 64)
	case Day, Instant:
		days, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		// spreadsheets keep 15 digits
		at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(days*86400e3)) * time.Millisecond)
		if want == Day {
			return at.Format(time.DateOnly)
		}
		return instant(at)
	default:
		return value
	}
}

func ignore(string, json.RawMessage) error { return nil }

var errStop = errors.New("stop")

// A file that was changed, cut, or is something else is refused; so is one that goes on after its end.
func TestReadRefuses(t *testing.T) {
	for f, write := range map[Format]func(io.Writer, *content) error{JSON: writeJSON, XML: writeXML} {
		var b bytes.Buffer
		if err := write(&b, fake(5)); err != nil {
			t.Fatal(err)
		}
		good := b.String()
		if head, err := Read(strings.NewReader("\n "+good), ignore); err != nil && f == JSON ||
			err == nil && head.Omitted[0] != testHead.Omitted[0] {
			t.Errorf("%s: %+v, %v", f, head, err)
		}
		for name, bad := range map[string]string{
			"another value":    strings.Replace(good, "B3", "B4", 1),
			"a row gone":       strings.Replace(good, rowOf(good, "B3"), "", 1),
			"a relation gone":  strings.ReplaceAll(good, "loan", "lean"),
			"another schema":   strings.ReplaceAll(strings.ReplaceAll(good, Schema, "patronctl-export/3"), Namespace, "urn:x"),
			"something behind": good + good,
			"nothing":          "",
			"text":             "hello",
			"another document": map[Format]string{JSON: `{"relations": {}}`, XML: `<export/>`}[f],
		} {
			if _, err := Read(strings.NewReader(bad), ignore); !refused(err) {
				t.Errorf("%s, %s: %v", f, name, err)
			}
		}
		for cut := 0; cut < len(strings.TrimSpace(good)); cut += 97 {
			if _, err := Read(strings.NewReader(good[:cut]), ignore); !refused(err) {
				t.Errorf("%s, cut after %d: %v", f, cut, err)
			}
		}
		if _, err := Read(strings.NewReader(good), func(string, json.RawMessage) error { return errStop }); !errors.Is(err, errStop) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func refused(err error) bool {
	from, ok := errors.AsType[*client.Error](err)
	return ok && from.Kind == client.KindRefused && !strings.ContainsAny(from.Message, "\n")
}

// rowOf is the line of a file with a word in it.
func rowOf(file, word string) string {
	at := strings.Index(file, word)
	return file[strings.LastIndexByte(file[:at], '\n') : at+strings.IndexByte(file[at:], '\n')]
}
