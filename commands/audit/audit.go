// Package audit reads the records of who opened personal data, why, and what came of it.
package audit

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the audit command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("audit", "See who opened personal data, and why",
		newList(env),
		newShow(env),
		newReport(env),
		newLogins(env),
		newCollect(env),
		newSeal(env),
		newHead(env),
		newVerify(env),
		newProve(env),
	)
}

// instant shows a moment in the zone of this computer, with its offset.
func instant(t time.Time) string { return t.Local().Format(time.RFC3339) }

func ids(patrons []int64) string {
	words := make([]string, len(patrons))
	for i, id := range patrons {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, " ")
}
