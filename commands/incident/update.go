package incident

import (
	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newUpdate(env *kit.Env) *cobra.Command {
	f := &facts{env: env}
	cmd := &cobra.Command{
		Use:   "update INCIDENT",
		Short: "Add what is known by now, and who was told",
		Long: `Add what is known of an incident by now, and who was told when. Nothing is
overwritten: the last of each holds, and show lists everything that was said.

The clock of a breach stops when the supervisory authority was told, or when it
is written down why it need not be (GDPR articles 33 and 34). Texts are about
the matter, never about a person; one may be "-": it is read from stdin.

Exit status:
  0  added
  2  wrong flag or value, nothing to add, or a text about a person
  3  no such incident
  8  it is closed, or your role may not do this`,
		Example: `  patronctl incident update 7 --people 60 --measures "passwords were reset"
  patronctl incident update 7 --told KEN,PBK --at 2026-01-31T09:30:00+00:00
  patronctl incident update 7 --notified IC-1234
  patronctl incident update 7 --not-notified "encrypted, so there is no risk"
  patronctl incident update 7 --people-told 60`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			said, err := f.given(cmd)
			if err != nil {
				return err
			}
			return write(cmd, env, args[0], func(c *client.Client, number int64) (*cases.Incident, error) {
				return cases.UpdateIncident(cmd.Context(), c, env.Why(), number, said)
			})
		},
	}
	cmd.Flags().SortFlags = false
	f.bind(cmd)
	f.bindTold(cmd)
	return cmd
}

func newClose(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "close INCIDENT",
		Short: "Close an incident",
		Long: `Close an incident: its line disappears, and nothing can be added any more. A
breach stays open until the supervisory authority was told, or it is written
down why it need not be.

Exit status:
  0  closed
  2  not the number of an incident
  3  no such incident
  8  closed already, nobody was told yet, or your role may not do this`,
		Example: `  patronctl incident close 7`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return write(cmd, env, args[0], func(c *client.Client, number int64) (*cases.Incident, error) {
				return cases.CloseIncident(cmd.Context(), c, env.Why(), number)
			})
		},
	}
}

func newAcknowledge(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "acknowledge INCIDENT",
		Short: "Take note of an open incident: its line is not shown to you again",
		Long: `Take note of an open incident. Until then every command of yours shows a line
about it, with --quiet too; not with -o json, where stderr has errors only.
Whoever reported or updated an incident has taken note of it.

Exit status:
  0  noted, also when it was before
  2  not the number of an incident
  3  no such incident
  8  it is closed, or your role may not do this`,
		Example: `  patronctl incident show 7
  patronctl incident acknowledge 7`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return write(cmd, env, args[0], func(c *client.Client, number int64) (*cases.Incident, error) {
				return cases.AcknowledgeIncident(cmd.Context(), c, env.Why(), number)
			})
		},
	}
}

// write changes an incident and shows it.
func write(cmd *cobra.Command, env *kit.Env, arg string, change func(*client.Client, int64) (*cases.Incident, error)) error {
	if err := output.CheckColumns[cases.Incident](env.Printer(), nil); err != nil {
		return err
	}
	number, err := incidentNumber(arg)
	if err != nil {
		return err
	}
	c, err := env.Client(cmd.Context())
	if err != nil {
		return err
	}
	i, err := change(c, number)
	if err != nil {
		return err
	}
	return output.Document(env.Printer(), i, screen(i))
}
