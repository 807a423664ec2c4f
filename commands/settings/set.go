package settings

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/staff"
	"patronctl/commands/kit"
)

func newSet(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Change a setting of a library or of the consortium",
		Long: `Change a setting of a library, or without --authority of the whole consortium.
The value "default" takes a change back, so that the consortium's value or the
preset holds again. The database checks the value. Administrators may do this.

Exit status:
  0  set
  2  no such setting or authority, or a value it does not take
  8  your role may not do this, or you administer another library`,
		Example: `  patronctl settings set debt_limit_own 15.00 --authority NORTH
  patronctl settings set debt_limit_others GBP=10.00,EUR=12.00
  patronctl settings set reset_mode card --authority NORTH`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return set(cmd.Context(), env, authority, args[0], args[1])
		},
	}
	authorityFlag(cmd, env, &authority)
	return cmd
}

func set(ctx context.Context, env *kit.Env, authority, name, value string) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*staff.Setting, error) {
		return staff.SetSetting(ctx, c, env.Why(), authority, name, value)
	}, screen)
}
