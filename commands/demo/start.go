package demo

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/localpg"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newStart(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "start",
		Short: "Start the demo, and make it when there is none",
		Long: `Start the demo, and make it when there is none. Commands with --demo do this by
themselves.

Exit status:
  0  it runs
  4  it cannot start, for example because PostgreSQL is not installed`,
		Example: `  patronctl demo start
  PATRONCTL_PGBIN=/opt/pgsql/bin patronctl demo start`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return start(cmd.Context(), env) },
	}
}

func start(ctx context.Context, env *kit.Env) error {
	if err := output.CheckColumns[localpg.DemoStatus](env.Printer(), nil); err != nil {
		return err
	}
	demo, err := localpg.NewDemo()
	if err != nil {
		return err
	}
	if err := demo.Start(ctx, step(env)); err != nil {
		return err
	}
	return show(env, demo)
}
