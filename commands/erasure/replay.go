package erasure

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

type replayOptions struct {
	env      *kit.Env
	file     string
	verifier string
}

func newReplay(env *kit.Env) *cobra.Command {
	o := &replayOptions{env: env}
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "After a restore: erase again everybody whom the ledger names",
		Long: `Erase again everybody whom an exported ledger names, after an older backup was
restored. Nothing happens to those who are erased already, so this may be broken
off anywhere and run again. While something is missing the database is in
quarantine; afterwards: patronctl erasure quarantine disable.

A file that was altered, cut off, not signed, signed with another key, or made
from another database is refused. The signature is checked with your own key,
or with the line that was kept with the backups (--verifier).

A patron's number that somebody else has by now is not erased but named: it was
given out again after the restore. Look at each of them.

Exit status:
  0  everybody is erased
  2  the file or the verifier cannot be read
  6  somebody is working on one of these patrons; run it again
  7  some numbers belong to others by now, or the replay was broken off
  8  your role may not do this, or the file is refused`,
		Example: `  patronctl erasure replay /srv/backups/erasures.ledger
  patronctl erasure replay erasures.ledger --verifier ledger.pub`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.verifier, "verifier", "", "`FILE` with the public half of the key that signed")
	return cmd
}

func (o *replayOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[forgetting.Replayed](o.env.Printer(), nil); err != nil {
		return err
	}
	ledger, err := o.open()
	if err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	total := int64(len(ledger.Lines))
	progress := output.NewProgress(o.env.Terminal, o.env.Err, o.env.Flags.Quiet, "replayed", total)
	done := int64(0)
	result, err := forgetting.Replay(ctx, c, o.env.Why(), ledger, func(entries int) {
		done = int64(entries)
		progress.Set(done)
	})
	progress.Done()
	if err != nil {
		return brokenOff(err, done, total)
	}
	if err := output.Document(o.env.Printer(), result, replayScreen(ledger, result)); err != nil {
		return err
	}
	if len(result.Reused) > 0 {
		return &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: fmt.Sprintf("%d numbers belong to others by now and were not erased: %s", len(result.Reused), ids(result.Reused)),
			Hint:    "where it is the same person after all: patronctl patron erase id:N",
		}
	}
	return nil
}

func (o *replayOptions) open() (*forgetting.Ledger, error) {
	verifier, err := verifierIn(o.env, o.verifier)
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(o.file)
	if err != nil {
		return nil, kit.Usage("the ledger cannot be read: %s", err)
	}
	return forgetting.OpenLedger(file, verifier)
}

// brokenOff adds to an error how far the replay came.
func brokenOff(err error, done, total int64) error {
	if code := kit.Exit(err); done == 0 || code == kit.ExitInterrupted || code == kit.ExitTerminated {
		return err
	}
	return &kit.Error{
		Code: kit.ExitPartlyDone, Message: fmt.Sprintf("%d of %d entries were replayed before this: %s", done, total, err),
		Hint: "run the replay again: it goes on where it stopped",
	}
}

func replayScreen(ledger *forgetting.Ledger, r *forgetting.Replayed) []output.Section {
	return []output.Section{{Pairs: []output.Pair{
		{Name: "ledger up to", Value: strconv.FormatInt(ledger.Head(), 10), Style: output.Strong},
		{Name: "erased again", Value: strconv.FormatInt(r.Erased, 10)},
		{Name: "erased already", Value: strconv.FormatInt(r.Known, 10)},
		{Name: "not in this database", Value: strconv.FormatInt(r.Absent, 10)},
		{Name: "now somebody else's", Value: strconv.Itoa(len(r.Reused))},
	}}}
}

func ids(patrons []int64) string {
	words := make([]string, len(patrons))
	for i, id := range patrons {
		words[i] = fmt.Sprintf("id:%d", id)
	}
	return strings.Join(words, " ")
}
