package request

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type openOptions struct {
	env      *kit.Env
	request  cases.NewRequest
	received kit.DateFlag
	unknown  bool
}

func newOpen(env *kit.Env) *cobra.Command {
	o := &openOptions{env: env}
	cmd := &cobra.Command{
		Use:   "open PATRON|--unknown --kind KIND --received DATE",
		Short: "Enter what a person asked, which starts the clock",
		Long: `Enter a request of a person about their own data. Its clock runs from the day
it was received, in the law of the authority that was asked (setting law): one
month by the calendar, so that what came on 31 January is due on the last day of
February. A last day at a weekend is moved to Monday. Public holidays are not
known here: the law may allow a day more.

People may ask anywhere: the authority is the patron's home when that is yours,
else your own, or the one named. --unknown is for somebody who is no patron;
--reason then names the matter, never the person. Once it is known who it is,
open another one about the patron, received on the same day, and close this one.

Officers of the patron's home see it in their list as well, since the export or
the erasure that answers it is made there.

Until it is closed the request preserves the account: no rule erases it, moves
its history or unlinks its fees.

Exit status:
  0  opened
  2  something is missing, or a day in the future
  3  no such patron, or several match
  8  the same request is open already, the account was erased, or your role may
     not do this at that authority`,
		Example: `  patronctl request open 20000000000012 --kind access --received 2026-01-28
  patronctl request open id:123 --kind erasure --received today --reason "no. 9"
  patronctl request open --unknown --kind access --received today \
    --reason "letter 2026/31"`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) > 0) == o.unknown {
				return kit.Usage("name the PATRON, or give --unknown")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.request.Ref = strings.Join(args, " ")
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.unknown, "unknown", false, "somebody whom the library does not know")
	kit.EnumVar(cmd, &o.request.Kind, "kind", "what was asked", cases.RequestKinds...)
	cmd.Flags().Var(&o.received, "received", "the day it was received, or today")
	kit.NameVar(cmd, env, &o.request.Authority, "authority", "authority", "the library `AUTHORITY` that was asked")
	_ = cmd.MarkFlagRequired("kind") // both flags were added above
	_ = cmd.MarkFlagRequired("received")
	return cmd
}

func (o *openOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[cases.Request](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.request.Ref == "-" {
		return kit.Usage("a request is opened about one patron, named as an argument")
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	o.request.Received = o.received.Date
	r, err := cases.OpenRequest(ctx, c, o.env.Why(), o.request)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), r, screen(r))
}
