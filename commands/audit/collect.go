package audit

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newCollect(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "collect",
		Short: "Count logins into the access records, to be sealed",
		Long: `Count what "audit logins" lists since the last time, by login and day, and keep
the counts as the result of this access, which "audit seal" seals: the server's
log is written over after a week. Run it from a timer, daily or more often, with
a login of the role job, before the records are sealed.

Nothing is counted twice, however often or however interrupted it runs: each
result says from when until when it counts. When the log had lost lines before
they were counted, it ends with 7, once. To see the counts again, find the
record with "audit list --operation 'audit collect'", and "audit show" it.

Exit status:
  0  counted, also when there was nothing
  7  counted what there was, but the log had lost lines since the last time
  8  your role may not do this, or the log is not set up to be read`,
		Example: `  patronctl audit collect -q && patronctl audit seal -q`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return collect(cmd.Context(), env) },
	}
}

func collect(ctx context.Context, env *kit.Env) error {
	if err := output.CheckColumns[audit.LoginCounts](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	counts, err := audit.CollectLogins(ctx, c, env.Why())
	if err != nil {
		return err
	}
	if err := output.Document(env.Printer(), counts, collectScreen(counts)); err != nil {
		return err
	}
	if counts.Gap {
		return &client.Error{
			Kind:    client.KindPartly,
			Message: "the server's log no longer reaches back to the last counting: logins between were not counted",
			Hint:    "the counts that there are were kept; collect daily or more often",
		}
	}
	return nil
}

// when is an instant that there may not be.
func when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return instant(*t)
}

func collectScreen(l *audit.LoginCounts) []output.Section {
	sections := []output.Section{{Title: "Counted", Pairs: []output.Pair{
		{Name: "from", Value: when(l.From)},
		{Name: "until", Value: instant(l.Until)},
		{Name: "ok", Value: strconv.Itoa(l.OK)},
		{Name: "failed", Value: strconv.Itoa(l.Failed)},
		{Name: "denied", Value: strconv.Itoa(l.Denied)},
	}}}
	if len(l.Logins) == 0 {
		return sections
	}
	grid := &output.Grid{Headers: []string{"day", "login", "ok", "failed", "denied"}, Right: []bool{false, false, true, true, true}}
	for _, n := range l.Logins {
		row := []output.Cell{{Text: n.Day}, {Text: loginName(audit.LoginEvent{Login: n.Login})}}
		for _, count := range []int{n.OK, n.Failed, n.Denied} {
			row = append(row, output.Cell{Text: strconv.Itoa(count)})
		}
		grid.Rows = append(grid.Rows, row)
	}
	return append(sections, output.Section{Title: "By day (UTC) and login", Grid: grid})
}
