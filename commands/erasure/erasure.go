// Package erasure reads the ledger of who was erased, takes it out of the database, replays it after a restore, removes who was
// erased from the server's files, and proves it.
package erasure

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the erasure command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("erasure", "Who was erased; scrub files of them, erase them again",
		newList(env),
		newExport(env),
		newReplay(env),
		newScrub(env),
		newVerify(env),
		newQuarantine(env),
	)
}
