package db

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/install"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newUpgrade(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "upgrade",
		Short: "Bring the database up to this program",
		Long: `Apply the migrations and functions that are new in this program, and list the
migrations applied. It happens as a whole or not at all: it may be interrupted
and run again, and started in two places at once. Connect as the database owner.

Exit status:
  0  upgraded, or up to date already
  6  another upgrade is running
  8  you are not the database owner, or the database is older or newer than this
     program can upgrade`,
		Example: `  patronctl db upgrade
  patronctl db status && patronctl db upgrade`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return upgrade(cmd.Context(), env) },
	}
}

var migrationColumns = []output.Column[install.Migration]{
	{Name: "schema", Value: func(m install.Migration) string { return m.Schema }},
	{Name: "version", Right: true, Value: func(m install.Migration) string { return strconv.FormatInt(m.Version, 10) }},
	{Name: "name", Value: func(m install.Migration) string { return m.Name }},
}

func upgrade(ctx context.Context, env *kit.Env) error {
	if err := output.CheckColumns(env.Printer(), migrationColumns); err != nil {
		return err
	}
	env.AnyVersion = true
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	done, err := install.Upgrade(ctx, c, func(step string) { env.Note("%s", step) })
	if err != nil {
		return err
	}
	if len(done) == 0 && !env.Flags.WantsJSON() {
		env.Note("no migrations were pending")
		return nil
	}
	return output.List(env.Printer(), migrationColumns, output.Slice(done))
}
