package staff

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "show LOGIN",
		Short: "Show one login: its registrations, and whether it can log in",
		Long: `Show one login: where it is registered, whether the server lets it in, until
when its password is good, and when it was last used here.

Exit status:
  0  shown
  3  no such member of staff
  8  your role may not do this`,
		Example: `  patronctl staff show anna
  patronctl staff show anna -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return show(cmd.Context(), env, args[0]) },
	}
}

func show(ctx context.Context, env *kit.Env, login string) error {
	return kit.Answer(ctx, env, func(c *client.Client) (*staff.Member, error) {
		return staff.Show(ctx, c, env.Why(), login)
	}, func(m *staff.Member) []output.Section {
		return []output.Section{
			{Pairs: []output.Pair{
				{Name: "login", Value: m.Login, Style: output.Strong},
				state(m),
				{Name: "opened by", Value: map[bool]string{true: "something outside: no password here", false: "a password"}[m.External]},
				{Name: "password until", Value: cmp.Or(kit.Instant(m.PasswordUntil), "for good")},
				{Name: "last used", Value: cmp.Or(kit.Instant(m.LastUsedAt), "never")},
			}},
			{Title: "Registrations", Grid: registrations(m.Registrations)},
		}
	})
}

func state(m *staff.Member) output.Pair {
	switch {
	case m.DisabledAt != nil:
		return output.Pair{Name: "state", Value: "disabled since " + kit.Instant(m.DisabledAt), Style: output.Bad}
	case !m.MayLogIn:
		return output.Pair{Name: "state", Value: "the server does not let it in", Style: output.Caution}
	default:
		return output.Pair{Name: "state", Value: "open", Style: output.Good}
	}
}

func registrations(all []staff.Registration) *output.Grid {
	grid := &output.Grid{Headers: []string{"role", "authority", "kind", "from", "until", "organisation", "agreement"}}
	for _, s := range all {
		row := []output.Cell{}
		for _, text := range []string{s.Role, s.Authority, s.Kind, kit.Day(s.ValidFrom), kit.Day(s.ValidTo), s.Organisation, s.Agreement} {
			row = append(row, output.Cell{Text: text})
		}
		grid.Rows = append(grid.Rows, row)
	}
	return grid
}
