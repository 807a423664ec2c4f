package audit

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newProve(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "prove RECEIPT",
		Short: "Prove by its receipt that something was done, and when",
		Long: `Prove that a write is in the audit tree exactly as its receipt says, with the
newest signed head. Erasing a person, what is done about requests and
disclosures, changing a rule, approving a plan and whatever is done to a member
of staff give a receipt (the field receipt): the number of the access and the
hash of what was done.

With -o json the proof can be checked elsewhere: hash, place, hashes of the tree
(RFC 6962) and the signed head.

Exit status:
  0  proven
  2  this is no receipt
  3  nothing was sealed yet
  6  the write was not sealed yet; try again later
  8  there is no such write, or the receipt does not fit it`,
		Example: `  patronctl audit prove "$(cat request-2026-17.receipt)"`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return prove(cmd.Context(), env, args[0]) },
	}
}

func prove(ctx context.Context, env *kit.Env, receipt string) error {
	if err := output.CheckColumns[audit.Proof](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	proof, err := audit.ProveReceipt(ctx, c, env.Why(), receipt)
	if err != nil {
		return err
	}
	sections := []output.Section{{Title: "Proven", Pairs: []output.Pair{
		{Name: "access", Value: strconv.FormatInt(proof.Access, 10), Style: output.Strong},
		{Name: "place in the tree", Value: strconv.FormatInt(proof.Number, 10)},
		{Name: "hashes", Value: strconv.Itoa(len(proof.Proof))},
	}}}
	return output.Document(env.Printer(), proof, append(sections, headScreen(proof.Head)...))
}
