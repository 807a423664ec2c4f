package kit

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patronctl/client"
)

// DateFlag is a flag that takes a day: 2026-01-31 or today.
type DateFlag struct{ client.Date }

// Set reads the day.
func (d *DateFlag) Set(s string) error {
	day, err := client.ParseDate(s)
	if err != nil {
		return err
	}
	d.Date = day
	return nil
}

// Type is the word that help shows for the value.
func (d *DateFlag) Type() string { return "DATE" }

// EnumVar adds a flag that takes one of the values, with their completion. The value target holds is the default.
func EnumVar[S ~string](cmd *cobra.Command, target *S, name, usage string, values ...string) {
	enumVarP(cmd, cmd.Flags(), target, name, "", usage, values)
}

func enumVarP[S ~string](cmd *cobra.Command, flags *pflag.FlagSet, target *S, name, short, usage string, values []string) {
	flags.VarP(&enum[S]{target, values}, name, short, usage+": "+strings.Join(values, ", "))
	complete(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

type enum[S ~string] struct {
	target *S
	values []string
}

func (e *enum[S]) String() string {
	if e.target == nil { // pflag asks a zero enum for its default
		return ""
	}
	return string(*e.target)
}

func (e *enum[S]) Type() string { return "WORD" }

func (e *enum[S]) Set(s string) error {
	if !slices.Contains(e.values, s) {
		return errors.New("write " + oneOf(e.values))
	}
	*e.target = S(s)
	return nil
}

// oneOf joins words as "a, b or c".
func oneOf(words []string) string { return joined(words, " or ") }

// allOf joins words as "a, b and c".
func allOf(words []string) string { return joined(words, " and ") }

func joined(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + last + words[end]
}

// FlagError turns what pflag says about a flag into a usage error of one line that names what is accepted.
func FlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch wrong := cmd.ValidateArgs(cmd.Flags().Args()); {
	case cmd.HasSubCommands() && wrong != nil: // the unknown word before it is the real mistake
		return wrong
	case errors.As(err, &unknown):
		return Usage("%s; accepted: %s", err, strings.Join(flagNames(cmd), ", "))
	case errors.As(err, &missing):
		return Usage("--%s needs a value: %s", missing.GetFlag().Name, strings.ReplaceAll(missing.GetFlag().Usage, "`", ""))
	case errors.As(err, &invalid):
		return Usage("invalid value %q for --%s: %s", invalid.GetValue(), invalid.GetFlag().Name, whatToWrite(invalid))
	default:
		return Usage("%s", err)
	}
}

// flagNames are the flags of cmd, its own first.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if name := "--" + f.Name; !slices.Contains(names, name) { // a verb's own may have the name of a global one
			names = append(names, name)
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(add)
	cmd.Root().PersistentFlags().VisitAll(add)
	return names
}

// groupOf finds the flags in cobra's sentences about groups of them.
var groupOf = regexp.MustCompile(`group \[([^]]+)\]`)

// FlagsMissing says which flags of cmd are missing, or which exclude each other, where that is what cobra said; else nothing.
func FlagsMissing(cmd *cobra.Command, said string) string {
	if group := groupOf.FindStringSubmatch(said); group != nil {
		names := strings.Fields("--" + strings.ReplaceAll(group[1], " ", " --"))
		switch {
		case strings.HasPrefix(said, "at least one"):
			return "give one of " + oneOf(names)
		case strings.Contains(said, "none of the others"):
			return "give only one of " + oneOf(names)
		default:
			return allOf(names) + " go together"
		}
	}
	var missing []*pflag.Flag
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if len(f.Annotations[cobra.BashCompOneRequiredFlag]) > 0 && !f.Changed {
			missing = append(missing, f)
		}
	})
	switch {
	case !strings.HasPrefix(said, "required flag") || len(missing) == 0:
		return ""
	case len(missing) == 1:
		return fmt.Sprintf("--%s is missing: %s", missing[0].Name, strings.ReplaceAll(missing[0].Usage, "`", ""))
	}
	names := make([]string, len(missing))
	for i, f := range missing {
		names[i] = "--" + f.Name
	}
	return allOf(names) + " are missing"
}

// whatToWrite says it in words where the cause is one of strconv's.
func whatToWrite(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "bool":
		return "write true or false"
	case "int", "int64", "uint":
		return "write a whole number"
	case "duration":
		return "write a duration such as 30s or 5m"
	default:
		return fmt.Sprint(errors.Unwrap(e))
	}
}
