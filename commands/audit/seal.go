package audit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type sealOptions struct {
	env *kit.Env
	key string
}

func newSeal(env *kit.Env) *cobra.Command {
	o := &sealOptions{env: env}
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Seal the access records into a tree and sign its head",
		Long: `Add every access record since the last time to the audit tree, and sign the head
of the tree. Whoever has seen a head can tell when any record before it is
changed, removed or added; every patronctl remembers the newest head it saw. Run
it from a timer, with a login of its own of the role job, on a machine that is
not the database server: what was not sealed yet can still be changed unnoticed.

Each time it also looks at what old records say, at up to 200,000 of them in
turn, and at every one when the server counted a change of any. What is not as
it was sealed is signed into the head, and every patronctl tells it at its start
until it is put right.

The key is made by the first seal, in your state directory or in the file that
--key names. Keep a copy of it: heads that another key signed are refused.

After the database was restored from a backup, patronctl stops everywhere
because the tree is shorter than it was. --restored then signs a head that names
the one that was lost, which every computer shows once. Only somebody who knows
of a restore may give it; a timer never should.

Exit status:
  0  sealed
  2  the key cannot be read
  6  somebody else is sealing
  8  your role may not do this, the tree does not extend the last head, another
     key signed that, or sealed records were changed`,
		Example: `  patronctl audit seal -q
  patronctl audit seal --restored --reason "ticket 4711"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.key, "key", "", "`FILE` of the key that signs (preset: audit.key in the state directory)")
	cmd.Flags().BoolVar(&env.Restored, "restored", false, "the database was restored: seal the successor of what was lost")
	_ = cmd.MarkFlagFilename("key") // the flag was added above
	return cmd
}

func (o *sealOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[audit.Head](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	signer, err := o.signer(ctx, c)
	if err != nil {
		return err
	}
	progress := output.NewProgress(o.env.Terminal, o.env.Err, o.env.Flags.Quiet, "sealed", 0)
	head, err := audit.Seal(ctx, c, o.env.Why(), signer, progress.Set)
	progress.Done()
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), head, headScreen(head))
}

// signer is the key. A new one is made for a database without a head only: no other would be taken.
func (o *sealOptions) signer(ctx context.Context, c *client.Client) (string, error) {
	file := o.key
	if file == "" {
		dir, err := o.env.StateDir()
		if err != nil {
			return "", err
		}
		file = filepath.Join(dir, "audit.key")
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := audit.RequireFirstSeal(ctx, c); err != nil {
			return "", err
		}
	}
	signer, verifier, made, err := kit.SigningKey(client.AuditKey, file)
	if err != nil {
		return "", kit.Usage("the key that signs cannot be used: %s", err)
	}
	if made {
		o.env.Note("a key was made that signs the audit tree: %s; keep a copy of it, and this line: %s", file, verifier)
	}
	return signer, nil
}
