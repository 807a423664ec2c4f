package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Kind sorts errors by what the caller can do about them; commands/kit maps each to an exit code.
type Kind string

// The kinds of errors. Everything else is unexpected.
const (
	KindUsage    Kind = "usage"           // the database refused an argument
	KindNotFound Kind = "not_found"       // no such patron, item, record
	KindConnect  Kind = "cannot_connect"  // cannot connect or log in
	KindBusy     Kind = "busy"            // locked or timed out; retry later
	KindRefused  Kind = "refused"         // by a right or by a rule
	KindPartly   Kind = "partly_done"     // some of it was done
	KindUnknown  Kind = "outcome_unknown" // connection lost during commit
	KindInternal Kind = "unexpected"
)

// Error is a failure in words for the user: what, and the next step. It never holds a person's data or a password.
type Error struct {
	Kind    Kind
	Message string // lower case, one line, names the thing
	Hint    string // the next step; may be empty

	// What a function of the database said, in parts, so that it can be said in another language: the templates of Message
	// and Hint, and what fills their {names}. Template is empty in an error that was not said there.
	Template, HintTemplate string
	Params                 map[string]any

	Cause error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the underlying error, which may hold row data: print it only for --debug.
func (e *Error) Unwrap() error { return e.Cause }

// dbError translates what ended a transaction. Only the words of our own functions are passed on: the server's messages
// may quote values. broken says that the connection is gone.
func dbError(ctx context.Context, err error, broken bool) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	if cause := context.Cause(ctx); errors.Is(cause, context.DeadlineExceeded) {
		return &Error{Kind: KindBusy, Message: "the database took longer than the time limit", Hint: "try again, or give --timeout", Cause: err}
	} else if cause != nil {
		return cause
	}
	var pg *pgconn.PgError
	var file *fs.PathError
	switch {
	case errors.As(err, &pg):
	case broken:
		return &Error{
			Kind:    KindConnect,
			Message: "the connection to the database broke",
			Hint:    "try again; a change was either made completely or not at all",
			Cause:   err,
		}
	case errors.As(err, &file):
		return &Error{Kind: KindInternal, Message: file.Path + ": " + file.Err.Error() + "; nothing was changed", Cause: err}
	default:
		return &Error{
			Kind:    KindInternal,
			Message: "the work on the database failed here; nothing was changed",
			Hint:    "run again with --debug for the details, which may quote data",
			Cause:   err,
		}
	}
	if known := said(pg); known != nil {
		known.Cause = err
		return known
	}
	kind, message, hint := explain(pg)
	return &Error{Kind: kind, Message: message, Hint: hint, Cause: err}
}

// explain says in our words what the server said.
func explain(pg *pgconn.PgError) (kind Kind, message, hint string) {
	switch pg.Code {
	case "42501":
		return KindRefused, "your login may not do this",
			"an administrator registers roles with: patronctl staff add LOGIN --authority A --role R"
	case "55P03", "40001", "40P01":
		return KindBusy, "somebody else is working on the same record", "try again in a moment"
	case "57014":
		return KindBusy, "the database took longer than the time limit", "try again, or give --timeout"
	case "25006":
		return KindConnect, "this server is a read-only copy", "connect to the primary"
	case "22021", "22P05":
		return KindUsage, "a value holds characters that the database cannot store", "use UTF-8 without NUL"
	case "3F000": // the schema of the functions itself
		return KindRefused, "patronctl is not installed in this database",
			"check the name of the database, or its owner runs: patronctl db init --admin LOGIN"
	case "42883", "42P01", "42703", "42704":
		return KindInternal, "this database lacks functions of this version of patronctl",
			"its owner runs: patronctl db status, then patronctl db upgrade"
	}
	switch pg.Code[:2] {
	case "08", "28", "3D", "57":
		return KindConnect, "the server ended or refused the connection (" + pg.Code + ")",
			"try again; if it stays so, ask whoever runs the server"
	case "53":
		return KindBusy, "the server is out of connections or space (" + pg.Code + ")",
			"try again later; if it stays so, ask whoever runs the server"
	}
	return KindInternal, fmt.Sprintf("unexpected database error %s", pg.Code), "run again with --debug for the details, which may quote data"
}

// connectError names the address tried.
func connectError(ctx context.Context, settings *pgx.ConnConfig, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	kind := KindConnect
	message := "cannot connect to the database at " + Address(settings)
	hint := "check --dsn or PGHOST, or try the demo: patronctl --demo patron find smith"
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "28P01", "28000":
			message = fmt.Sprintf("the server at %s refused the login %s", Address(settings), settings.User)
			hint = "check the user and the password in your passfile or service file; a login that was disabled is refused as well"
		case "3D000":
			message = fmt.Sprintf("the server at %s has no database %s", Address(settings), settings.Database)
			hint = "check --dsn or PGDATABASE"
		case "42501":
			kind = KindRefused
			message = fmt.Sprintf("the login %s is not registered as staff in the database %s", settings.User, settings.Database)
			hint = "an administrator registers staff with: patronctl staff add LOGIN --authority A --role R"
		default:
			message += " (" + pg.Code + ")"
		}
	}
	return &Error{Kind: kind, Message: message, Hint: hint, Cause: err}
}

// commitError is about a transaction whose end nobody heard of.
func commitError(ctx context.Context, err error, access int64) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code[:2] != "57" && pg.Code[:2] != "08" {
		return dbError(ctx, err, false)
	}
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return &Error{Kind: KindInternal, Message: "the database rolled the change back", Hint: "nothing was changed; try again", Cause: err}
	}
	if access == 0 {
		return &Error{
			Kind:    KindConnect,
			Message: "the connection broke while the record of this access was written",
			Hint:    "nothing was shown; try again",
			Cause:   err,
		}
	}
	return &Error{
		Kind: KindUnknown, Message: fmt.Sprintf("outcome unknown, see: patronctl audit show %d", access),
		Hint: "the connection broke during commit; a result in that record means that the change was made", Cause: err,
	}
}
