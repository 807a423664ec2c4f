package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// report prints an error to stderr: a line and a hint, or with JSON output one object.
func report(env *kit.Env, args []string, err error) {
	if err == nil || errors.Is(err, kit.ErrCondition) || kit.Exit(err) == kit.ExitOK {
		return
	}
	message, hint := output.Clean(err.Error()), output.Clean(kit.Hint(err))
	if wantsJSON(env, args) {
		reportJSON(env, err, message, hint)
		return
	}
	// A failure to write here has no other place to be told.
	_, _ = fmt.Fprintln(env.Err, "error: "+message)
	if hint != "" {
		_, _ = fmt.Fprintln(env.Err, "hint: "+hint)
	}
	if env.Flags.Debug {
		for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
			_, _ = fmt.Fprintln(env.Err, "debug: "+output.Clean(cause.Error()))
		}
	}
}

func reportJSON(env *kit.Env, err error, message, hint string) {
	type failure struct {
		Code    string `json:"code"`
		Exit    int    `json:"exit"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	code := kit.Exit(err)
	f := failure{code.Name(), int(code), message, hint}
	if from, ok := errors.AsType[*client.Error](err); ok && from.Kind == client.KindUnknown {
		f.Code = string(from.Kind)
	}
	_ = json.NewEncoder(env.Err).Encode(map[string]failure{"error": f})
}

// wantsJSON also looks at the command line itself, because flags after a wrong one are never parsed.
func wantsJSON(env *kit.Env, args []string) bool {
	isJSON := func(s string) bool { return s == string(output.JSON) || s == string(output.JSONL) }
	if isJSON(string(env.Flags.Output)) {
		return true
	}
	for i, arg := range args {
		if arg == "--" {
			return false
		}
		if (arg == "-o" || arg == "--output") && i+1 < len(args) && isJSON(args[i+1]) {
			return true
		}
		if v, ok := strings.CutPrefix(arg, "--output="); ok && isJSON(v) {
			return true
		}
		if v, ok := strings.CutPrefix(arg, "-o"); ok && isJSON(strings.TrimPrefix(v, "=")) {
			return true
		}
	}
	return false
}
