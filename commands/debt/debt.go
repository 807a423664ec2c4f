// Package debt is the noun debt: checking what people owe, at every authority.
package debt

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the noun with its verbs.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("debt", "Check what people owe, at every library", newCheck(env))
}
