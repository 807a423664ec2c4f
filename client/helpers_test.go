package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// session is a bare connection of one login that sends text as psql does.
type session struct {
	t    testing.TB
	conn *pgconn.PgConn
}

func connect(t testing.TB, db *pgtest.DB, login string) *session {
	t.Helper()
	return &session{t, db.Connect(t, login).PgConn()}
}

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

// refused fails the test unless a function of desk refused what was tried.
func refused(t testing.TB, what string, err error) {
	t.Helper()
	if code(err) != "LB403" {
		t.Errorf("%s: %v, want it refused (LB403)", what, err)
	}
}

// forbidden fails the test unless the server itself did not let it come that far.
func forbidden(t testing.TB, what string, err error) {
	t.Helper()
	if code(err) != "42501" {
		t.Errorf("%s: %v, want it forbidden (42501)", what, err)
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
