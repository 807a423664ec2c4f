package erasure

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newQuarantine(env *kit.Env) *cobra.Command {
	return kit.Group("quarantine", "Close a restored database until the ledger was replayed",
		&cobra.Command{
			Use:   "enable",
			Short: "Close the database for everything but the replay",
			Long: `Close the database for everything but the replay: the first step after a backup
was restored, because people who were erased since can be read again. It happens
by itself as soon as anybody connects whose patronctl has seen a newer ledger.

Exit status:
  0  closed, also when it was already
  8  your role may not do this`,
			Example: `  patronctl erasure quarantine enable --reason "ticket 4711"`,
			Args:    cobra.NoArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return setQuarantine(cmd.Context(), env, true) },
		},
		&cobra.Command{
			Use:   "disable",
			Short: "Open the database again when no replay is outstanding",
			Long: `Open the database again. While it is known that entries of the ledger are
missing, this is refused: replay the newest export first.

Exit status:
  0  open, also when it was already
  8  a replay is outstanding, or your role may not do this`,
			Example: `  patronctl erasure quarantine disable`,
			Args:    cobra.NoArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return setQuarantine(cmd.Context(), env, false) },
		},
		&cobra.Command{
			Use:   "show",
			Short: "Show whether the database is closed, and how far the replay came",
			Long: `Show whether the database is closed, and how far the ledger was replayed.

Exit status:
  0  shown
  8  your role may not do this`,
			Example: `  patronctl erasure quarantine show -o json`,
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return kit.Answer(cmd.Context(), env, func(c *client.Client) (*forgetting.Quarantine, error) {
					return forgetting.ShowQuarantine(cmd.Context(), c, env.Why())
				}, quarantineScreen)
			},
		})
}

func setQuarantine(ctx context.Context, env *kit.Env, closed bool) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*forgetting.Quarantine, error) {
		return forgetting.SetQuarantine(ctx, c, env.Why(), closed)
	}, quarantineScreen)
}

func quarantineScreen(q *forgetting.Quarantine) []output.Section {
	state := output.Pair{Name: "quarantine", Value: "off", Style: output.Good}
	if q.Since != nil {
		state.Value, state.Style = "on since "+kit.Instant(q.Since), output.Bad
	}
	pairs := []output.Pair{state, {Name: "ledger up to", Value: strconv.FormatInt(q.Number, 10)}}
	if q.ReplayTo != nil {
		pairs = append(pairs, output.Pair{Name: "replayed", Value: fmt.Sprintf("%d of %d", q.ReplayedTo, *q.ReplayTo)})
	}
	return []output.Section{{Pairs: append(pairs, output.Pair{Name: "database", Value: q.Database, Style: output.Faint})}}
}
