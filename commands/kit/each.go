package kit

import (
	"errors"
	"fmt"

	"patronctl/client"
)

// Each does what a writing verb does, for the one reference that args are or for every line of stdin. What concerns one of
// several lines is reported, and the next one gets its turn. That nobody reads the output any more ends nothing: half a
// batch would look like a whole one.
func (e *Env) Each(args []string, do func(ref string) error) error {
	several := len(args) == 1 && args[0] == "-"
	done, failed := 0, 0
	for ref, err := range e.Refs(args) {
		if err == nil {
			err = do(ref)
		}
		switch {
		case err == nil, errors.Is(err, ErrOutputClosed):
			done++
		case several && ConcernsOne(err):
			failed++
			said := fmt.Sprintf("entry %d: %s", done+failed, err)
			e.Report(&Error{Code: Exit(err), Message: said, Hint: Hint(err)}, e.Flags.WantsJSON())
		default:
			return partly(done, err)
		}
	}
	if failed > 0 {
		return &Error{Code: ExitPartlyDone, Message: fmt.Sprintf("%d of %d could not be done", failed, done+failed)}
	}
	return nil
}

// ConcernsOne tells whether an error is about one of several patrons, so that the next may well succeed: also when the
// database could make nothing of a damaged scan.
func ConcernsOne(err error) bool {
	code := Exit(err)
	refused, ok := errors.AsType[*client.Error](err)
	return code == ExitNotFound || code == ExitRefused || ok && refused.Kind == client.KindUsage
}

// partly adds to an error what was done before it.
func partly(done int, err error) error {
	if from, ok := errors.AsType[*client.Error](err); done == 0 || ok && from.Kind == client.KindUnknown {
		return err
	}
	said := fmt.Sprintf("%d done before this: %s", done, err)
	if code := Exit(err); code == ExitInterrupted || code == ExitTerminated {
		said = fmt.Sprintf("%d done before", done)
	}
	return &Error{Code: ExitPartlyDone, Message: said, Hint: Hint(err)}
}
