package kit

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

// Number reads the number of something the database counts, such as a request; what says which, and where reads how to find one.
func Number(what, word, where string) (int64, error) {
	number, err := parseNumber(word)
	if err != nil {
		return 0, &Error{Code: ExitUsage, Message: strconv.Quote(word) + " is not the number of a " + what, Hint: "see " + where}
	}
	return number, nil
}

// RequestVar adds --request: the request that something is done for.
func RequestVar(cmd *cobra.Command, env *Env, target *int64) {
	cmd.Flags().Var((*numberFlag)(target), "request", "`NUMBER` of the request it is done for")
	complete(cmd, "request", CompleteNames(env, "request"))
}

// numberFlag is a flag that takes a number from 1; 0 is none.
type numberFlag int64

func (n *numberFlag) Set(s string) (err error) {
	*(*int64)(n), err = parseNumber(s)
	return err
}

func (n *numberFlag) Type() string { return "NUMBER" }

func (n *numberFlag) String() string {
	if n == nil || *n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}

func parseNumber(s string) (int64, error) {
	number, err := strconv.ParseInt(s, 10, 64)
	if err != nil || number < 1 {
		return 0, errors.New("write a number such as 17")
	}
	return number, nil
}
