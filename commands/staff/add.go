package staff

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

type addOptions struct {
	env   *kit.Env
	staff client.Staff
	until kit.DateFlag
}

func newAdd(env *kit.Env) *cobra.Command {
	o := &addOptions{env: env}
	cmd := &cobra.Command{
		Use:   "add LOGIN --role ROLE",
		Short: "Register a PostgreSQL login in a role at a library",
		Long: `Register an existing PostgreSQL login in a role at a library, from today on.
Doing it again changes how long it lasts. The roles support, admin, job and
auditor may serve the whole consortium, without --authority. Administrators may
do this, never for themselves.

Exit status:
  0  registered
  2  no such role or authority, or the role belongs to an authority
  3  there is no such login in this PostgreSQL server
  8  your role may not do this, or the login has attributes that reach around
     the guard, such as superuser`,
		Example: `  patronctl staff add anna --role clerk --authority NORTH
  patronctl staff add trainee --role clerk --authority NORTH --until 2026-08-31
  patronctl staff add nightly --role job`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.staff.Login = args[0]
			return o.run(cmd.Context())
		},
	}
	kit.EnumVar(cmd, &o.staff.Role, "role", "what the person does", client.Roles...)
	kit.NameVar(cmd, env, &o.staff.Authority, "authority", "authority", "the library `AUTHORITY`; without it the whole consortium")
	cmd.Flags().Var(&o.until, "until", "last day, as 2026-08-31; without it for good")
	_ = cmd.MarkFlagRequired("role") // the flag was added above
	return cmd
}

func (o *addOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[client.Staff](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.until.Today {
		return kit.Usage("--until takes a day such as 2026-08-31")
	}
	if !o.until.IsZero() {
		o.staff.ValidTo = &o.until.Date
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	added, err := c.AddStaff(ctx, o.env.Why(), o.staff)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), added, []output.Section{{Pairs: []output.Pair{
		{Name: "login", Value: added.Login, Style: output.Strong},
		{Name: "role", Value: added.Role},
		{Name: "authority", Value: cmp.Or(added.Authority, "the whole consortium")},
		{Name: "until", Value: cmp.Or(kit.Day(added.ValidTo), "for good")},
	}}})
}
