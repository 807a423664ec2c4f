package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newShow(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one access record and what came of it",
		Long: `Show one access record and what came of it. After "outcome unknown" this tells
whether the write was done: the result is there, or it is not.

Exit status:
  0  shown
  3  no such record that you may see`,
		Example: `  patronctl audit show 4711
  patronctl audit show 4711 -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return show(cmd.Context(), env, args[0]) },
	}
}

func show(ctx context.Context, env *kit.Env, arg string) error {
	if err := output.CheckColumns[audit.Access](env.Printer(), nil); err != nil {
		return err
	}
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || id < 1 {
		return kit.Usage("%q is not the number of an access record, such as 4711", arg)
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	access, err := audit.ShowAccess(ctx, c, env.Why(), id)
	if err != nil {
		return err
	}
	sections, err := screen(access)
	if err != nil {
		return err
	}
	return output.Document(env.Printer(), access, sections)
}

func screen(a *audit.Access) ([]output.Section, error) {
	pairs := []output.Pair{
		{Name: "access", Value: strconv.FormatInt(a.Access, 10), Style: output.Strong},
		{Name: "at", Value: instant(a.At)},
		{Name: "login", Value: a.Login},
		{Name: "authority", Value: a.Authority},
		{Name: "operation", Value: a.Operation},
		{Name: "purpose", Value: a.Purpose},
		{Name: "reason", Value: a.Reason},
		{Name: "outcome", Value: a.Outcome, Style: outcomeStyle(*a)},
	}
	if a.Because != "" {
		pairs = append(pairs, output.Pair{Name: "because", Value: a.Because})
	}
	pairs = append(pairs, output.Pair{Name: "patrons", Value: ids(a.Patrons)})
	result, err := resultOf(a)
	return []output.Section{{Pairs: pairs}, result}, err
}

// resultOf shows what a write recorded about itself: counts and codes, whose names differ from one operation to the next.
func resultOf(a *audit.Access) (output.Section, error) {
	section := output.Section{Title: "Result"}
	var result map[string]json.RawMessage
	if len(a.Result) > 0 {
		if err := json.Unmarshal(a.Result, &result); err != nil {
			return section, fmt.Errorf("read the result of access %d: %w", a.Access, err)
		}
	}
	if len(result) == 0 {
		section.Text = "nothing was written under this record"
	}
	for _, name := range slices.Sorted(maps.Keys(result)) {
		value := string(result[name])
		var text string
		var words []string
		if json.Unmarshal(result[name], &text) == nil {
			value = text
		} else if json.Unmarshal(result[name], &words) == nil {
			value = strings.Join(words, ", ")
		}
		if value != "" {
			section.Pairs = append(section.Pairs, output.Pair{Name: name, Value: value})
		}
	}
	return section, nil
}
