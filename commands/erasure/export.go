package erasure

import (
	"context"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

type exportOptions struct {
	env   *kit.Env
	to    string
	force bool
}

func newExport(env *kit.Env) *cobra.Command {
	o := &exportOptions{env: env}
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the signed ledger to a file, to keep with the backups",
		Long: `Write the whole ledger of erasures to a file, signed, to keep with the backups:
whoever restores one replays the newest ledger, and nobody comes back.

The key is made at the first export, in your state directory (see patronctl help
environment). Its public half is printed then: keep that line with the backups
too, because the key may be lost with the machine.

The file appears complete or not at all. Logins that belong to one authority
cannot export: a ledger with gaps would forget to forget.

Exit status:
  0  written
  1  the file cannot be written
  2  the file exists and --force was not given
  8  your role may not do this, or belongs to one authority; or the file that
     --force would replace holds more of the ledger than the database`,
		Example: `  patronctl erasure export /srv/backups/erasures.ledger --force`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.to = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "replace the file, as a nightly job does")
	return cmd
}

// receipt says what was written.
type receipt struct {
	File     string `json:"file"`
	Database string `json:"database"`
	Head     int64  `json:"head"`
	Entries  int    `json:"entries"`
	Verifier string `json:"verifier"`
}

func (o *exportOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[receipt](o.env.Printer(), nil); err != nil {
		return err
	}
	var done receipt
	err := output.WriteFileAtomic(o.to, o.force, func(w io.Writer) (err error) {
		done, err = o.write(ctx, w)
		return err
	})
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), done, []output.Section{{Pairs: []output.Pair{
		{Name: "file", Value: done.File, Style: output.Strong},
		{Name: "database", Value: done.Database},
		{Name: "head", Value: strconv.FormatInt(done.Head, 10)},
		{Name: "entries", Value: strconv.Itoa(done.Entries)},
		{Name: "verifier", Value: done.Verifier, Style: output.Faint, Whole: true},
	}}})
}

func (o *exportOptions) write(ctx context.Context, w io.Writer) (done receipt, err error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return done, err
	}
	ledger, err := forgetting.ExportLedger(ctx, c, o.env.Why())
	if err != nil {
		return done, err
	}
	if there, err := os.ReadFile(o.to); err == nil && ledger.IsOlderThan(there) {
		return done, &kit.Error{
			Code: kit.ExitRefused, Message: "this file holds more of the ledger than the database, which must have been restored; the file was kept",
			Hint: "run patronctl erasure quarantine enable, then patronctl erasure replay with this file",
		}
	}
	signer, verifier, made, err := signingKey(o.env)
	if err != nil {
		return done, err
	}
	if made {
		o.env.Note("a key was made that signs the ledger; keep this line with the backups: %s", verifier)
	}
	text, err := ledger.Sign(signer)
	if err == nil {
		_, err = w.Write(text)
	}
	return receipt{o.to, ledger.Database, ledger.Head(), len(ledger.Lines), verifier}, err
}
