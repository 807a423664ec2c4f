package kit

import (
	"strings"

	"github.com/spf13/cobra"
)

// Group is a noun: alone it shows its help; a word that is none of its verbs is a usage error, which cobra lets pass.
func Group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return UnknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subs...)
	return cmd
}

// UnknownCommand is the usage error for a word that is no sub-command of cmd; it names those there are.
func UnknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return Usage("unknown command %q for %q; accepted: %s", word, cmd.CommandPath(), strings.Join(names, ", "))
}
