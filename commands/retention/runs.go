package retention

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newRuns(env *kit.Env) *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List plans and their runs, newest first",
		Long: `List plans that are still to do and the runs of all plans, newest first. A run
that ended "stopped" or "broken off" left the rest to the next run of the same
plan. Plans that had nothing to do, or gave way to a newer one, are not listed;
"retention plan show" still knows them.

Officers also see the plans of other members that need a second officer.

Exit status:
  0  listed
  8  your role may not see this`,
		Example: `  patronctl retention runs
  patronctl retention runs --limit 200 -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return kit.Usage("--limit takes 1 to 1000")
			}
			return runs(cmd.Context(), env, limit)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "at most this `MANY`")
	return cmd
}

var runColumns = []output.Column[forgetting.PlanRun]{
	{Name: "plan", Right: true, Value: func(r forgetting.PlanRun) string { return strconv.FormatInt(r.Plan, 10) }},
	{Name: "of", Shrink: true, Value: of},
	{Name: "state", Value: func(r forgetting.PlanRun) string { return r.State }},
	{Name: "people", Right: true, Value: func(r forgetting.PlanRun) string { return strconv.Itoa(r.Todo) }},
	{Name: "login", Value: func(r forgetting.PlanRun) string { return r.Login }},
	{Name: "started", Value: func(r forgetting.PlanRun) string { return kit.Moment(r.StartedAt) }},
	{Name: "ended", Value: func(r forgetting.PlanRun) string { return kit.Moment(orEmpty(r.EndedAt)) }},
	{
		Name: "outcome", Value: func(r forgetting.PlanRun) string { return r.Outcome },
		Style: func(r forgetting.PlanRun) output.Style { return kit.RunStyle(r.Outcome) },
	},
	{Name: "done", Right: true, Value: ofRun(func(r forgetting.PlanRun) int { return r.Done })},
	{Name: "skipped", Right: true, Value: ofRun(func(r forgetting.PlanRun) int { return r.Skipped })},
	{Name: "remaining", Right: true, Value: ofRun(func(r forgetting.PlanRun) int { return r.Remaining })},
}

// of names the rules of a plan, or what stands for one, and the authorities.
func of(r forgetting.PlanRun) string {
	what := strings.Join(r.Rules, ", ")
	if r.Origin == "date" || r.Origin == "file" {
		what = kit.PartName(r.Origin, what)
	}
	return what
}

// ofRun is a count that a plan without a run does not have.
func ofRun(count func(forgetting.PlanRun) int) func(forgetting.PlanRun) string {
	return func(r forgetting.PlanRun) string {
		if r.ID == 0 {
			return ""
		}
		return strconv.Itoa(count(r))
	}
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func narrowRuns(p *output.Printer) {
	kit.OnNarrow(p, 130, "plan", "of", "state", "people", "outcome", "done", "skipped", "remaining")
}

func runs(ctx context.Context, env *kit.Env, limit int) error {
	printer := env.Printer()
	if err := output.CheckColumns(printer, runColumns); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	found, err := forgetting.Runs(ctx, c, env.Why(), limit)
	if err != nil {
		return err
	}
	narrowRuns(printer)
	return output.List(printer, runColumns, output.Slice(found))
}
