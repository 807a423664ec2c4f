// Package db installs patronctl in a database, keeps it current and loads data. All of it but status is for the database
// owner: who that is, the connection says.
package db

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the db command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("db", "Install, upgrade and fill the database",
		newInit(env), newUpgrade(env), newStatus(env), newImport(env),
		kit.Group("authority", "Add the members of the consortium", newAuthorityAdd(env)))
}
