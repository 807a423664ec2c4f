package settings

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/staff"
	"patronctl/commands/kit"
)

func newGet(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Show one setting: its value, its default and what it does",
		Long: `Show one setting: its value, its default and what it does.

Exit status:
  0  shown
  2  no such setting or authority; the message names those there are`,
		Example: `  patronctl settings get history_keep_days --authority NORTH
  patronctl settings get k -o json --columns value`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return get(cmd.Context(), env, authority, args[0]) },
	}
	authorityFlag(cmd, env, &authority)
	return cmd
}

func get(ctx context.Context, env *kit.Env, authority, name string) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*staff.Setting, error) {
		return staff.GetSetting(ctx, c, authority, name)
	}, screen)
}
