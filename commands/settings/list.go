package settings

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List every setting as it holds now",
		Long: `List every setting as it holds now, for a library or the whole consortium. What
a library has not set itself comes from the consortium, else from the default.

Exit status:
  0  listed
  2  no such authority`,
		Example: `  patronctl settings list
  patronctl settings list --authority NORTH`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return list(cmd.Context(), env, authority) },
	}
	authorityFlag(cmd, env, &authority)
	return cmd
}

var columns = []output.Column[staff.Setting]{
	{Name: "name", Value: func(s staff.Setting) string { return s.Name }},
	{Name: "value", Value: func(s staff.Setting) string { return s.Value }},
	{Name: "default", Value: func(s staff.Setting) string { return s.Default }},
	{Name: "own", Value: setHere},
	{Name: "about", Shrink: true, Value: func(s staff.Setting) string { return s.About }},
}

func list(ctx context.Context, env *kit.Env, authority string) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := staff.ListSettings(ctx, c, authority)
	if err != nil {
		return err
	}
	return output.List(env.Printer(), columns, output.Slice(found))
}
