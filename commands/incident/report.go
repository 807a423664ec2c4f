package incident

import (
	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newReport(env *kit.Env) *cobra.Command {
	var kind string
	var noticed kit.MomentFlag
	f := &facts{env: env}
	cmd := &cobra.Command{
		Use:   "report --kind breach|agreement --noticed WHEN",
		Short: "Report an incident; the clock runs from when it was noticed",
		Long: `Report an incident: a breach of personal data, or of the agreement between the
authorities. Report it with what is known; officers add the rest with update.
Officers of every member see a line about it at their next command.

From the moment that a breach was noticed there are 72 hours to tell the
supervisory authority (GDPR article 33). A day without a time counts from its
first moment. Every breach is reported here, also one that need not be told.

Each flag that takes a TEXT is about the matter, never about a person: names and
card numbers are refused. One of them may be "-": it is read from stdin.

Exit status:
  0  reported
  2  wrong flag or value, a time in the future, or a text about a person
  8  your role may not do this`,
		Example: `  patronctl incident report --kind breach --noticed 2026-01-30T14:00:00+00:00 \
      --categories "adults: names" --people 40 --measures "list taken down"
  patronctl incident report --kind agreement --noticed 2026-01-30 \
      --consequences - < note.txt
  patronctl incident report --kind breach --noticed 2026-01-30 \
      --login clerk.cam --from 2026-01-12 --to 2026-01-29`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.CheckColumns[cases.Incident](env.Printer(), nil); err != nil {
				return err
			}
			said, err := f.given(cmd)
			if err != nil {
				return err
			}
			c, err := env.Client(cmd.Context())
			if err != nil {
				return err
			}
			i, err := cases.ReportIncident(cmd.Context(), c, env.Why(), kind, noticed.Time, said)
			if err != nil {
				return err
			}
			return output.Document(env.Printer(), i, screen(i))
		},
	}
	cmd.Flags().SortFlags = false
	kit.EnumVar(cmd, &kind, "kind", "breach of personal data, or of the agreement between the members", "breach", "agreement")
	cmd.Flags().Var(&noticed, "noticed", "when it was noticed: a day, or an instant such as 2026-01-30T14:00:00+01:00")
	f.bind(cmd)
	_ = cmd.MarkFlagRequired("kind") // both exist
	_ = cmd.MarkFlagRequired("noticed")
	return cmd
}
