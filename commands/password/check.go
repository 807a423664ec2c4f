package password

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type secretOptions struct {
	env   *kit.Env
	card  string
	stdin bool
}

// newSecret is what check and change have in common.
func newSecret(o *secretOptions, cmd *cobra.Command, run func(context.Context) error) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.card = args[0]
		return run(cmd.Context())
	}
	kit.StdinVar(cmd, &o.stdin)
	return cmd
}

func newCheck(env *kit.Env) *cobra.Command {
	o := &secretOptions{env: env}
	return newSecret(o, &cobra.Command{
		Use:   "check CARD",
		Short: "Check a patron's password as the online catalogue does",
		Long: `Check whether a password, a one-time code or, where it holds, the card number
opens the account of a card. The online catalogue does this with a login of the
role opac; this command is its reference, and for trying out a reset. The
password is compared here, and never sent to the server. Each check is
recorded. Wrong ones in a row lock the account for a while (settings
lockout_attempts, lockout_minutes).

Exit status:
  0  it opens the account; must_change: only to set a password
  5  there is nobody to ask
  8  wrong card or password, locked, lost card, external login, too many checks,
     or your role may not do this`,
		Example: `  patronctl password check 20000000000012
  patronctl password check 20000000000012 --stdin -o json < file`,
	}, o.check)
}

func (o *secretOptions) check(ctx context.Context) error {
	if err := output.CheckColumns[people.PasswordCheck](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	given, err := o.env.Secrets(ctx, o.stdin, kit.Secret{Prompt: "Password"})
	if err != nil {
		return err
	}
	done, err := tried(people.CheckPassword(ctx, c, o.env.Why(), o.card, given[0]))
	if err != nil {
		return err
	}
	next := "nothing"
	if done.MustChange {
		next = "the patron has to choose a password"
	}
	return output.Document(o.env.Printer(), done, []output.Section{{Pairs: []output.Pair{
		{Name: "password", Value: "right", Style: output.Good},
		{Name: "to do", Value: next},
		{Name: "access", Value: strconv.FormatInt(done.Access, 10), Style: output.Faint},
	}}})
}

// tried makes an error of a wrong password.
func tried(check *people.PasswordCheck, err error) (*people.PasswordCheck, error) {
	switch {
	case err != nil:
		return nil, err
	case check.LockedUntil != nil:
		return nil, &kit.Error{
			Code: kit.ExitRefused, Message: "wrong card or password; the account is locked until " + kit.Instant(check.LockedUntil),
			Hint: "a desk can reset the password",
		}
	case !check.Passed:
		return nil, &kit.Error{Code: kit.ExitRefused, Message: "wrong card or password", Hint: "a desk can reset the password"}
	default:
		return check, nil
	}
}
