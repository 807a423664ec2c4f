package staff

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

type grantOptions struct {
	env    *kit.Env
	login  string
	patron string
	hours  int
}

func newGrant(env *kit.Env) *cobra.Command {
	o := &grantOptions{env: env}
	cmd := &cobra.Command{
		Use:   "grant LOGIN --support PATRON --hours N",
		Short: "Open one person to a support engineer for a while",
		Long: `Open one person to a support engineer for some hours, at most 168: "patron
show" then shows names and contacts of this person, and of nobody else. The
officers of the person's home may do this. It is recorded, and ends by itself.
A further role is given by "patronctl staff add".

Exit status:
  0  opened
  2  no such number of hours
  3  no such patron, several match, or no such support engineer
  8  your role may not do this, or the person's home is elsewhere`,
		Example: `  patronctl staff grant eve --support 20000000000012 --hours 4 --reason "case 7"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.login = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.patron, "support", "", "the `PATRON` to open")
	cmd.Flags().IntVar(&o.hours, "hours", 0, "for how many hours")
	_ = cmd.MarkFlagRequired("support") // both flags were added above
	_ = cmd.MarkFlagRequired("hours")
	return cmd
}

func (o *grantOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[staff.SupportGrant](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	grant, err := staff.GrantSupport(ctx, c, o.env.Why(), o.login, o.patron, o.hours)
	if err != nil {
		return err
	}
	return showGrant(o.env, grant)
}

func showGrant(env *kit.Env, g *staff.SupportGrant) error {
	open := output.Pair{Name: "open until", Value: kit.Instant(g.Until)}
	if g.Until == nil {
		open = output.Pair{Name: "state", Value: "closed"}
	}
	return output.Document(env.Printer(), g, []output.Section{{Pairs: []output.Pair{
		{Name: "login", Value: g.Login, Style: output.Strong},
		{Name: "patron", Value: fmt.Sprintf("id:%d", g.Patron)},
		open,
		{Name: "access", Value: strconv.FormatInt(g.Access, 10), Style: output.Faint},
	}}})
}
