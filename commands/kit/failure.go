package kit

import (
	"encoding/json"
	"errors"
	"fmt"

	"patronctl/client"
	"patronctl/output"
)

// ShowError tells the user of an error on stderr: a line and a hint, or as JSON one object. Verbs that go on after an error
// call it themselves; an error that ends a command is reported by the root.
func (e *Env) ShowError(err error, asJSON bool) {
	message, hint := output.Clean(err.Error()), output.Clean(Hint(err))
	if asJSON {
		e.showErrorAsJSON(err, message, hint)
		return
	}
	// A failure to write here has no other place to be told.
	_, _ = fmt.Fprintln(e.Err, "error: "+message)
	if hint != "" {
		_, _ = fmt.Fprintln(e.Err, "hint: "+hint)
	}
	if e.Flags.Debug {
		for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
			_, _ = fmt.Fprintln(e.Err, "debug: "+output.Clean(cause.Error()))
		}
	}
}

func (e *Env) showErrorAsJSON(err error, message, hint string) {
	type failure struct {
		Code    string `json:"code"`
		Exit    int    `json:"exit"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	code := Exit(err)
	f := failure{code.Name(), int(code), message, hint}
	if from, ok := errors.AsType[*client.Error](err); ok && from.Kind == client.KindUnknown {
		f.Code = string(from.Kind)
	}
	_ = json.NewEncoder(e.Err).Encode(map[string]failure{"error": f})
}

// WantsJSON tells whether data, and so errors too, are written as JSON.
func (f *Flags) WantsJSON() bool { return f.Output == output.JSON || f.Output == output.JSONL }
