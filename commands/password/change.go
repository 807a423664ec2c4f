package password

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newChange(env *kit.Env) *cobra.Command {
	o := &secretOptions{env: env}
	return newSecret(o, &cobra.Command{
		Use:   "change CARD",
		Short: "Set the password a patron chose, as the online catalogue does",
		Long: `Set the password that a patron chose, after checking the present one, a
one-time code, or the card number where that holds. The online catalogue does
this with a login of the role opac. You are asked for the present one and for
the new one; it takes at least 8 characters and is not the card number. The
server gets an argon2id hash only.

Exit status:
  0  changed
  2  the new password is too short, or the two were not the same
  5  there is nobody to ask
  8  wrong card or password, locked, lost card, external login, too many checks,
     or your role may not do this`,
		Example: `  patronctl password change 20000000000012
  patronctl password change 20000000000012 --stdin < two-lines`,
	}, o.change)
}

func (o *secretOptions) change(ctx context.Context) error {
	if err := output.CheckColumns[people.PasswordChange](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	given, err := o.env.Secrets(ctx, o.stdin, kit.Secret{Prompt: "Present password"},
		kit.Secret{Prompt: "New password", New: true, Check: func(typed string) error { return people.CheckSecret(o.card, typed) }})
	if err != nil {
		return err
	}
	if err := people.CheckSecret(o.card, given[1]); err != nil {
		return err
	}
	if _, err := tried(people.CheckPassword(ctx, c, o.env.Why(), o.card, given[0])); err != nil {
		return err
	}
	done, err := people.ChangePassword(ctx, c, o.env.Why(), o.card, given[1])
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), done, []output.Section{{Pairs: []output.Pair{
		{Name: "patron", Value: strconv.FormatInt(done.Patron, 10)},
		{Name: "password", Value: "changed", Style: output.Good},
		{Name: "access", Value: strconv.FormatInt(done.Access, 10), Style: output.Faint},
	}}})
}
