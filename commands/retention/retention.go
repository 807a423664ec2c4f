// Package retention is the rules of forgetting, the plans made by them, and running plans.
package retention

import (
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the retention command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("retention", "Forget people on schedule: rules, plans, runs",
		newList(env), newShow(env), newSet(env), newEnable(env), newDisable(env), newRemove(env),
		newPlan(env), newApprove(env), newRun(env), newRuns(env))
}

// planNumber reads the number of a plan.
func planNumber(arg string) (int64, error) {
	number, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || number < 1 {
		return 0, kit.Usage("%q is not the number of a plan; list them: patronctl retention runs", arg)
	}
	return number, nil
}
