// Package help is the help command: help about commands, and the handbook, whose topics belong to no single one.
package help

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the help command; its sub-commands are the topics.
func New(env *kit.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "help [TOPIC | COMMAND...]",
		Short: "Show a topic of the handbook, or help about a command",
		Long: `Show a topic of the handbook, or help about a command; without either, all there
are. A topic is as wide as the terminal and, where it is longer, shown by the
command that the variable PAGER names, else by less. Where a topic and a command
share a name the topic is meant: "patronctl audit --help" is about the command.`,
		Example: `  patronctl help restore
  patronctl help patron find`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return env.Terminal.Page(env.Out, Text(cmd.Root())+topicLines())
			}
			return aboutCommand(cmd, args)
		},
		ValidArgsFunction:          completeCommands,
		SuggestionsMinimumDistance: 2,
	}
	for _, t := range Topics() {
		cmd.AddCommand(topic(env, t))
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "topics",
		Short: "All topics of the handbook",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return env.Terminal.Page(env.Out, topicLines()[1:]) },
	})
	return cmd
}

// aboutCommand shows the help of the command that words name.
func aboutCommand(help *cobra.Command, words []string) error {
	about, rest, err := help.Root().Find(words)
	switch {
	case err != nil:
		return err
	case len(rest) == 0:
		return about.Help()
	case about == help.Root():
		return unknown(help, rest[0])
	default:
		return kit.UnknownCommand(about, rest[0])
	}
}

// unknown refuses a word that is neither a topic nor a command, and names the nearest of both.
func unknown(help *cobra.Command, word string) error {
	root := help.Root()
	root.SuggestionsMinimumDistance = help.SuggestionsMinimumDistance
	near := append(help.SuggestionsFor(word), root.SuggestionsFor(word)...)
	slices.Sort(near)
	if len(near) == 0 {
		return kit.Usage("no topic and no command %q; patronctl help lists both", word)
	}
	return kit.Usage("no topic and no command %q; the nearest: %s", word, strings.Join(slices.Compact(near), ", "))
}

// completeCommands offers the commands that no topic has the name of: topics are offered as they are.
func completeCommands(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range about.Commands() {
			if sub.IsAvailableCommand() && !(len(args) == 0 && isTopic(cmd, sub.Name())) {
				words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

func isTopic(help *cobra.Command, name string) bool {
	return slices.ContainsFunc(help.Commands(), func(topic *cobra.Command) bool { return topic.Name() == name })
}
