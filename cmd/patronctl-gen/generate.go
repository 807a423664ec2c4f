package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/commands"
	"patronctl/commands/help"
	"patronctl/commands/kit"
)

const topics = "commands/help/topics/"

// generate returns the generated files by their path below the top directory.
func generate(top string) (map[string][]byte, error) {
	root := commands.Root(&kit.Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
	files := map[string][]byte{}
	for name, write := range map[string]func(io.Writer) error{
		"patronctl.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"_patronctl":     root.GenZshCompletion,
		"patronctl.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"patronctl.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return nil, err
		}
		files["completions/"+name] = b.Bytes()
	}
	commandPages(root, files)
	return files, handbook(top, files)
}

// commandPages adds the page of cmd and of everything below it.
func commandPages(cmd *cobra.Command, files map[string][]byte) {
	if cmd.Hidden || isTopic(cmd) {
		return
	}
	files["completions/man1/"+pageName(cmd)+".1"] = []byte(commandPage(cmd))
	for _, sub := range cmd.Commands() {
		commandPages(sub, files)
	}
}

// handbook adds README and the topics, with what is generated in them, and the pages of the topics.
func handbook(top string, files map[string][]byte) error {
	pages, err := filepath.Glob(filepath.Join(top, topics, "*.md"))
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, name := range append(pages, filepath.Join(top, "README.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		written, err := withParts(top, string(text), found)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if base := filepath.Base(name); base == "README.md" {
			files[base] = []byte(written)
		} else {
			t := help.NewTopic(base, written)
			files[topics+base] = []byte(written)
			files["completions/man7/patronctl-"+t.Name+".7"] = []byte(topicPage(t))
		}
	}
	for name := range parts {
		if !found[name] {
			return fmt.Errorf("nothing has the marker <!-- %s: written by make generate -->", name)
		}
	}
	return nil
}
