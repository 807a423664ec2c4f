package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// session is a bare connection of one login that sends text as psql does.
type session struct {
	t    testing.TB
	conn *pgconn.PgConn
}

func connect(t testing.TB, db *pgtest.DB, login string) *session {
	t.Helper()
	return on(t, db.Connect(t, login).PgConn())
}

// on is a connection that there is already.
func on(t testing.TB, conn *pgconn.PgConn) *session { return &session{t, conn} }

// run sends one message of one or more statements and returns every value that came back.
func (s *session) run(sql string, args ...any) (values []string, err error) {
	if len(args) > 0 {
		sql = fmt.Sprintf(sql, args...)
	}
	results, err := s.conn.Exec(s.t.Context(), sql).ReadAll()
	for _, result := range results {
		for _, row := range result.Rows {
			for _, value := range row {
				values = append(values, string(value))
			}
		}
	}
	return values, err
}

// must is run for what may not fail; it returns the values joined by line breaks.
func (s *session) must(sql string, args ...any) string {
	s.t.Helper()
	values, err := s.run(sql, args...)
	if err != nil {
		s.t.Fatalf("%s: %v", fmt.Sprintf(sql, args...), err)
	}
	return strings.Join(values, "\n")
}

// open commits an access and returns its number.
func (s *session) open(operation, criteria string) string {
	s.t.Helper()
	id := s.must("BEGIN; SELECT %s", openCall(operation, criteria))
	s.must("COMMIT")
	return id
}

func openCall(operation, criteria string) string {
	purpose := map[string]string{"patron list": "marketing"}[operation] // which has no purpose of its own
	return fmt.Sprintf("desk.open_access('%s', '%s', 'ticket 4711', '%s')", operation, purpose, strings.ReplaceAll(criteria, "'", "''"))
}

// code is the SQLSTATE of an error of the server, empty for none.
func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// refused fails the test unless err is a refusal by a right or by a rule.
func refused(t testing.TB, what string, err error) {
	t.Helper()
	if code(err) != "42501" {
		t.Errorf("%s: %v, want it refused (42501)", what, err)
	}
}

// details are all that an error of the server says.
func details(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.Join([]string{pg.Message, pg.Detail, pg.Hint, pg.Where}, "\n")
	}
	return ""
}

// watching are the observers that the commands have.
func watching() []client.Observer {
	return []client.Observer{client.AuditObserver(), client.LedgerObserver()}
}

func text(t testing.TB, value any) string {
	t.Helper()
	said, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// kind is the kind of an error of the client, empty for another.
func kind(err error) client.Kind {
	var known *client.Error
	if errors.As(err, &known) {
		return known.Kind
	}
	return ""
}

// ofKind fails the test unless err is of the kind.
func ofKind(t *testing.T, err error, kind client.Kind) {
	t.Helper()
	var known *client.Error
	if !errors.As(err, &known) || known.Kind != kind {
		t.Errorf("want %s, got %v", kind, fmt.Sprint(err))
	}
}

// eventually waits for what the server's log is about to say.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("within a minute there was no ", what)
		}
	}
}

func date(t testing.TB, day string) client.Date {
	t.Helper()
	d, err := client.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rowsAsText is the text of every row of every table in the database, by table, in small letters.
func rowsAsText(t *testing.T, conn *pgx.Conn) map[string]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm', 't') AND n.nspname NOT LIKE 'pg\_temp%' AND n.nspname NOT LIKE 'pg\_toast%'
			AND c.relname NOT IN ('pg_proc', 'pg_description')`) // the server's own words, among them surnames
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, table := range tables {
		var all string
		if err := conn.QueryRow(t.Context(), `SELECT lower(coalesce(string_agg(r::text, E'\n'), '')) FROM `+table+` AS r`).Scan(&all); err != nil {
			t.Fatal(table, err)
		}
		text[table] = all
	}
	return text
}

// rowsWith returns every row of every table whose text holds one of the words, behind the table's name.
func rowsWith(super *session, words ...string) (rows []string) {
	super.t.Helper()
	var patterns []string
	for _, word := range words {
		word = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`, "'", "''").Replace(strings.ToLower(word))
		patterns = append(patterns, "'%"+word+"%'")
	}
	tables, err := super.run("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('lms', 'patronctl')")
	if err != nil {
		super.t.Fatal(err)
	}
	for _, table := range tables {
		found, err := super.run("SELECT '%s ' || content FROM (SELECT to_jsonb(r)::text AS content FROM %[1]s AS r) AS rows WHERE lower(content) LIKE ANY (ARRAY[%s])", table, strings.Join(patterns, ", "))
		if err != nil {
			super.t.Fatal(err)
		}
		rows = append(rows, found...)
	}
	return rows
}

// newcomer is somebody with a name only, and a birth date when it is given.
func newcomer(surname, born string) *client.Newcomer {
	n := &client.Newcomer{Person: client.NewPerson{Surname: &surname}, Addresses: []client.NewAddress{}}
	if born != "" {
		n.Person.BirthDate = &born
	}
	return n
}

const anyHash = `$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

var (
	bookworm      = `{"ref": "` + sample.CardLongHistory + `"}`
	bookwormsCard = `{"card": "` + sample.CardLongHistory + `"}`
	anyVerifier   = "SCRAM-SHA-256$4096:" + strings.Repeat("A", 22) + "==$" + strings.Repeat("A", 43) + "=:" + strings.Repeat("A", 43) + "="
)

// ago moves every access and its result back in time.
func ago(super *session, time string) {
	super.t.Helper()
	super.must(`SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '%[1]s';
		UPDATE patronctl.result SET at = at - interval '%[1]s'; RESET session_replication_role`, time)
}

// patron adds somebody with a card, at the first branch of an authority, and returns the number.
func (s *session) patron(home, card, surname, forenames, born string) string {
	s.t.Helper()
	id := s.must(`WITH p AS (
			INSERT INTO lms.patron (authority, branch, category)
			VALUES ('%[1]s', (SELECT min(code) FROM lms.branch WHERE authority = '%[1]s'), 'ADULT') RETURNING id
		)
		INSERT INTO lms.identity (patron, authority, surname, forenames, birth_date)
		SELECT id, '%[1]s', '%[2]s', '%[3]s', nullif('%[4]s', '')::date FROM p RETURNING patron`, home, surname, forenames, born)
	s.must("INSERT INTO lms.card (number, patron) VALUES ('%s', %s)", card, id)
	return id
}
