package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/santhosh-tekuri/jsonschema/v6"

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
	for _, lacking := range []string{
		"UPDATE lms.loan SET branch = NULL, due_at = NULL WHERE id % 3 = 0", "UPDATE lms.item SET barcode = NULL WHERE id % 4 = 0",
		"UPDATE lms.fee SET raised_on = NULL WHERE id % 3 = 0", "UPDATE lms.payment SET paid_on = NULL WHERE id % 3 = 0",
		"UPDATE lms.block SET placed_on = NULL WHERE id % 2 = 0", "UPDATE lms.payment SET fee = NULL WHERE id % 5 = 0",
	} {
		if _, err := db.Super(t).Exec(t.Context(), lacking); err != nil {
			t.Fatal(err)
		}
	}
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
		"hold": `SELECT t.*, i.barcode, coalesce(t.title, i.title) AS title FROM lms.hold AS t LEFT JOIN lms.item AS i ON i.id = t.item
			WHERE t.patron = $1 ORDER BY t.id`,
		"fee": "SELECT t.*, a.currency FROM lms.fee AS t JOIN lms.authority AS a ON a.code = t.authority WHERE t.patron = $1 ORDER BY t.id",
		"payment": `
			SELECT t.*, a.currency
			FROM lms.payment AS t JOIN lms.authority AS a ON a.code = desk.paid_to(t)
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
