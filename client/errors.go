package client

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
	cause   error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the underlying error, which may hold row data: print it only for --debug.
func (e *Error) Unwrap() error { return e.cause }
