package commands

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"patronctl/commands/help"
	"patronctl/commands/kit"
)

// execute runs the command tree. Whatever fails before a command's own run has begun is a usage error.
func execute(ctx context.Context, env *kit.Env, args []string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fromPanic(env, v)
		}
	}()
	if err := checkText(args); err != nil {
		return err
	}
	root := Root(env)
	started := false
	onStart(root, &started)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if started {
		return err
	}
	if err == nil {
		err = unknownWord(cmd)
	}
	return asUsage(cmd, err)
}

// showHelp is silent about an unknown word before --help, which cobra lets pass; execute then reports it.
func showHelp(cmd *cobra.Command, args []string) {
	if unknownWord(cmd) == nil {
		help.Show(cmd, args)
	}
}

func unknownWord(cmd *cobra.Command) error {
	if !cmd.HasSubCommands() {
		return nil
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// checkText refuses arguments that PostgreSQL cannot take as text.
func checkText(args []string) error {
	for i, arg := range args {
		if !utf8.ValidString(arg) || strings.ContainsRune(arg, 0) {
			return kit.Usage("argument %d is not text in UTF-8", i+1)
		}
	}
	return nil
}

// onStart notes in started when any command's own run begins.
func onStart(cmd *cobra.Command, started *bool) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		onStart(sub, started)
	}
}

// asUsage adds the usage line to what cobra itself refuses: the number of arguments, required flags and groups of flags.
func asUsage(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*kit.Error](err); ok || err == nil {
		return err
	}
	what := strings.Replace(err.Error(), "unknown command", "unexpected argument", 1) // the words of cobra.NoArgs
	if strings.Contains(what, "arg(s)") {
		what = "wrong number of arguments" // cobra's sentence is about its own slice
	} else if said := kit.FlagsMissing(cmd, what); said != "" {
		what = said
	}
	return kit.Usage("%s; usage: %s", what, cmd.UseLine())
}

// fromPanic keeps the details for --debug: the value may hold a person's data.
func fromPanic(env *kit.Env, v any) error {
	if env.Flags.Debug {
		_, _ = fmt.Fprintf(env.Err, "debug: panic: %q\n%s", fmt.Sprint(v), debug.Stack())
	}
	return &kit.Error{
		Code:    kit.ExitUnexpected,
		Message: "unexpected: this is a fault in patronctl",
		Hint:    "run it again with --debug and report what it shows",
	}
}
