package erasure

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newScrub(env *kit.Env) *cobra.Command {
	var authority string
	cmd := &cobra.Command{
		Use:   "scrub [--authority CODE]",
		Short: "Remove erased people from the server's files",
		Long: `Rewrite what holds personal values, for one library or for all, so that no file
of the server holds those who were erased: their rows die with the erasing, but
the bytes stay in the files until then. Moved history is rewritten as well, so
that nobody can tell which rows moved together; and the log of changes is
emptied.

One relation after the other, each tried until nobody is in the way: a reader
waits for the time that is reported at most. Interrupted, it goes on where it
was. It needs what db init --print-admin-sql prints for it, and refuses while an
old transaction would make it copy the erased rows, naming that transaction.

Archived files of the log of changes and backups are not reached: they are clean
when the last one from before is gone.

Exit status:
  0  everything erased so far is scrubbed
  6  a relation was being read all the time; nothing is lost, try again
  7  rewritten, but something on the server still holds what was erased
  8  refused: an old transaction, or not set up on this server`,
		Example: `  patronctl erasure scrub
  patronctl erasure scrub --authority NORTH -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return scrub(cmd.Context(), env, authority) },
	}
	kit.NameVar(cmd, env, &authority, "authority", "authority", "scrub for this library, by its `CODE`; without it for all")
	return cmd
}

func scrub(ctx context.Context, env *kit.Env, authority string) error {
	if err := output.CheckColumns[forgetting.Scrubbed](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	var progress *output.Progress
	done, err := forgetting.Scrub(ctx, c, env.Why(), authority, func(done, total int) {
		if progress == nil {
			progress = output.NewProgress(env.Terminal, env.Err, env.Flags.Quiet, "rewriting", int64(total))
		}
		progress.Set(int64(done))
	})
	if progress != nil {
		progress.Done()
	}
	if err != nil {
		return err
	}
	if err := output.Document(env.Printer(), done, scrubScreen(done)); err != nil {
		return err
	}
	if done.Waiting > 0 || len(done.Unclean) > 0 {
		return &kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("not clean yet: %d erasures", done.Waiting),
			Hint: "remove the reasons above, then scrub again",
		}
	}
	return nil
}

func scrubScreen(s *forgetting.Scrubbed) []output.Section {
	pairs := []output.Pair{
		{Name: "relations rewritten", Value: strconv.Itoa(len(s.Rewritten))},
		{Name: "longest wait", Value: fmt.Sprintf("%.0f ms", longest(s.Rewritten))},
		{Name: "erasures scrubbed", Value: strconv.Itoa(s.Scrubbed)},
		{Name: "not clean yet", Value: strconv.Itoa(s.Waiting)},
		{Name: "backups clean after", Value: s.BackupsCleanAfter},
	}
	sections := []output.Section{{Title: "Scrubbed", Pairs: pairs}}
	if len(s.Unclean) > 0 {
		grid := &output.Grid{Headers: []string{"what", "why"}}
		for _, u := range s.Unclean {
			grid.Rows = append(grid.Rows, []output.Cell{{Text: u.What, Style: output.Bad}, {Text: u.Why}})
		}
		sections = append(sections, output.Section{Title: "Still not clean", Grid: grid})
	}
	return sections
}

func longest(rewritten []forgetting.Rewritten) (ms float64) {
	for _, r := range rewritten {
		ms = max(ms, r.LockedMS)
	}
	return ms
}
