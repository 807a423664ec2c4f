package patron

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type listOptions struct {
	env    *kit.Env
	filter people.ConsentFilter
}

func newList(env *kit.Env) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:   "list --purpose PURPOSE",
		Short: "List who consented to a purpose, and how they are reached",
		Long: `List the people at home at your library who consented to a purpose, such as
marketing: their names and the addresses of the channels they chose, and nothing
else. There is no other list of people.

A consent counts while it is in force, and for home only. Accounts that expired,
were deleted or erased are left out, and so is whoever has no address for the
channel. --purpose is one of the setting consent_purposes; every access records
it, and whom it opened.

Data-protection officers of the home may do this. Long lists are read 2,000
people at a time and written as they come.

Exit status:
  0  listed, also when there is nobody
  2  no such branch or channel, or a purpose that nobody consents to
  8  your role may not do this, or the people are at home elsewhere`,
		Example: `  patronctl patron list --purpose marketing --channel email -o csv
  patronctl patron list --purpose events --branch CAM-CEN`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.EnumVar(cmd, &o.filter.Channel, "channel", "only who is reached over this channel", "email", "phone", "sms", "post")
	kit.NameVar(cmd, env, &o.filter.Branch, "branch", "branch", "only people of this `BRANCH`")
	kit.NameVar(cmd, env, &o.filter.Authority, "authority", "authority", "people of this `AUTHORITY`, when your login works for several")
	return cmd
}

// reached are people of a list as rows.
var reached = []output.Column[people.Reachable]{
	{Name: "name", Shrink: true, Value: func(r people.Reachable) string { return r.Name }},
	{Name: "channel", Value: func(r people.Reachable) string { return r.Channel }},
	{Name: "address", Shrink: true, Value: func(r people.Reachable) string { return r.Address }},
}

func (o *listOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, reached); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return output.List(printer, reached, people.ListConsented(ctx, c, o.env.Why(), o.filter))
}
