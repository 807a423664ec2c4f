package client_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg/pgtest"
)

var update = flag.Bool("update", false, "rewrite schema/privileges.csv and schema/definitions.csv from the catalogues")

// privileges is what everybody may do with every object, one line each; schema/privileges.sql explains the letters.
// definitions is what functions, indexes and triggers are made of. The doctor compares a database with both.
const (
	privileges  = "schema/privileges.csv"
	definitions = "schema/definitions.csv"
)

// asked runs the query that a checked-in file is made with, as the doctor does.
func asked(t *testing.T, on *pgtest.Session, file string) (lines [][]string) {
	t.Helper()
	query, err := os.ReadFile(strings.TrimSuffix(file, "csv") + "sql")
	if err != nil {
		t.Fatal(err)
	}
	on.Must("SET search_path = pg_catalog")
	results, err := on.Conn.Exec(t.Context(), string(query)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range results[0].Rows {
		var line []string
		for _, value := range row {
			line = append(line, string(value))
		}
		lines = append(lines, line)
	}
	return lines
}

// asWritten compares lines with a checked-in file, or writes it.
func asWritten(t *testing.T, file string, lines [][]string) {
	t.Helper()
	var found bytes.Buffer
	if err := csv.NewWriter(&found).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, found.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, file, found.String())
}

// The catalogue says what the file says: a new object needs a line, and a line for each right that somebody has. Any login
// reads the same.
func TestPrivilegesAreAsWritten(t *testing.T) {
	t.Parallel()
	lines, row := [][]string{{"kind", "object"}}, map[string]int{}
	for n, line := range asked(t, pgtest.Connect(t, pgtest.New(t), "auditor"), privileges) {
		kind, name, grantee, object, rights := line[0], line[1], line[2], line[3], line[5]
		if n == 0 || row[kind+name] == 1 {
			lines[0] = append(lines[0], grantee)
		}
		if kind == "database" {
			object = name
		}
		switch at := row[kind+name]; {
		case object != name: // a partition
			if column := slices.Index(lines[0], grantee); lines[at][column] != rights {
				t.Errorf("%s: %s on %s, but %s on %s", grantee, rights, object, lines[at][column], name)
			}
		case at == 0:
			row[kind+name] = len(lines)
			lines = append(lines, []string{kind, name, rights})
		default:
			lines[at] = append(lines[at], rights)
		}
	}
	asWritten(t, privileges, lines)
}

// Functions, indexes and triggers are those that the file says, whichever release of the server it is.
func TestDefinitionsAreAsWritten(t *testing.T) {
	t.Parallel()
	lines := asked(t, pgtest.Connect(t, pgtest.New(t), "auditor"), definitions)
	asWritten(t, definitions, append([][]string{{"kind", "object", "definition"}}, lines...))
}

// compare names and counts the lines that differ from the checked-in file.
func compare(t *testing.T, path, found string) (differences int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written, there := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		written[line] = true
	}
	for line := range strings.Lines(found) {
		there[line] = true
		if !written[line] {
			differences++
			t.Errorf("not in %s: %s", path, line)
		}
	}
	for line := range written {
		if !there[line] {
			differences++
			t.Errorf("only in %s: %s", path, line)
		}
	}
	return differences
}

// Every login tries everything with every object. What the file does not grant is refused.
func TestPrivilegesByTrying(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	text, err := os.ReadFile(privileges)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	logins := map[string]string{
		"patronctl_clerk": "clerk.cam", "patronctl_supervisor": "supervisor.cam", "patronctl_officer": "officer.cam",
		"patronctl_support": "support", "patronctl_admin": "admin", "patronctl_job": "job", "patronctl_auditor": "auditor",
		"patronctl_opac": "opac",
	}
	for _, line := range lines[1:] { // a partition is like its table
		for _, part := range strings.Fields(super.Must(`
			SELECT i.inhrelid::regclass
			FROM pg_inherits AS i
			WHERE '%s' = 'table' AND i.inhparent = to_regclass('%s')`, line[0], line[1])) {
			lines = append(lines, append([]string{line[0], part}, line[2:]...))
		}
	}
	tries := make([]map[string]string, len(lines))
	for n, line := range lines[1:] {
		tries[n+1] = attempts(super, line[0], line[1])
	}
	tried := 0
	for column, grantee := range lines[0] {
		login := logins[grantee]
		if login == "" {
			continue
		}
		staff := pgtest.Connect(t, db, login)
		for n, line := range lines {
			for right, sql := range tries[n] {
				_, err := staff.Run("%s", sql)
				denied := pgtest.Code(err) == "42501" && strings.Contains(err.Error(), "permission denied")
				granted := strings.Contains(line[column], right)
				if denied == granted {
					t.Errorf("%s: %s: %v, granted: %v", login, sql, err, granted)
				}
				tried++
			}
		}
	}
	if tried < 7*350 {
		t.Errorf("only %d attempts", tried)
	}
	t.Log(tried, "attempts")
}

// attempts are statements that use a right to an object, by the right's letter.
func attempts(super *pgtest.Session, kind, object string) map[string]string {
	switch kind {
	case "table", "view", "materialized view":
		column := super.Must(`
			SELECT quote_ident(attname)
			FROM pg_attribute
			WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped LIMIT 1`, object)
		return map[string]string{
			"r": "SELECT FROM " + object, "a": "INSERT INTO " + object + " DEFAULT VALUES", "d": "DELETE FROM " + object,
			"w": fmt.Sprintf("UPDATE %s SET %s = NULL", object, column), "D": "TRUNCATE " + object,
		}
	case "sequence":
		return map[string]string{
			"U": "SELECT nextval('" + object + "')", "w": "SELECT setval('" + object + "', 1)",
			"r": "SELECT last_value FROM " + object,
		}
	case "function": // with arguments that only a run finds out to be NULL: a strict function of constants is not run at all
		return map[string]string{"X": super.Must(`SELECT format('SELECT %%s(%%s)', oid::regproc, (
			SELECT string_agg('(SELECT NULL::' || format_type(a, NULL) || ' OFFSET 0)', ', ' ORDER BY n)
			FROM unnest(proargtypes::oid[]) WITH ORDINALITY AS u(a, n)
		)) FROM pg_proc WHERE oid = '%s'::regprocedure`, object)}
	case "schema":
		return map[string]string{"C": "CREATE TABLE " + object + ".mine (x integer)"}
	default:
		return map[string]string{"T": "CREATE TEMP TABLE mine (x integer)", "C": "CREATE SCHEMA mine"}
	}
}

// A login without a group cannot even connect.
func TestStrangersStayOutside(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Connect(t, db, "postgres").Must("CREATE ROLE outsider LOGIN")
	if _, err := pgx.Connect(t.Context(), db.DSN("outsider")); pgtest.Code(err) != "42501" {
		t.Errorf("a login without a group: %v", err)
	}
}
