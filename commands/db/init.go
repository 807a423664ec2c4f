package db

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"patronctl/client/install"
	"patronctl/commands/kit"
)

func newInit(env *kit.Env) *cobra.Command {
	var admin string
	var printSQL bool
	cmd := &cobra.Command{
		Use:   "init --admin LOGIN",
		Short: "Install everything into an empty database",
		Long: `Install the library's tables, the records, the guard and the roles into an empty
database, and name the first administrator: an existing PostgreSQL login.
Connect as the database owner, who needs CREATEROLE but not superuser. It
happens as a whole or not at all.

A few grants only a server administrator can make: --print-admin-sql prints them
and does nothing else.

Exit status:
  0  installed
  3  the administrator is no login of this server
  8  already installed, or you are not the database owner`,
		Example: `  patronctl db init --admin anna
  patronctl db init --print-admin-sql | psql -U postgres library`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if printSQL {
				_, err := io.WriteString(env.Out, install.AdminSQL())
				return err
			}
			return initialize(cmd.Context(), env, admin)
		},
	}
	cmd.Flags().StringVar(&admin, "admin", "", "`LOGIN` of the first administrator")
	cmd.Flags().BoolVar(&printSQL, "print-admin-sql", false, "print what a server administrator must run")
	cmd.MarkFlagsOneRequired("admin", "print-admin-sql")
	cmd.MarkFlagsMutuallyExclusive("admin", "print-admin-sql")
	return cmd
}

func initialize(ctx context.Context, env *kit.Env, admin string) error {
	if admin == "" {
		return kit.Usage("--admin needs the login of the first administrator")
	}
	env.AnyVersion = true
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	if err := install.Init(ctx, c, admin, func(step string) { env.Note("%s", step) }); err != nil {
		return err
	}
	env.Note("installed; %s is the first administrator", admin)
	env.Note("next: patronctl db authority add CODE --name NAME --currency GBP --time-zone Europe/London")
	return nil
}
