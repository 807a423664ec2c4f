package patron

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type reactivateOptions struct {
	env     *kit.Env
	people  kit.People
	expires kit.DateFlag
}

func newReactivate(env *kit.Env) *cobra.Command {
	o := &reactivateOptions{env: env}
	cmd := &cobra.Command{
		Use:   "reactivate PATRON --expires DATE",
		Short: "Make an expired or deleted account valid again",
		Long: `Make an expired or deleted account valid again, until a day. It can be done for
the months of the setting reactivation_months after the account ended, and never
after it was erased. Staff of the person's home may do this.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn.

Exit status:
  0  the account is valid again
  2  the date is no day to come
  3  no such patron, or several match
  7  of several patrons, some could not be done
  8  the account is valid, ended too long ago, was erased, or its home is
     elsewhere`,
		Example: `  patronctl patron reactivate 20000000000012 --expires 2027-01-31`,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	kit.PeopleVar(cmd, &o.people)
	cmd.Flags().Var(&o.expires, "expires", "last valid day, such as 2027-01-31")
	_ = cmd.MarkFlagRequired("expires") // the flag was added above
	return cmd
}

func (o *reactivateOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[people.Reactivated](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	return o.env.Screens(o.people, func(ref string, show output.Show) error {
		r, err := people.Reactivate(ctx, c, o.env.Why(), ref, o.expires.Date)
		if err != nil {
			return err
		}
		return show(r, []output.Section{{Title: "Valid again", Pairs: filled(
			output.Pair{Name: "patron", Value: "id:" + strconv.FormatInt(r.Patron, 10), Style: output.Strong},
			output.Pair{Name: "home", Value: r.Authority},
			output.Pair{Name: "had ended", Value: kit.Day(r.EndedOn)},
			output.Pair{Name: "expires", Value: r.ExpiresOn.String()},
			recorded(r.Access),
		)}})
	})
}
