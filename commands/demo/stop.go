package demo

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/localpg"
	"patronctl/commands/kit"
)

func newStop(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "stop",
		Short: "Stop the demo's server; its data stay",
		Long: `Stop the demo's server; its data stay.

Exit status:
  0  it does not run any more, or did not`,
		Example: "  patronctl demo stop",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return stop(cmd.Context(), env) },
	}
}

func stop(ctx context.Context, env *kit.Env) error {
	demo, err := localpg.NewDemo()
	if err != nil {
		return err
	}
	if err := demo.Stop(ctx); err != nil {
		return err
	}
	if demo.Status().Day == "" {
		env.Note("there is no demo yet")
	} else {
		env.Note("the demo is stopped; its data stay in %s", demo.Status().Dir)
	}
	return nil
}
