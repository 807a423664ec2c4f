package block

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newList(env *kit.Env) *cobra.Command {
	var people kit.People
	cmd := &cobra.Command{
		Use:   "list PATRON",
		Short: "List your library's blocks on a patron, the lifted ones too",
		Long: `List the blocks that your library placed on a patron, the lifted ones too.
"patronctl patron show" has those of every library that are in force.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be shown is told on stderr, and the next one gets its turn.

Exit status:
  0  listed, also when there is nothing
  3  no such patron, or several match
  7  of several patrons, some could not be shown
  8  your role may not do this`,
		Example: `  patronctl block list 20000000000012
  patronctl block list id:123 -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return listBlocks(cmd.Context(), env, people) },
	}
	kit.PeopleVar(cmd, &people)
	return cmd
}

func listBlocks(ctx context.Context, env *kit.Env, whom kit.People) error {
	if err := output.CheckColumns(env.Printer(), columns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	return list(env, whom, func(ref string) ([]people.PlacedBlock, error) {
		patron, blocks, err := people.ListBlocks(ctx, c, env.Why(), ref)
		if err == nil && len(blocks) == 0 {
			env.Note("patron %d: no blocks of your library", patron)
		}
		return blocks, err
	})
}
