package output

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// Progress tells on stderr how far long work has come: as a bar on a terminal, otherwise as a line for each
// report. While a bar is shown nothing else may be written to the terminal.
type Progress struct {
	report func(done int64)
	end    func()
}

// NewProgress starts to show label and how many of total are done (0 when the total is unknown). With quiet
// it shows nothing. Call Done before writing anything else.
func NewProgress(t *Terminal, errw io.Writer, quiet bool, label string, total int64) *Progress {
	label = Clean(label)
	switch {
	case quiet:
		return &Progress{report: func(int64) {}, end: func() {}}
	case t.ErrIsTTY():
		return newBar(columnsOf(t.err), errw, label, total, barAfter)
	default:
		return &Progress{report: lineReporter(errw, label, total), end: func() {}}
	}
}

// Set reports that done of the total are done.
func (p *Progress) Set(done int64) { p.report(done) }

// Done stops showing progress; when less than the total is done, a bar says that it stopped there.
// Calling it again does nothing.
func (p *Progress) Done() { p.end() }

func lineReporter(w io.Writer, label string, total int64) func(int64) {
	return func(done int64) {
		if total > 0 {
			_, _ = fmt.Fprintf(w, "%s: %d of %d\n", label, done, total)
		} else {
			_, _ = fmt.Fprintf(w, "%s: %d\n", label, done)
		}
	}
}

// barAfter is how long work takes until its bar appears: what is over sooner is not worth a line.
const barAfter = 500 * time.Millisecond

func newBar(width int, w io.Writer, label string, total int64, after time.Duration) *Progress {
	bar := progress.NewWriter()
	bar.SetOutputWriter(w)
	// A line wider than the terminal would scroll at every update.
	bar.SetTerminalWidth(width)
	bar.SetTrackerLength(max(min(width/4, 40), 5))
	bar.SetUpdateFrequency(25 * time.Millisecond) // Done waits for the next one
	bar.SetAutoStop(true)
	bar.SetTrackerPosition(progress.PositionRight)
	options := &bar.Style().Options
	options.DoneString, options.ErrorString = "done", "stopped"
	options.TimeInProgressPrecision, options.TimeDonePrecision = time.Second, 100*time.Millisecond
	tracker := &progress.Tracker{Message: cut(label, width/3), Total: total}
	bar.AppendTracker(tracker)
	ended := make(chan struct{})
	appears := time.AfterFunc(after, func() {
		bar.Render()
		close(ended)
	})
	return &Progress{
		report: func(done int64) { tracker.SetValue(done) },
		end: sync.OnceFunc(func() {
			if appears.Stop() {
				return
			}
			if tracker.Value() < total {
				tracker.MarkAsErrored()
			} else {
				tracker.MarkAsDone()
			}
			<-ended
		}),
	}
}
