// Package staff is who works where, in which role.
package staff

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the staff command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("staff", "Register who works where, in which role, and their logins",
		newAdd(env), newList(env), newShow(env), newGrant(env), newRevoke(env),
		newDisable(env), newEnable(env), newPassword(env))
}
