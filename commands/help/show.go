package help

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// width is that of a terminal in its oldest form: help is written for it.
const width = 80

// Show writes the help of a command.
func Show(cmd *cobra.Command, _ []string) {
	_, _ = io.WriteString(cmd.OutOrStdout(), Text(cmd))
}

// Text is the help of a command: what it does, an example, its parts, its flags.
func Text(cmd *cobra.Command) string {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	b.WriteString(strings.TrimSpace(about) + "\n")
	section(&b, "Examples", cmd.Example)
	section(&b, "Usage", "  "+Usage(cmd))
	commands(&b, cmd)
	if cmd.HasParent() {
		section(&b, "Flags", cmd.LocalFlags().FlagUsagesWrapped(width))
		section(&b, "Global flags", "  See patronctl --help.")
	} else {
		section(&b, "Global flags", cmd.PersistentFlags().FlagUsagesWrapped(width))
		section(&b, "More", "  patronctl COMMAND --help  about a command\n  patronctl help            topics of the handbook, such as restore")
	}
	return b.String()
}

// Usage is the line that says how a command is called.
func Usage(cmd *cobra.Command) string {
	if cmd.HasSubCommands() && cmd.Use == cmd.Name() { // not retention plan, which is a command of its own too
		return cmd.CommandPath() + " COMMAND [flags]"
	}
	return cmd.UseLine()
}

func commands(b *strings.Builder, cmd *cobra.Command) {
	if len(cmd.Groups()) == 0 {
		section(b, "Commands", list(cmd, ""))
	}
	for _, g := range cmd.Groups() {
		section(b, g.Title, list(cmd, g.ID))
	}
}

func list(cmd *cobra.Command, group string) string {
	var b strings.Builder
	for _, sub := range cmd.Commands() {
		if sub.GroupID == group && !sub.Hidden {
			fmt.Fprintf(&b, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
		}
	}
	return b.String()
}

func section(b *strings.Builder, title, body string) {
	if body = strings.Trim(body, "\n"); strings.TrimSpace(body) != "" {
		fmt.Fprintf(b, "\n%s:\n%s\n", title, body)
	}
}

func topicLines() string {
	var lines, b strings.Builder
	for _, t := range Topics() {
		fmt.Fprintf(&lines, "  %-12s  %s\n", t.Name, t.Title)
	}
	section(&b, "Topics", lines.String())
	return b.String()
}
