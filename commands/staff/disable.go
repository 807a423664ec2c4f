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

func newDisable(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "disable LOGIN",
		Short: "Close a login at once and end its sessions",
		Long: `Close a login at once, such as that of a lost laptop: the server no longer lets
it in, its sessions are ended, and a call that is still on its way is refused.
Its registrations stay as they are; "patronctl staff enable" undoes it.

Exit status:
  0  disabled
  3  no such member of staff
  8  your role may not do this, it is your own login, or it is also registered
     where you are no administrator`,
		Example: `  patronctl staff disable anna`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return disable(cmd.Context(), env, args[0]) },
	}
}

func disable(ctx context.Context, env *kit.Env, login string) error {
	if err := output.CheckColumns[staff.Disabled](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	done, err := staff.Disable(ctx, c, env.Why(), login)
	if done == nil {
		return err
	}
	if err != nil {
		return &kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("%s is disabled, but its sessions were not ended: %s", login, err),
			Hint: "run this again",
		}
	}
	door, sessions := "closed", "not set up: see patronctl db init --print-admin-sql"
	if !done.Closed {
		door = "open, every call is refused: the server's administrator closes it with NOLOGIN"
	}
	if done.Sessions != nil {
		sessions = strconv.Itoa(*done.Sessions)
	}
	return output.Document(env.Printer(), done, []output.Section{{Pairs: append([]output.Pair{
		{Name: "login", Value: done.Login, Style: output.Strong},
		{Name: "server", Value: door},
		{Name: "sessions ended", Value: sessions},
		{Name: "access", Value: strconv.FormatInt(done.Access, 10), Style: output.Faint},
	}, kit.Receipt(done.Receipt)...)}})
}

func newEnable(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "enable LOGIN",
		Short: "Open a login again that was disabled",
		Long: `Open a login again that was disabled, with the registrations and the password
it had. When it was disabled because somebody else may know its password, give
it another one: "patronctl staff password LOGIN".

Exit status:
  0  enabled
  3  no such member of staff
  8  your role may not do this, it is your own login, or it is not disabled`,
		Example: `  patronctl staff enable anna`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return enable(cmd.Context(), env, args[0]) },
	}
}

func enable(ctx context.Context, env *kit.Env, login string) error {
	if err := output.CheckColumns[staff.Enabled](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	done, err := staff.Enable(ctx, c, env.Why(), login)
	if err != nil {
		return err
	}
	door := "open"
	if !done.Opened {
		door = "as it was: if it is closed, the server's administrator opens it with LOGIN"
	}
	return output.Document(env.Printer(), done, []output.Section{{Pairs: append([]output.Pair{
		{Name: "login", Value: done.Login, Style: output.Strong},
		{Name: "server", Value: door},
		{Name: "access", Value: strconv.FormatInt(done.Access, 10), Style: output.Faint},
	}, kit.Receipt(done.Receipt)...)}})
}
