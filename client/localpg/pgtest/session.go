package pgtest

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
	"patronctl/client/audit"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Session is a bare connection of one login that sends text as psql does.
type Session struct {
	T    testing.TB
	Conn *pgconn.PgConn
}

// Connect returns a bare connection of a login, closed when the test ends.
func Connect(t testing.TB, db *DB, login string) *Session {
	t.Helper()
	return On(t, db.Connect(t, login).PgConn())
}

// On is a connection that there is already.
func On(t testing.TB, conn *pgconn.PgConn) *Session { return &Session{t, conn} }

// Run sends one message of one or more statements and returns every value that came back.
func (s *Session) Run(sql string, args ...any) (values []string, err error) {
	if len(args) > 0 {
		sql = fmt.Sprintf(sql, args...)
	}
	results, err := s.Conn.Exec(s.T.Context(), sql).ReadAll()
	for _, result := range results {
		for _, row := range result.Rows {
			for _, value := range row {
				values = append(values, string(value))
			}
		}
	}
	return values, err
}

// Must is run for what may not fail; it returns the values joined by line breaks.
func (s *Session) Must(sql string, args ...any) string {
	s.T.Helper()
	values, err := s.Run(sql, args...)
	if err != nil {
		s.T.Fatalf("%s: %v", fmt.Sprintf(sql, args...), err)
	}
	return strings.Join(values, "\n")
}

// Open commits an access and returns its number.
func (s *Session) Open(operation, criteria string) string {
	s.T.Helper()
	id := s.Must("BEGIN; SELECT %s", OpenCall(operation, criteria))
	s.Must("COMMIT")
	return id
}

// OpenCall is the call that opens an access.
func OpenCall(operation, criteria string) string {
	purpose := map[string]string{"patron list": "marketing"}[operation] // which has no purpose of its own
	return fmt.Sprintf("desk.open_access('%s', '%s', 'ticket 4711', '%s')", operation, purpose, strings.ReplaceAll(criteria, "'", "''"))
}

// Code is the SQLSTATE of an error of the server, empty for none.
func Code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// Refused fails the test unless a function of desk refused what was tried.
func Refused(t testing.TB, what string, err error) {
	t.Helper()
	if Code(err) != "LB403" {
		t.Errorf("%s: %v, want it refused (LB403)", what, err)
	}
}

// Forbidden fails the test unless the server itself did not let it come that far.
func Forbidden(t testing.TB, what string, err error) {
	t.Helper()
	if Code(err) != "42501" {
		t.Errorf("%s: %v, want it forbidden (42501)", what, err)
	}
}

// Details are all that an error of the server says.
func Details(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.Join([]string{pg.Message, pg.Detail, pg.Hint, pg.Where}, "\n")
	}
	return ""
}

// Watching are the observers that the commands have.
func Watching() []client.Observer {
	return []client.Observer{audit.Observer(), forgetting.Observer()}
}

// Text is a value as JSON.
func Text(t testing.TB, value any) string {
	t.Helper()
	said, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// Kind is the kind of an error of the client, empty for another.
func Kind(err error) client.Kind {
	var known *client.Error
	if errors.As(err, &known) {
		return known.Kind
	}
	return ""
}

// OfKind fails the test unless err is of the kind.
func OfKind(t *testing.T, err error, kind client.Kind) {
	t.Helper()
	var known *client.Error
	if !errors.As(err, &known) || known.Kind != kind {
		t.Errorf("want %s, got %v", kind, fmt.Sprint(err))
	}
}

// Eventually waits for what the server's log is about to say.
func Eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("within a minute there was no ", what)
		}
	}
}

// Date is an ISO day.
func Date(t testing.TB, day string) client.Date {
	t.Helper()
	d, err := client.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// RowsAsText is the text of every row of every table in the database, by table, in small letters.
func RowsAsText(t *testing.T, conn *pgx.Conn) map[string]string {
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
		if err := conn.QueryRow(t.Context(),
			`SELECT lower(coalesce(string_agg(r::text, E'\n'), '')) FROM `+table+` AS r`).Scan(&all); err != nil {
			t.Fatal(table, err)
		}
		text[table] = all
	}
	return text
}

// RowsWith returns every row of every table whose text holds one of the words, behind the table's name.
func RowsWith(super *Session, words ...string) (rows []string) {
	super.T.Helper()
	var patterns []string
	for _, word := range words {
		word = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`, "'", "''").Replace(strings.ToLower(word))
		patterns = append(patterns, "'%"+word+"%'")
	}
	tables, err := super.Run(`
		SELECT oid::regclass
		FROM pg_class
		WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('lms', 'patronctl')`)
	if err != nil {
		super.T.Fatal(err)
	}
	for _, table := range tables {
		found, err := super.Run(`
			SELECT '%s ' || content
			FROM (SELECT to_jsonb(r)::text AS content FROM %[1]s AS r) AS rows
			WHERE lower(content) LIKE ANY (ARRAY[%s])`, table, strings.Join(patterns, ", "))
		if err != nil {
			super.T.Fatal(err)
		}
		rows = append(rows, found...)
	}
	return rows
}

// Newcomer is somebody with a name only, and a birth date when it is given.
func Newcomer(surname, born string) *people.Newcomer {
	n := &people.Newcomer{Person: people.NewPerson{Surname: &surname}, Addresses: []people.NewAddress{}}
	if born != "" {
		n.Person.BirthDate = &born
	}
	return n
}

// AnyHash is a hash of a password as the database takes one.
const AnyHash = `$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

// What calls are about: the reader with the longest history, and a verifier of a password.
var (
	Bookworm      = `{"ref": "` + sample.CardLongHistory + `"}`
	BookwormsCard = `{"card": "` + sample.CardLongHistory + `"}`
	AnyVerifier   = "SCRAM-SHA-256$4096:" + strings.Repeat("A", 22) + "==$" + strings.Repeat("A", 43) + "=:" + strings.Repeat("A", 43) + "="
)

// Ago moves every access and its result back in time.
func Ago(super *Session, time string) {
	super.T.Helper()
	super.Must(`SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '%[1]s';
		UPDATE patronctl.result SET at = at - interval '%[1]s'; RESET session_replication_role`, time)
}

// Patron adds somebody with a card, at the first branch of an authority, and returns the number.
func (s *Session) Patron(home, card, surname, forenames, born string) string {
	s.T.Helper()
	id := s.Must(`WITH p AS (
			INSERT INTO lms.patron (authority, branch, category)
			VALUES ('%[1]s', (SELECT min(code) FROM lms.branch WHERE authority = '%[1]s'), 'ADULT') RETURNING id
		)
		INSERT INTO lms.identity (patron, authority, surname, forenames, birth_date)
		SELECT id, '%[1]s', '%[2]s', '%[3]s', nullif('%[4]s', '')::date FROM p RETURNING patron`, home, surname, forenames, born)
	s.Must("INSERT INTO lms.card (number, patron) VALUES ('%s', %s)", card, id)
	return id
}
