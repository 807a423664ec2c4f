package kit

import (
	"errors"
	"fmt"
	"iter"

	"patronctl/client"
	"patronctl/output"
)

// Screens does the work of a verb that answers with a screen, which do hands to show, for each of the people; the answers
// about several are one array as json. What concerns one of several is reported, and the next one gets its turn; at the
// end that is exit 7, or the exit of the first of them where nothing was done.
func (e *Env) Screens(people People, do func(ref string, show output.Show) error) error {
	refs, err := e.Refs(people)
	if err != nil {
		return err
	}
	screens := output.NewScreens(e.Printer(), people.Several())
	err = e.each(refs, people.Several(), func(ref string) error { return do(ref, screens.Show) })
	if ended := screens.End(); err == nil {
		err = ended
	}
	return err
}

// Rows is Screens for a verb that answers with rows, as output.List writes them.
func Rows[T any](e *Env, people People, do func(ref string) ([]T, error)) iter.Seq2[T, error] {
	refs, err := e.Refs(people)
	return func(yield func(T, error) bool) {
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		err := e.each(refs, people.Several(), func(ref string) error {
			rows, err := do(ref)
			for _, row := range rows {
				if !yield(row, nil) {
					return ErrOutputClosed
				}
			}
			return err
		})
		if err != nil && !errors.Is(err, ErrOutputClosed) {
			var none T
			yield(none, err)
		}
	}
}

func (e *Env) each(refs iter.Seq2[string, error], several bool, do func(ref string) error) error {
	done, failed, first := 0, 0, ExitOK
	for ref, err := range refs {
		if err == nil {
			err = do(ref)
		}
		switch {
		case err == nil:
			done++
		case several && concernsOne(err):
			if failed++; failed == 1 {
				first = Exit(err)
			}
			said := fmt.Sprintf("entry %d: %s", done+failed, err)
			e.ShowError(&Error{Code: Exit(err), Message: said, Hint: Hint(err)}, e.Flags.WantsJSON())
		default:
			return partly(done, err)
		}
	}
	switch {
	case failed == 0:
		return nil
	case done > 0:
		first = ExitPartlyDone
	}
	return &Error{Code: first, Message: fmt.Sprintf("%d of %d could not be done", failed, done+failed)}
}

// concernsOne tells whether an error is about one of several patrons, so that the next may well succeed: also when the
// database could make nothing of a damaged scan, and when somebody answered no.
func concernsOne(err error) bool {
	code := Exit(err)
	refused, ok := errors.AsType[*client.Error](err)
	return code == ExitNotFound || code == ExitRefused || code == ExitNotConfirmed || ok && refused.Kind == client.KindUsage
}

// partly adds to an error what was done before it.
func partly(done int, err error) error {
	from, ok := errors.AsType[*client.Error](err)
	if done == 0 || errors.Is(err, ErrOutputClosed) || ok && from.Kind == client.KindUnknown {
		return err
	}
	said := fmt.Sprintf("%d done before this: %s", done, err)
	if code := Exit(err); code == ExitInterrupted || code == ExitTerminated {
		said = fmt.Sprintf("%d done before", done)
	}
	return &Error{Code: ExitPartlyDone, Message: said, Hint: Hint(err)}
}
