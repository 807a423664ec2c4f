package block

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type liftOptions struct {
	env       *kit.Env
	people    kit.People
	authority string
	id        int64
}

func newLift(env *kit.Env) *cobra.Command {
	o := &liftOptions{env: env}
	cmd := &cobra.Command{
		Use:   "lift PATRON",
		Short: "Lift your library's blocks on a patron",
		Long: `Lift the blocks that your library has in force on a patron, from today on: all
of them, or with --id one. They stay in "patronctl block list". A block of
another library is lifted there.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn.

Exit status:
  0  lifted; the list shows which
  3  no such patron, or several match
  7  of several patrons, some could not be done
  8  no such block of your library is in force, or your role may not do this`,
		Example: `  patronctl block lift 20000000000012
  patronctl block lift 20000000000012 --id 41`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("id") && o.id < 1 {
				return kit.Usage("--id is the number of a block, as in the list")
			}
			return o.run(cmd.Context())
		},
	}
	kit.PeopleVar(cmd, &o.people)
	cmd.Flags().Int64Var(&o.id, "id", 0, "only the block with this `NUMBER`")
	authorityFlag(cmd, env, &o.authority)
	return cmd
}

func (o *liftOptions) run(ctx context.Context) error {
	if err := output.CheckColumns(o.env.Printer(), columns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return list(o.env, o.people, func(ref string) ([]people.PlacedBlock, error) {
		return people.LiftBlocks(ctx, c, o.env.Why(), ref, o.authority, o.id)
	})
}
