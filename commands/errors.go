package commands

import (
	"errors"
	"strings"

	"patronctl/commands/kit"
	"patronctl/output"
)

// tell tells of the error that ended a command, unless there is nothing to tell.
func tell(env *kit.Env, args []string, err error) {
	if err == nil || errors.Is(err, kit.ErrCondition) || kit.Exit(err) == kit.ExitOK {
		return
	}
	env.ShowError(err, wantsJSON(env, args))
}

// wantsJSON also looks at the command line itself, because flags after a wrong one are never parsed.
func wantsJSON(env *kit.Env, args []string) bool {
	if env.Flags.WantsJSON() {
		return true
	}
	isJSON := func(s string) bool { return s == string(output.JSON) || s == string(output.JSONL) }
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
