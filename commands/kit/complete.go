package kit

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patronctl/output"
)

// completionTime is how long a shell may wait for candidates.
const completionTime = 1500 * time.Millisecond

// NameVar adds a flag that takes the name of something in the database, with completion. kind is one of those
// of client.Names. Patrons are never completed: they would land in scrollback and let anybody enumerate them.
func NameVar(cmd *cobra.Command, env *Env, target *string, kind, flag, usage string) {
	cmd.Flags().StringVar(target, flag, "", usage)
	complete(cmd, flag, CompleteNames(env, kind))
}

// NamesVar is NameVar for a flag that takes several.
func NamesVar(cmd *cobra.Command, env *Env, target *[]string, kind, flag, usage string) {
	cmd.Flags().StringSliceVar(target, flag, nil, usage)
	complete(cmd, flag, CompleteNames(env, kind))
}

// WordsVar adds a flag that takes several of the words; the database checks them.
func WordsVar(cmd *cobra.Command, target *[]string, flag, usage string, words ...string) {
	cmd.Flags().StringSliceVar(target, flag, nil, usage+": "+strings.Join(words, ", "))
	complete(cmd, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// CompleteNames completes names of a kind of client.Names from the database: nothing on any error.
func CompleteNames(env *Env, kind string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var candidates []cobra.Completion
		for _, name := range env.names(kind) {
			if name = output.Clean(name); strings.HasPrefix(name, typed) {
				candidates = append(candidates, name)
			}
		}
		return candidates, cobra.ShellCompDirectiveNoFileComp
	}
}

// names asks the database on a clock of its own, and says nothing about a failure: the shell would print it into the
// command line being typed.
func (e *Env) names(kind string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	quiet := *e
	quiet.Flags.Debug = false
	quiet.Flags.Timeout = completionTime
	c, err := quiet.connect(ctx, false)
	if err != nil {
		return nil
	}
	defer c.Close()
	names, err := c.Names(ctx, kind)
	if err != nil {
		return nil
	}
	return names
}

// complete registers a completion for a flag that the caller has just added, which cannot fail.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}
