// Package request is what people ask about their data, and the clock that answering it has.
package request

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the request command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("request", "Requests of people about their data, and their clock",
		newOpen(env), newList(env), newShow(env), newPause(env), newResume(env), newExtend(env), newClose(env))
}

// decision is a verb that does something about one request: do with its number, then the request is shown.
func decision(
	env *kit.Env, cmd *cobra.Command, do func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error),
) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	cmd.ValidArgsFunction = kit.CompleteNames(env, "request")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := output.CheckColumns[cases.Request](env.Printer(), nil); err != nil {
			return err
		}
		id, err := kit.Number("request", args[0], "patronctl request list")
		if err != nil {
			return err
		}
		c, err := env.Client(cmd.Context())
		if err != nil {
			return err
		}
		r, err := do(cmd.Context(), c, id)
		if err != nil {
			return err
		}
		return output.Document(env.Printer(), r, screen(r))
	}
	return cmd
}
