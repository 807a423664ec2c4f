// Package password is about how patrons log in: staff see the state of a secret and reset it, never the secret.
package password

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the password command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("password", "Reset, check and change a patron's password", newReset(env), newCheck(env), newChange(env))
}
