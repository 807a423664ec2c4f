package staff

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the registered staff",
		Long: `List the registered staff, also those whose registration has ended. Without an
authority a registration is for the whole consortium. Administrators may do
this; those of one library see its staff only.

Exit status:
  0  listed
  8  your role may not do this`,
		Example: `  patronctl staff list
  patronctl staff list -o csv --columns login,role,authority`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return list(cmd.Context(), env) },
	}
}

var columns = []output.Column[staff.Registration]{
	{Name: "login", Value: func(s staff.Registration) string { return s.Login }},
	{Name: "role", Value: func(s staff.Registration) string { return s.Role }},
	{Name: "authority", Value: func(s staff.Registration) string { return s.Authority }},
	{Name: "valid_from", Label: "from", Value: func(s staff.Registration) string { return kit.Day(s.ValidFrom) }},
	{Name: "valid_to", Label: "until", Value: func(s staff.Registration) string { return kit.Day(s.ValidTo) }},
	{Name: "kind", Value: func(s staff.Registration) string { return s.Kind }},
}

func list(ctx context.Context, env *kit.Env) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := staff.List(ctx, c, env.Why())
	if err != nil {
		return err
	}
	return output.List(env.Printer(), columns, output.Slice(found))
}
