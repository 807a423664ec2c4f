package demo

import (
	"github.com/spf13/cobra"

	"patronctl/client/localpg"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newStatus(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show whether the demo runs, where it is and its logins",
		Long: `Show whether the demo runs, where its files are, which day it is there, and the
logins for --as. It starts nothing.

Exit status:
  0  shown, running or not`,
		Example: `  patronctl demo status
  patronctl demo status -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return status(env) },
	}
}

func status(env *kit.Env) error {
	if err := output.CheckColumns[localpg.DemoStatus](env.Printer(), nil); err != nil {
		return err
	}
	demo, err := localpg.NewDemo()
	if err != nil {
		return err
	}
	return show(env, demo)
}
