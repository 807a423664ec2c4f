// Package consent is the noun consent: what people agreed to, at one authority each, and since when no more.
package consent

import (
	"fmt"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the noun with its verbs.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("consent", "Record what people agree to, and when they withdraw it", newList(env), newGive(env), newWithdraw(env))
}

// joining is the purpose of the consent that everybody is asked for.
const joining = "joining"

var channels = []string{"email", "phone", "sms", "post"}

func authorityFlag(cmd *cobra.Command, env *kit.Env, target *string) {
	kit.NameVar(cmd, env, target, "authority", "authority", "consent to this `AUTHORITY`, when your login works for several")
}

// purposeFlag is what is consented to; it takes the place of the global flag, whose purposes are those of an access.
func purposeFlag(cmd *cobra.Command, target *string) {
	cmd.Flags().StringVar(target, "purpose", "", "`PURPOSE` consented to: joining, or one of the setting consent_purposes")
}

func patron(id int64) output.Pair {
	return output.Pair{Name: "patron", Value: fmt.Sprintf("id:%d", id), Style: output.Strong}
}

func recorded(access int64) output.Pair {
	return output.Pair{Name: "access", Value: fmt.Sprintf("recorded as %d", access), Style: output.Faint}
}

// columns are a consent as one row of a list.
var columns = []output.Column[row]{
	{Name: "patron", Right: true, Value: func(r row) string { return r.patron() }},
	{Name: "authority", Value: func(r row) string { return r.Authority }},
	{Name: "purpose", Value: func(r row) string { return r.Purpose }},
	{Name: "channel", Value: func(r row) string { return r.Channel }},
	{Name: "wording", Shrink: true, Value: func(r row) string { return r.Wording }},
	{Name: "given", Value: func(r row) string { return kit.Instant(&r.GivenAt) }},
	{Name: "withdrawn", Value: func(r row) string { return kit.Instant(r.WithdrawnAt) }},
	{Name: "source", Shrink: true, Value: func(r row) string { return r.Source }},
	{Name: "in_force", Label: "in force", Value: func(r row) string { return yesOrNo(r.InForce) }, Style: func(r row) output.Style {
		if r.InForce {
			return output.Good
		}
		return output.Faint
	}},
}

func yesOrNo(holds bool) string {
	if holds {
		return "yes"
	}
	return "no"
}

// row is people.Consent with whose it is.
type row struct {
	Patron int64 `json:"patron"`
	people.Consent
}
