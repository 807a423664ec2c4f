package staff

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

type passwordOptions struct {
	env   *kit.Env
	login string
	stdin bool
}

func newPassword(env *kit.Env) *cobra.Command {
	o := &passwordOptions{env: env}
	cmd := &cobra.Command{
		Use:   "password [LOGIN]",
		Short: "Change your own password, or give a member of staff another one",
		Long: `Change your own password, or as an administrator that of a member of staff. You
are asked for it twice. It takes at least 15 characters that are not just
common words, rows of keys or the login. The server gets what SCRAM-SHA-256
makes of it, never the password.

An administrator can do this for logins that patronctl made, and where nothing
else on the server uses them.

Exit status:
  0  changed
  2  too easy to guess, or the two were not the same
  3  no such member of staff
  5  there is nobody to ask
  8  your role may not do this, the login is disabled, managed outside, or also
     registered where you are no administrator`,
		Example: `  patronctl staff password
  patronctl staff password anna
  patronctl staff password anna --stdin < file`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.login = args[0]
			}
			return o.run(cmd.Context())
		},
	}
	kit.StdinVar(cmd, &o.stdin)
	return cmd
}

func (o *passwordOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[staff.PasswordSet](o.env.Printer(), nil); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	if o.login != "" {
		known, err := staff.HasLogin(ctx, c, o.login)
		if err == nil && !known {
			err = &kit.Error{Code: kit.ExitNotFound, Message: "no such member of staff", Hint: "see patronctl staff list"}
		}
		if err != nil {
			return err
		}
	}
	password, err := askNew(ctx, o.env, o.login, o.stdin)
	if err != nil {
		return err
	}
	done, err := staff.SetPassword(ctx, c, o.env.Why(), o.login, password)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), done, []output.Section{{Pairs: append([]output.Pair{
		{Name: "password", Value: "changed"},
		{Name: "login", Value: done.Login, Style: output.Strong},
		{Name: "access", Value: strconv.FormatInt(done.Access, 10), Style: output.Faint},
	}, kit.Receipt(done.Receipt)...)}})
}

// askNew asks for a new password; a bad one is refused before the second time it would be typed.
func askNew(ctx context.Context, env *kit.Env, login string, stdin bool) (string, error) {
	prompt := "New password"
	if login != "" {
		prompt += " of " + output.Clean(login)
	}
	given, err := env.Secrets(ctx, stdin, kit.Secret{
		Prompt: prompt, New: true,
		Check: func(typed string) error { return staff.CheckPassword(login, typed) },
	})
	if err != nil {
		return "", err
	}
	return given[0], nil
}
