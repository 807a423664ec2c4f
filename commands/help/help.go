// Package help is the help command: help about commands, and topics that belong to none of them.
package help

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the help command; its sub-commands are the topics.
func New(env *kit.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Show help about a command or a topic",
		Example: `  patronctl help patron find
  patronctl help exit-codes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Root().Help()
			}
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return kit.UnknownCommand(about, rest[0])
			}
			return about.Help()
		},
		ValidArgsFunction: completeCommands,
	}
	for _, t := range topics {
		cmd.AddCommand(topic(env, t))
	}
	return cmd
}

func completeCommands(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range about.Commands() {
			if sub.IsAvailableCommand() {
				words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
