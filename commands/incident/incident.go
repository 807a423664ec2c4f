// Package incident is the register of incidents: breaches of personal data and of the agreement between the authorities.
package incident

import (
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the incident command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("incident", "Report breaches, and keep the clock and the record of them",
		newReport(env), newUpdate(env), newClose(env), newAcknowledge(env), newList(env), newShow(env), newPeople(env))
}

// incidentNumber reads the number of an incident.
func incidentNumber(arg string) (int64, error) {
	number, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || number < 1 {
		return 0, kit.Usage("%q is not the number of an incident; list them: patronctl incident list", arg)
	}
	return number, nil
}
