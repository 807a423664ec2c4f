// Package settings is the rules that a library, or the whole consortium, sets for itself.
package settings

import (
	"cmp"

	"github.com/spf13/cobra"

	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the settings command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("settings", "See and change the rules of a library", newList(env), newGet(env), newSet(env))
}

func authorityFlag(cmd *cobra.Command, env *kit.Env, target *string) {
	kit.NameVar(cmd, env, target, "authority", "authority", "the library `AUTHORITY`; without it the whole consortium")
}

func screen(s *staff.Setting) []output.Section {
	return []output.Section{{Pairs: []output.Pair{
		{Name: "name", Value: s.Name, Style: output.Strong},
		{Name: "value", Value: s.Value, Style: output.Strong},
		{Name: "authority", Value: cmp.Or(s.Authority, "the whole consortium")},
		{Name: "set here", Value: setHere(*s)},
		{Name: "default", Value: s.Default},
		{Name: "type", Value: s.Type},
		{Name: "about", Value: s.About},
	}}}
}

func setHere(s staff.Setting) string {
	if s.Own {
		return "yes"
	}
	return "no"
}
