package block

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "list PATRON",
		Short: "List your library's blocks on a patron, the lifted ones too",
		Long: `List the blocks that your library placed on a patron, the lifted ones too.
"patronctl patron show" has those of every library that are in force.

With "-" patrons are read from standard input, one a line. What cannot be shown
is told on stderr, and the next one gets its turn.

Exit status:
  0  listed, also when there is nothing
  3  no such patron, or several match
  7  with "-": some could not be shown
  8  your role may not do this`,
		Example: `  patronctl block list 20000000000012
  patronctl block list id:123 -o json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return listBlocks(cmd.Context(), env, args) },
	}
}

func listBlocks(ctx context.Context, env *kit.Env, args []string) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	return list(env, args, func(ref string) ([]client.PlacedBlock, error) {
		patron, blocks, err := c.ListBlocks(ctx, env.Why(), ref)
		if err == nil && len(blocks) == 0 {
			env.Note("patron %d: no blocks of your library", patron)
		}
		return blocks, err
	})
}
