package audit

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newHead(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "head",
		Short: "Print the newest signed head of the audit tree",
		Long: `Print the newest signed head of the audit tree, to be kept on paper or
elsewhere: one line with the database, how often it was restored, the number of
records, the root of the tree and the time, and one with the signature.
"patronctl audit verify --head FILE" later tells whether any record before it
was changed. The first head after a restore has one more line, which names the
head that was lost, and the head of a sealer that found a changed record says
which.

Exit status:
  0  printed
  3  nothing was sealed yet`,
		Example: `  patronctl audit head > 2026-01.head`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return head(cmd.Context(), env) },
	}
}

func head(ctx context.Context, env *kit.Env) error {
	p := env.Printer()
	if err := output.CheckColumns[audit.Head](p, nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	newest, _, err := audit.NewestHead(ctx, c)
	if err != nil {
		return err
	}
	if p.Format == output.Table {
		_, err := io.WriteString(p.Out, output.CleanBlock(strings.Join(newest.Lines, "\n"))+"\n")
		return err
	}
	return output.Document(p, newest, headScreen(newest))
}
