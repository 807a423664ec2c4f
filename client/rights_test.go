package client_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg/pgtest"
)

var update = flag.Bool("update", false, "rewrite testdata/privileges.csv from the catalogue")

// privileges is what everybody may do with every object, one line each: r select, a insert, w update, d delete,
// D truncate, x references, t trigger, X execute, U usage, C create, c connect, T temporary; - nothing.
const privileges = "testdata/privileges.csv"

// grantees are the columns of the file after kind and object. The last two are a login without a group and the owner of
// the database.
var grantees = []string{
	"public", "patronctl_clerk", "patronctl_supervisor", "patronctl_officer", "patronctl_support",
	"patronctl_admin", "patronctl_job", "patronctl_auditor", "patronctl_opac", "stranger", "library",
}

const catalogueQuery = `
WITH object AS (
	SELECT 1 AS place, 'database' AS kind, 'this' AS name, d.oid FROM pg_database AS d WHERE d.datname = current_database()
	UNION ALL
	SELECT 2, 'schema', n.nspname::text, n.oid FROM pg_namespace AS n WHERE n.nspname IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
	UNION ALL
	SELECT 3, CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, c.oid::regclass::text, c.oid
	FROM pg_class AS c
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
	UNION ALL
	SELECT 4, 'function', p.oid::regprocedure::text, p.oid
	FROM pg_proc AS p
	WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
		AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
)
SELECT o.kind, o.name, coalesce(nullif(concat(
	CASE WHEN o.kind = 'database' THEN concat(
		CASE WHEN has_database_privilege('%[1]s', o.oid, 'CONNECT') THEN 'c' END,
		CASE WHEN has_database_privilege('%[1]s', o.oid, 'CREATE') THEN 'C' END,
		CASE WHEN has_database_privilege('%[1]s', o.oid, 'TEMPORARY') THEN 'T' END)
	WHEN o.kind = 'schema' THEN concat(
		CASE WHEN has_schema_privilege('%[1]s', o.oid, 'USAGE') THEN 'U' END,
		CASE WHEN has_schema_privilege('%[1]s', o.oid, 'CREATE') THEN 'C' END)
	WHEN o.kind = 'function' THEN
		CASE WHEN has_function_privilege('%[1]s', o.oid, 'EXECUTE') THEN 'X' END
	WHEN o.kind = 'sequence' THEN concat(
		CASE WHEN has_sequence_privilege('%[1]s', o.oid, 'SELECT') THEN 'r' END,
		CASE WHEN has_sequence_privilege('%[1]s', o.oid, 'UPDATE') THEN 'w' END,
		CASE WHEN has_sequence_privilege('%[1]s', o.oid, 'USAGE') THEN 'U' END)
	ELSE concat(
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'SELECT') OR has_any_column_privilege('%[1]s', o.oid, 'SELECT') THEN 'r' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'INSERT') OR has_any_column_privilege('%[1]s', o.oid, 'INSERT') THEN 'a' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'UPDATE') OR has_any_column_privilege('%[1]s', o.oid, 'UPDATE') THEN 'w' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'DELETE') THEN 'd' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'TRUNCATE') THEN 'D' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'REFERENCES') OR has_any_column_privilege('%[1]s', o.oid, 'REFERENCES') THEN 'x' END,
		CASE WHEN has_table_privilege('%[1]s', o.oid, 'TRIGGER') THEN 't' END)
	END), ''), '-')
FROM object AS o
ORDER BY o.place, o.name COLLATE "C"`

// The catalogue says what the file says: a new object needs a line, and a line for each right that somebody has.
func TestPrivilegesAreAsWritten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	super.must("CREATE ROLE stranger LOGIN")
	lines := [][]string{append([]string{"kind", "object"}, grantees...)}
	for i, who := range grantees {
		values, err := super.run(catalogueQuery, who)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(values); n += 3 {
			if i == 0 {
				lines = append(lines, []string{values[n], values[n+1]})
			}
			lines[n/3+1] = append(lines[n/3+1], values[n+2])
		}
	}
	var found bytes.Buffer
	if err := csv.NewWriter(&found).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(privileges, found.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, privileges, found.String())
}

// compare names the lines that differ from the checked-in file.
func compare(t *testing.T, path, found string) {
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
			t.Errorf("not in %s: %s", path, line)
		}
	}
	for line := range written {
		if !there[line] {
			t.Errorf("only in %s: %s", path, line)
		}
	}
}

// Every login tries everything with every object. What the file does not grant is refused.
func TestPrivilegesByTrying(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
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
		staff := connect(t, db, login)
		for n, line := range lines {
			for right, sql := range tries[n] {
				_, err := staff.run("%s", sql)
				denied := code(err) == "42501" && strings.Contains(err.Error(), "permission denied")
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
func attempts(super *session, kind, object string) map[string]string {
	switch kind {
	case "table", "view", "materialized view":
		column := super.must("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped LIMIT 1", object)
		return map[string]string{
			"r": "SELECT FROM " + object, "a": "INSERT INTO " + object + " DEFAULT VALUES", "d": "DELETE FROM " + object,
			"w": fmt.Sprintf("UPDATE %s SET %s = NULL", object, column), "D": "TRUNCATE " + object,
		}
	case "sequence":
		return map[string]string{"U": "SELECT nextval('" + object + "')", "w": "SELECT setval('" + object + "', 1)", "r": "SELECT last_value FROM " + object}
	case "function": // with arguments that only a run finds out to be NULL: a strict function of constants is not run at all
		return map[string]string{"X": super.must(`SELECT format('SELECT %%s(%%s)', oid::regproc, (
			SELECT string_agg('(SELECT NULL::' || format_type(a, NULL) || ' OFFSET 0)', ', ' ORDER BY n) FROM unnest(proargtypes::oid[]) WITH ORDINALITY AS u(a, n)
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
	connect(t, db, "postgres").must("CREATE ROLE outsider LOGIN")
	if _, err := pgx.Connect(t.Context(), db.DSN("outsider")); code(err) != "42501" {
		t.Errorf("a login without a group: %v", err)
	}
}
