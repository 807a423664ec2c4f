// Package item is the noun item: who has something.
package item

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the noun with its verbs.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("item", "Look items up", newShow(env))
}
