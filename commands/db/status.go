package db

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newStatus(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show versions, pending migrations and row counts",
		Long: `Show the versions of the schemas, the migrations that are pending, whether the
functions are those of this program, and about how many rows each table has.

Exit status:
  0  shown, also when an upgrade is pending
  8  your role may not do this`,
		Example: `  patronctl db status
  patronctl db status -o json --columns pending`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return status(cmd.Context(), env) },
	}
}

func status(ctx context.Context, env *kit.Env) error {
	env.AnyVersion = true
	return kit.Answer(ctx, env, func(c *client.Client) (*install.Status, error) {
		return install.ShowStatus(ctx, c, env.Why())
	}, statusScreen)
}

func statusScreen(s *install.Status) []output.Section {
	functions := output.Pair{Name: "functions", Value: "those of this program", Style: output.Good}
	if !s.DeskCurrent {
		functions.Value, functions.Style = "of another version: run patronctl db upgrade", output.Caution
	}
	pending := output.Section{Title: "Pending migrations"}
	for _, m := range s.Pending {
		pending.Pairs = append(pending.Pairs, output.Pair{Name: fmt.Sprintf("%s %d", m.Schema, m.Version), Value: m.Name, Style: output.Caution})
	}
	if pending.Pairs == nil {
		pending.Text = "none"
	}
	quarantine := output.Pair{Name: "quarantine", Value: "off"}
	if s.Quarantined != nil {
		quarantine.Value, quarantine.Style = "on since "+kit.Instant(s.Quarantined)+": run patronctl erasure replay FILE", output.Bad
	}
	return []output.Section{
		{Pairs: []output.Pair{
			{Name: "database", Value: s.Database, Style: output.Strong},
			quarantine,
			{Name: "server", Value: "PostgreSQL " + s.Server},
			{Name: "lms", Value: "version " + strconv.FormatInt(s.LMS, 10)},
			{Name: "records", Value: "version " + strconv.FormatInt(s.Records, 10)},
			functions,
			{Name: "desk hash", Value: s.Desk, Style: output.Faint},
			{Name: "clock offset", Value: s.ClockOffset},
		}},
		pending,
		{Title: "Rows, about", Grid: rowsGrid(s.Rows)},
	}
}

func rowsGrid(tables []install.TableRows) *output.Grid {
	grid := &output.Grid{Headers: []string{"relation", "rows"}, Right: []bool{false, true}}
	for _, t := range tables {
		grid.Rows = append(grid.Rows, []output.Cell{{Text: t.Relation}, {Text: strconv.FormatInt(t.Rows, 10)}})
	}
	return grid
}
