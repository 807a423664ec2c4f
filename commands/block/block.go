// Package block is the noun block: warnings and refusals that a library places on a patron.
package block

import (
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the noun with its verbs.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("block", "Place, lift and list your library's blocks on a patron", newPlace(env), newLift(env), newList(env))
}

func authorityFlag(cmd *cobra.Command, env *kit.Env, target *string) {
	kit.NameVar(cmd, env, target, "authority", "authority", "a block of this `AUTHORITY`, when your login works for several")
}

// columns are a block as one row.
var columns = []output.Column[people.PlacedBlock]{
	{Name: "patron", Right: true, Value: func(b people.PlacedBlock) string { return strconv.FormatInt(b.Patron, 10) }},
	{Name: "id", Right: true, Value: func(b people.PlacedBlock) string { return strconv.FormatInt(b.ID, 10) }},
	{Name: "authority", Value: func(b people.PlacedBlock) string { return b.Authority }},
	{Name: "level", Value: func(b people.PlacedBlock) string { return b.Level }, Style: levelStyle},
	{Name: "reason", Value: func(b people.PlacedBlock) string { return b.ReasonCode }},
	{Name: "placed", Value: func(b people.PlacedBlock) string { return kit.Day(b.PlacedOn) }},
	{Name: "lifted", Value: func(b people.PlacedBlock) string { return kit.Day(b.LiftedOn) }},
}

func levelStyle(b people.PlacedBlock) output.Style {
	if !b.InForce {
		return output.Faint
	}
	return kit.VerdictStyle(people.Verdict(b.Level))
}

// list writes the blocks that do finds on each patron.
func list(env *kit.Env, people kit.People, do func(ref string) ([]people.PlacedBlock, error)) error {
	printer := env.Printer()
	printer.Live = people.Arriving()
	return output.List(printer, columns, kit.Rows(env, people, do))
}
