package help

import (
	"bytes"
	"embed"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
	"patronctl/output"
)

//go:embed topics/*.md
var files embed.FS

// Topic is a page of the handbook: help that belongs to no single command.
type Topic struct {
	Name  string // as in `patronctl help NAME`
	Title string // what it is about, in one line
	Text  string // Markdown for output.ReadProse, its first line the title as a heading
}

// Topics is the whole handbook, by name: a file each.
func Topics() []Topic {
	entries, _ := files.ReadDir("topics") // what is embedded can be read
	topics := make([]Topic, len(entries))
	for i, entry := range entries {
		text, _ := files.ReadFile("topics/" + entry.Name())
		topics[i] = NewTopic(entry.Name(), string(text))
	}
	return topics
}

// NewTopic is the topic that a file holds.
func NewTopic(file, text string) Topic {
	title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
	return Topic{strings.TrimSuffix(path.Base(file), ".md"), title, text}
}

// topic shows its page; with more words, the help of the command that they name with it.
func topic(env *kit.Env, t Topic) *cobra.Command {
	return &cobra.Command{
		Use:   t.Name,
		Short: t.Title,
		Long:  t.Title + ".\n\nRead it with: patronctl help " + t.Name,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return read(env, t)
			}
			return aboutCommand(cmd.Parent(), append([]string{t.Name}, args...))
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return completeCommands(cmd, append([]string{t.Name}, args...), "")
		},
	}
}

// read shows a topic as wide as the terminal, in the reader's pager when it is longer.
func read(env *kit.Env, t Topic) error {
	var b bytes.Buffer
	p := env.Printer()
	p.Out = &b
	if err := output.ReadProse(t.Text).Write(p); err != nil {
		return err
	}
	return env.Terminal.Page(env.Out, b.String())
}
