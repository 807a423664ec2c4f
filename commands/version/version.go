// Package version is the version command.
package version

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
	"patronctl/output"
)

// Version is that of this program.
const Version = "0.1.0"

type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// New returns the version command.
func New(env *kit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Long:  "Show the version of this program. It does not connect.",
		Example: `  patronctl version
  patronctl version -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return run(env) },
	}
}

func run(env *kit.Env) error {
	b := current()
	return output.Document(env.Printer(), b, []output.Section{{Pairs: []output.Pair{
		{Name: "version", Value: b.Version, Style: output.Strong},
		{Name: "commit", Value: b.Commit},
		{Name: "go", Value: b.Go},
		{Name: "platform", Value: b.Platform},
	}}})
}

func current() build {
	b := build{Version: Version, Commit: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}
