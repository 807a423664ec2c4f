package staff

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

type revokeOptions struct {
	env             *kit.Env
	login           string
	role, authority string
	patron          string
}

func newRevoke(env *kit.Env) *cobra.Command {
	o := &revokeOptions{env: env}
	cmd := &cobra.Command{
		Use:   "revoke LOGIN {--role ROLE | --support PATRON}",
		Short: "End a registration, or close a person to support again",
		Long: `End the registration of a login in a role at once; yesterday was its last day.
Administrators may do this, never for themselves. With --support an officer of
the person's home closes a person to a support engineer before the hours are
over.

Exit status:
  0  ended
  3  the login has no such role there, or the person is not open to it
  6  an open transaction of the login is in the way; "staff disable" ends it
  8  your role may not do this, or it is your own login`,
		Example: `  patronctl staff revoke anna --role clerk --authority NORTH
  patronctl staff revoke eve --support 20000000000012`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.login = args[0]
			return o.run(cmd.Context())
		},
	}
	kit.EnumVar(cmd, &o.role, "role", "the role that ends", staff.Roles...)
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "the library `AUTHORITY`; without it the whole consortium")
	cmd.Flags().StringVar(&o.patron, "support", "", "the `PATRON` to close")
	cmd.MarkFlagsOneRequired("role", "support")
	cmd.MarkFlagsMutuallyExclusive("role", "support")
	cmd.MarkFlagsMutuallyExclusive("authority", "support")
	return cmd
}

func (o *revokeOptions) run(ctx context.Context) error {
	if o.patron != "" {
		return o.close(ctx)
	}
	return kit.Answer(ctx, o.env, func(c *client.Client) (*staff.Revoked, error) {
		return staff.Revoke(ctx, c, o.env.Why(), o.login, o.authority, o.role)
	}, func(ended *staff.Revoked) []output.Section {
		return []output.Section{{Pairs: append([]output.Pair{
			{Name: "login", Value: ended.Login, Style: output.Strong},
			{Name: "no longer", Value: ended.Role},
			{Name: "authority", Value: cmp.Or(ended.Authority, "the whole consortium")},
		}, kit.Receipt(ended.Receipt)...)}}
	})
}

// close closes a person to support again.
func (o *revokeOptions) close(ctx context.Context) error {
	if err := output.CheckColumns[staff.SupportGrant](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	closed, err := staff.RevokeSupport(ctx, c, o.env.Why(), o.login, o.patron)
	if err != nil {
		return err
	}
	return showGrant(o.env, closed)
}
