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

// freeCards is how many cards may be checked without the right to check in bulk.
const freeCards = 500

// checkMany answers a row for each card, without names, in constant memory.
func (o *checkOptions) checkMany(ctx context.Context) error {
	printer, columns := o.env.Printer(), checkColumns(false)
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	in, err := o.open()
	if err != nil {
		return err
	}
	defer in.Close() // only read from: nothing is lost when closing fails
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	var checks iter.Seq2[client.DebtCheck, error]
	switch {
	case o.file != "":
		progress := o.progress()
		defer progress.Done()
		checks = o.inChunks(ctx, c, column(kit.Lines(in)), func(done int) { progress.Set(int64(done)) })
	case len(o.patrons) > 1:
		checks = o.inChunks(ctx, c, output.Slice(o.patrons), nil)
	default:
		printer.Live = true
		checks = o.oneByOne(ctx, c, kit.Lines(in))
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

// inChunks answers in as few calls as may be. It looks at the first cards to learn whether the right to check in bulk is
// needed, before any person is opened.
func (o *checkOptions) inChunks(ctx context.Context, c *client.Client, cards iter.Seq2[string, error], told func(int)) iter.Seq2[client.DebtCheck, error] {
	return func(yield func(client.DebtCheck, error) bool) {
		next, stop := iter.Pull2(cards)
		defer stop()
		head, err := take(next, freeCards+1)
		if err != nil {
			yield(client.DebtCheck{}, err)
			return
		}
		c.CheckDebts(ctx, o.env.Why(), chain(head, next), len(head) > freeCards, o.matches, told)(yield)
	}
}

// oneByOne answers each card as it arrives.
func (o *checkOptions) oneByOne(ctx context.Context, c *client.Client, cards iter.Seq2[string, error]) iter.Seq2[client.DebtCheck, error] {
	return func(yield func(client.DebtCheck, error) bool) {
		asked := 0
		for card, err := range cards {
			if err != nil {
				yield(client.DebtCheck{}, err)
				return
			}
			asked++
			for check, err := range c.CheckDebts(ctx, o.env.Why(), output.Slice([]string{card}), asked > freeCards, o.matches, nil) {
				if !yield(check, err) {
					return
				}
			}
		}
	}
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
