// Package completion prints the scripts that teach a shell to complete patronctl's command line.
package completion

import (
	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

// New returns the completion command.
func New(env *kit.Env) *cobra.Command {
	cmd := kit.Group("completion", "Print a completion script for a shell",
		script("bash", "source <(patronctl completion bash)", func(root *cobra.Command) error {
			return root.GenBashCompletionV2(env.Out, true)
		}),
		script("zsh", `patronctl completion zsh > "${fpath[1]}/_patronctl"`, func(root *cobra.Command) error {
			return root.GenZshCompletion(env.Out)
		}),
		script("fish", "patronctl completion fish | source", func(root *cobra.Command) error {
			return root.GenFishCompletion(env.Out, true)
		}),
		script("powershell", "patronctl completion powershell | Out-String | Invoke-Expression", func(root *cobra.Command) error {
			return root.GenPowerShellCompletionWithDesc(env.Out)
		}),
	)
	cmd.Long = `Print a completion script for a shell. Names of authorities, branches and
categories are asked from the database while you type; patrons never are.`
	return cmd
}

func script(shell, example string, write func(root *cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use:     shell,
		Short:   "Print the script for " + shell,
		Example: "  " + example,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return write(cmd.Root()) },
	}
}
