package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"patronctl/commands"
	"patronctl/commands/kit"
)

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
	if err := manPages(root, files); err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(top, "README.md"))
	if err != nil {
		return nil, err
	}
	files["README.md"], err = withExitCodes(readme)
	return files, err
}

// manPages adds the page of cmd and of everything below it.
func manPages(cmd *cobra.Command, files map[string][]byte) error {
	if cmd.Hidden {
		return nil
	}
	// The same every time: no date of today, no tag with one.
	date := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	header := &doc.GenManHeader{Section: "1", Date: &date, Source: "patronctl", Manual: "patronctl manual"}
	cmd.DisableAutoGenTag = true
	if cmd.Long != "" {
		cmd.Long = "```\n" + cmd.Long + "\n```" // laid out by hand: keep the lines
	}
	subs := cmd.Commands() // GenMan adds a help command to every group
	var b bytes.Buffer
	if err := doc.GenMan(cmd, header, &b); err != nil {
		return err
	}
	files["completions/man1/"+strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"] = b.Bytes()
	for _, sub := range subs {
		if err := manPages(sub, files); err != nil {
			return err
		}
	}
	return nil
}

const (
	codesStart = "<!-- exit codes: written by make generate -->\n"
	codesEnd   = "<!-- end of exit codes -->"
)

// withExitCodes replaces the table between the markers.
func withExitCodes(readme []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(codesStart))
	_, after, closed := bytes.Cut(rest, []byte(codesEnd))
	if !ok || !closed {
		return nil, fmt.Errorf("README.md lacks the markers %q and %q", strings.TrimSpace(codesStart), codesEnd)
	}
	table := codesStart + kit.CodesMarkdown() + codesEnd
	return bytes.Join([][]byte{before, []byte(table), after}, nil), nil
}
