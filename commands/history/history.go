// Package history is what a patron borrowed, reserved and paid in the past: showing it, and making it anonymous.
package history

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the history command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("history", "Show or anonymize a patron's history", newShow(env), newAnonymize(env), newReport(env))
}
