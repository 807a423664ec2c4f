// Package erasure reads the ledger of who was erased, takes it out of the database, and replays it after a restore.
package erasure

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the erasure command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("erasure", "Who was erased, and erasing them again after a restore", newList(env), newExport(env), newReplay(env))
}
