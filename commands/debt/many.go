package debt

import (
	"context"
	"io"
	"iter"
	"os"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// checkMany answers a row for each card, without names, in constant memory.
func (o *checkOptions) checkMany(ctx context.Context) error {
	printer, columns := o.env.Printer(), checkColumns(false, o.matches)
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	in, err := o.open()
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	ask := asker{client: c, why: o.env.Why(), matches: o.matches}
	var checks iter.Seq2[client.DebtCheck, error]
	switch {
	case o.file != "":
		progress := o.progress()
		defer progress.Done()
		ask.told = func(done int) { progress.Set(int64(done)) }
		checks = ask.all(ctx, column(kit.Lines(in)))
	case len(o.patrons) > 1:
		checks = ask.all(ctx, output.Slice(o.patrons))
	default:
		printer.Live = true
		checks = ask.oneByOne(ctx, kit.Lines(in))
	}
	if err := output.List(printer, columns, o.watch(checks)); err != nil {
		return err
	}
	return o.condition.err()
}

// open returns what cards are read from.
func (o *checkOptions) open() (io.ReadCloser, error) {
	if o.file == "" || o.file == "-" {
		return io.NopCloser(o.env.In), nil
	}
	file, err := os.Open(o.file)
	if err != nil {
		return nil, kit.Usage("cannot read the cards: %s", err)
	}
	return file, nil
}

// progress is silent where the rows themselves appear on the terminal: a bar and they would spoil each other.
func (o *checkOptions) progress() *output.Progress {
	quiet := o.env.Flags.Quiet || o.env.Terminal.OutIsTTY()
	return output.NewProgress(o.env.Terminal, o.env.Err, quiet, "cards checked", 0)
}

// watch passes checks on and notes whether the condition that --exit-code asks about holds.
func (o *checkOptions) watch(checks iter.Seq2[client.DebtCheck, error]) iter.Seq2[client.DebtCheck, error] {
	return func(yield func(client.DebtCheck, error) bool) {
		for check, err := range checks {
			o.condition.see(check.Verdict)
			if !yield(check, err) {
				return
			}
		}
	}
}
