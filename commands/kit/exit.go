package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"patronctl/client"
	"patronctl/output"
)

// ExitCode is what a finished process tells the caller.
type ExitCode int

// The exit codes; Codes says what each means.
const (
	ExitOK             ExitCode = 0
	ExitUnexpected     ExitCode = 1
	ExitUsage          ExitCode = 2
	ExitNotFound       ExitCode = 3
	ExitCannotConnect  ExitCode = 4
	ExitNotConfirmed   ExitCode = 5
	ExitBusy           ExitCode = 6
	ExitPartlyDone     ExitCode = 7
	ExitRefused        ExitCode = 8
	ExitConditionHolds ExitCode = 10
	ExitInterrupted    ExitCode = 130
	ExitTerminated     ExitCode = 143
)

// Code explains one exit code.
type Code struct {
	Exit    ExitCode
	Name    string // as in the JSON form of an error
	Meaning string
}

// Codes is the one table of exit codes: it feeds the errors and `help exit-codes`.
var Codes = []Code{
	{ExitOK, "ok", "done, or nothing to do"},
	{ExitUnexpected, "unexpected", "something went wrong that has no code of its own"},
	{ExitUsage, "usage", "wrong command, flag, argument or value; nothing was done"},
	{ExitNotFound, "not_found", "no such patron, item or record"},
	{ExitCannotConnect, "cannot_connect", "cannot connect to the database, or log in"},
	{ExitNotConfirmed, "not_confirmed", "confirmation missing or declined; nothing was done"},
	{ExitBusy, "busy", "locked or timed out; retry later"},
	{ExitPartlyDone, "partly_done", "some of it was done; the message says what"},
	{ExitRefused, "refused", "not allowed, by a right or by a rule"},
	{ExitConditionHolds, "condition", "the condition asked about holds (--exit-code)"},
	{ExitInterrupted, "interrupted", "interrupted (SIGINT, Ctrl-C)"},
	{ExitTerminated, "terminated", "terminated (SIGTERM)"},
}

// CodesMarkdown is Codes as a Markdown table.
func CodesMarkdown() string {
	var b strings.Builder
	b.WriteString("| Exit | Name | Meaning |\n|---:|---|---|\n")
	for _, c := range Codes {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", c.Exit, c.Name, c.Meaning)
	}
	return b.String()
}

// StatesMarkdown is client.Codes as a Markdown table: what psql shows, and how the program ends with it.
func StatesMarkdown() string {
	var b strings.Builder
	b.WriteString("| SQLSTATE | Exit | Name | Meaning |\n|---|---:|---|---|\n")
	for _, c := range client.Codes {
		exit := Exit(&client.Error{Kind: c.Kind})
		fmt.Fprintf(&b, "| `%s` | %d | `%s` | %s |\n", c.State, exit, exit.Name(), c.Meaning)
	}
	return b.String()
}

// Name is the code's name in Codes.
func (e ExitCode) Name() string {
	for _, c := range Codes {
		if c.Exit == e {
			return c.Name
		}
	}
	return ExitUnexpected.Name()
}

// Error is a failure that a command found by itself, in words for the user.
type Error struct {
	Code    ExitCode
	Message string // lower case, one line, names the thing
	Hint    string // the next step; may be empty
}

func (e *Error) Error() string { return e.Message }

// Usage reports a mistake in how a command was called. The message names the accepted values.
func Usage(format string, args ...any) error {
	return &Error{Code: ExitUsage, Message: fmt.Sprintf(format, args...)}
}

// ErrCondition ends a command with exit 10 and prints nothing: what was asked about holds.
var ErrCondition error = &Error{Code: ExitConditionHolds, Message: "the condition asked about holds"}

// ErrOutputClosed is what a write to Env.Out returns when its reader has gone (`| head`). It ends a command quietly.
var ErrOutputClosed = errors.New("nobody reads the output any more")

var kindCodes = map[client.Kind]ExitCode{
	client.KindUsage:    ExitUsage,
	client.KindNotFound: ExitNotFound,
	client.KindConnect:  ExitCannotConnect,
	client.KindBusy:     ExitBusy,
	client.KindRefused:  ExitRefused,
	client.KindPartly:   ExitPartlyDone,
}

// Exit is the exit code of err; nil is ExitOK.
func Exit(err error) ExitCode {
	var own *Error
	var fromClient *client.Error
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &own):
		return own.Code
	case errors.As(err, &fromClient):
		if code, ok := kindCodes[fromClient.Kind]; ok {
			return code
		}
		return ExitUnexpected
	case errors.Is(err, ErrOutputClosed):
		return ExitOK
	case errors.As(err, new(output.UsageError)), errors.Is(err, output.ErrExists), errors.Is(err, output.ErrNoPlace):
		return ExitUsage
	case errors.Is(err, context.DeadlineExceeded):
		return ExitBusy
	default:
		return ExitUnexpected
	}
}

// Hint is the next step that err suggests, or empty.
func Hint(err error) string {
	var own *Error
	var fromClient *client.Error
	switch {
	case errors.As(err, &own):
		return own.Hint
	case errors.As(err, &fromClient):
		return fromClient.Hint
	case errors.Is(err, output.ErrExists):
		return "add --force to overwrite it"
	case errors.Is(err, output.ErrNoPlace):
		return "give the name of a file in a directory of yours that exists"
	default:
		return ""
	}
}
