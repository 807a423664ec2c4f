package db

import (
	"context"

	"github.com/spf13/cobra"

	"patronctl/client/install"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newAuthorityAdd(env *kit.Env) *cobra.Command {
	var a install.Authority
	cmd := &cobra.Command{
		Use:   "add CODE --name NAME --currency C --time-zone Z",
		Short: "Add a library authority to the consortium",
		Long: `Add a library authority to the consortium. Its code is what every other command
calls it. Connect as the database owner.

Exit status:
  0  added
  2  not a code, a currency or a time zone
  8  the code is taken, or you are not the database owner`,
		Example: `  patronctl db authority add NORTH --name "North County Libraries" \
    --currency GBP --time-zone Europe/London`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Code = args[0]
			return addAuthority(cmd.Context(), env, a)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&a.Name, "name", "", "full `NAME`")
	flags.StringVar(&a.Currency, "currency", "", "`CURRENCY` of its fees, such as GBP or EUR")
	flags.StringVar(&a.TimeZone, "time-zone", "", "`ZONE` of its clocks, such as Europe/London")
	for _, required := range []string{"name", "currency", "time-zone"} {
		_ = cmd.MarkFlagRequired(required) // the flags were added above
	}
	return cmd
}

func addAuthority(ctx context.Context, env *kit.Env, a install.Authority) error {
	if err := output.CheckColumns[install.Authority](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	if err := install.AddAuthority(ctx, c, a); err != nil {
		return err
	}
	return output.Document(env.Printer(), a, []output.Section{{Pairs: []output.Pair{
		{Name: "authority", Value: a.Code, Style: output.Strong},
		{Name: "name", Value: a.Name},
		{Name: "currency", Value: a.Currency},
		{Name: "time zone", Value: a.TimeZone},
	}}})
}
