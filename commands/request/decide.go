package request

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
)

func newPause(env *kit.Env) *cobra.Command {
	var waitsFor string
	var on kit.DateFlag
	cmd := decision(env, &cobra.Command{
		Use:   "pause REQUEST --for WORD",
		Short: "Stop the clock while the person has to say more",
		Long: `Stop the clock of a request while the person proves who they are, or says what
they want. Only the law "uk" knows this (UK GDPR art. 12A); in "eu" the month
goes on, and it is refused. --on is the day you asked the person, when that was
before today.

Exit status:
  0  paused
  2  not the number of a request, or a day that cannot be
  3  no such request of your authority
  8  the law knows no pause, it is paused or closed, its time ran out, or your
     role may not decide it`,
		Example: `  patronctl request pause 17 --for identity
  patronctl request pause 17 --for clarification --on 2026-01-28`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error) {
		return cases.PauseRequest(ctx, c, env.Why(), id, waitsFor, on.Date)
	})
	kit.EnumVar(cmd, &waitsFor, "for", "what it waits for", cases.RequestPauses...)
	cmd.Flags().Var(&on, "on", "the day it began, if not today")
	_ = cmd.MarkFlagRequired("for") // the flag was added above
	return cmd
}

func newResume(env *kit.Env) *cobra.Command {
	var on kit.DateFlag
	cmd := decision(env, &cobra.Command{
		Use:   "resume REQUEST",
		Short: "Let the clock go on",
		Long: `Let the clock of a paused request go on. The days of the pause are added to the
last day to answer. --on is the day the person's answer came, when that was
before today.

Exit status:
  0  it goes on
  2  not the number of a request, or a day that cannot be
  3  no such request of your authority
  8  it is not paused, or your role may not decide it`,
		Example: `  patronctl request resume 17
  patronctl request resume 17 --on 2026-02-02`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error) {
		return cases.ResumeRequest(ctx, c, env.Why(), id, on.Date)
	})
	cmd.Flags().Var(&on, "on", "the day it went on, if not today")
	return cmd
}

func newExtend(env *kit.Env) *cobra.Command {
	var because string
	cmd := decision(env, &cobra.Command{
		Use:   "extend REQUEST --because WORD",
		Short: "Take two months more, within the first",
		Long: `Take two further months, because the request is complex or there are many of
them (GDPR art. 12(3)). It can be done once, within the first month, in which
the person must be told too, with the reason.

Exit status:
  0  extended
  2  not the number of a request, or no such reason
  3  no such request of your authority
  8  the first month is over, it was extended before, or your role may not
     decide it`,
		Example: `  patronctl request extend 17 --because complexity`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error) {
		return cases.ExtendRequest(ctx, c, env.Why(), id, because)
	})
	kit.EnumVar(cmd, &because, "because", "why it takes longer", cases.RequestDelays...)
	_ = cmd.MarkFlagRequired("because") // the flag was added above
	return cmd
}

func newClose(env *kit.Env) *cobra.Command {
	var outcome, ground string
	cmd := decision(env, &cobra.Command{
		Use:   "close REQUEST --outcome WORD",
		Short: "End a request: granted, refused or withdrawn",
		Long: `End a request. One for access, portability or erasure is granted once the export
or the erasure was made with --request, or with --ground other-means. A refusal
needs a ground:

  unfounded, excessive   GDPR art. 12(5)
  identity               nobody proved who they are, art. 12(6)
  not-held               there is nothing about this person
  not-applicable         art. 20 is for consent and contract only
  others-rights          of other people, art. 15(4) and 20(4)
  legal-duty             such as accounting, art. 17(3)(b)
  public-task            art. 17(3)(b)
  claims                 legal claims, art. 17(3)(e)
  overriding-grounds     art. 21(1)

Exit status:
  0  closed
  2  not the number of a request, or no such outcome or ground
  3  no such request of your authority
  8  it was closed before, nothing was done for it yet, or your role may not
     decide it`,
		Example: `  patronctl request close 17 --outcome granted
  patronctl request close 18 --outcome refused --ground legal-duty`,
	}, func(ctx context.Context, c *client.Client, id int64) (*cases.Request, error) {
		return cases.CloseRequest(ctx, c, env.Why(), id, outcome, ground)
	})
	kit.EnumVar(cmd, &outcome, "outcome", "how it ends", cases.RequestOutcomes...)
	kit.EnumVar(cmd, &ground, "ground", "on which ground", cases.RequestGrounds...)
	_ = cmd.MarkFlagRequired("outcome") // the flag was added above
	return cmd
}
