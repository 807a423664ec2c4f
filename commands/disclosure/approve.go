package disclosure

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
)

func newApprove(env *kit.Env) *cobra.Command {
	return numbered(env, &cobra.Command{
		Use:   "approve DISCLOSURE",
		Short: "Agree to a disclosure, as a second officer",
		Long: `Agree to a disclosure that waits for a second officer of the person's home,
where the setting disclosure_two_people asks for one. Look at it first: rank and
consent are looked at again too.

Exit status:
  0  approved: it may be handed over
  2  not the number of a disclosure
  3  no such disclosure of your authority
  8  it is your own, it waits for nobody, or the consent was withdrawn`,
		Example: `  patronctl disclosure show 3
  patronctl disclosure approve 3`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Disclosure, error) {
		return cases.ApproveDisclosure(ctx, c, env.Why(), id, "")
	})
}

func newDecline(env *kit.Env) *cobra.Command {
	var because string
	cmd := numbered(env, &cobra.Command{
		Use:   "decline DISCLOSURE --because WORD",
		Short: "Refuse a disclosure, as a second officer",
		Long: `Refuse a disclosure that waits for a second officer. Nothing is handed over; the
words are those of "patronctl disclosure refuse".

Exit status:
  0  declined
  2  not the number of a disclosure, or no reason
  3  no such disclosure of your authority
  8  it is your own, or it waits for nobody`,
		Example: `  patronctl disclosure decline 3 --because not-necessary`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Disclosure, error) {
		return cases.ApproveDisclosure(ctx, c, env.Why(), id, because)
	})
	kit.EnumVar(cmd, &because, "because", "why", cases.DisclosureNoes...)
	_ = cmd.MarkFlagRequired("because") // the flag was added above
	return cmd
}
