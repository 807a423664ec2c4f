package demo

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/localpg"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newReset(env *kit.Env) *cobra.Command {
	day := kit.DateFlag{Date: client.Date{Today: true}}
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Throw the demo away and make it anew",
		Long: `Throw the demo away, with everything that was done in it, and make it anew.
With --date the data are as of that day, and the demo's clock is set to noon of
it; the same day gives the same data.

Exit status:
  0  made anew, and running
  4  it cannot start, for example because PostgreSQL is not installed
  5  not confirmed; nothing was done`,
		Example: `  patronctl demo reset
  patronctl demo reset --date 2026-01-31 --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return reset(cmd.Context(), env, day.Date) },
	}
	cmd.Flags().Var(&day, "date", "which day it is in the demo, as 2026-01-31")
	return cmd
}

func reset(ctx context.Context, env *kit.Env, day client.Date) error {
	if err := output.CheckColumns[localpg.DemoStatus](env.Printer(), nil); err != nil {
		return err
	}
	demo, err := localpg.NewDemo()
	if err != nil {
		return err
	}
	if now := demo.Status(); now.Day != "" {
		if err := env.Confirm(ctx, "Throw away the demo in "+now.Dir+" and everything done in it?"); err != nil {
			return err
		}
	}
	if err := demo.Reset(ctx, day, step(env)); err != nil {
		return err
	}
	return show(env, demo)
}
