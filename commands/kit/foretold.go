package kit

import (
	"context"
	"errors"

	"patronctl/client"
	"patronctl/output"
)

// Foretold is work that cannot be undone: whoever asks for it is shown what it would do and asked before it is done.
type Foretold[T any] struct {
	Forecast func() (*T, error)
	Question func(forecast *T) string // empty where there is nothing to do: the forecast is the answer
	Act      func(agreed *T) (*T, error)
	Screen   func(*T) []output.Section // of a forecast or a result
}

// Do forecasts, tells, asks and acts. With --yes there is nobody to read a forecast, and agreed is nil; with dryRun the
// forecast is the answer.
func (f Foretold[T]) Do(ctx context.Context, e *Env, dryRun bool) (*T, error) {
	if e.Flags.Yes && !dryRun {
		return f.Act(nil)
	}
	forecast, err := f.Forecast()
	if err != nil || dryRun {
		return forecast, err
	}
	question := f.Question(forecast)
	if question == "" {
		return forecast, nil
	}
	if err := e.Tell(forecast, f.Screen(forecast)); err != nil {
		return nil, err
	}
	if err := e.Confirm(ctx, question); err != nil {
		return nil, err
	}
	return f.Act(forecast)
}

// EachForetold is Screens for such work on each of the people.
func EachForetold[T any](
	ctx context.Context, e *Env, people People, dryRun bool, work func(c *client.Client, ref string) Foretold[T],
) error {
	if err := output.CheckColumns[T](e.Printer(), nil); err != nil {
		return err
	}
	if !dryRun {
		if err := e.Answerable(); err != nil {
			return err
		}
	}
	c, err := e.Client(ctx)
	if err != nil {
		return err
	}
	return e.Screens(people, func(ref string, show output.Show) error {
		f := work(c, ref)
		done, err := f.Do(ctx, e, dryRun)
		if err != nil {
			return err
		}
		err = show(done, f.Screen(done))
		if errors.Is(err, ErrOutputClosed) {
			return nil // half a batch would look like a whole one
		}
		return err
	})
}

// Tell shows a screen where the question about it appears: stdout gets the result only.
func (e *Env) Tell(value any, sections []output.Section) error {
	if e.Flags.Quiet {
		return nil
	}
	p := e.Printer()
	p.Out, p.Format = e.Err, output.Table
	return output.Document(p, value, sections)
}
