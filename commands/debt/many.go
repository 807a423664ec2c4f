package debt

import (
	"context"
	"iter"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

// checkMany answers a row for each card, without names, in constant memory.
func (o *checkOptions) checkMany(ctx context.Context) error {
	scanning := o.people.Arriving() // somebody stands at the desk with each card
	printer, columns := o.env.Printer(), checkColumns(scanning, o.matches)
	if err := output.CheckColumns(printer, columns); err != nil {
		return err
	}
	cards := output.Slice(o.people.Words)
	if o.people.Several() {
		var err error
		if cards, err = o.env.Refs(o.people); err != nil {
			return err
		}
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	var checks iter.Seq2[people.DebtCheck, error]
	switch {
	case scanning:
		printer.Live = true
		checks = o.oneByOne(ctx, c, cards)
	case o.people.File == "":
		checks = people.CheckDebts(ctx, c, o.env.Why(), cards, o.matches, nil)
	default:
		progress := o.progress()
		defer progress.Done()
		told := func(done int) { progress.Set(int64(done)) }
		checks = people.CheckDebts(ctx, c, o.env.Why(), cards, o.matches, told)
	}
	if err := output.List(printer, columns, o.watch(checks)); err != nil {
		return err
	}
	return o.condition.err()
}

// oneByOne answers each card as it arrives.
func (o *checkOptions) oneByOne(ctx context.Context, c *client.Client, cards iter.Seq2[string, error]) iter.Seq2[people.DebtCheck, error] {
	return func(yield func(people.DebtCheck, error) bool) {
		for card, err := range cards {
			var check *people.DebtCheck
			if err == nil {
				check, err = people.CheckDebt(ctx, c, o.env.Why(), card, o.matches)
			}
			if code := kit.Exit(err); code == kit.ExitUsage || code == kit.ExitNotFound { // a damaged scan ends nobody's work
				check, err = notFound(card), nil
			}
			if err != nil {
				yield(people.DebtCheck{}, err)
				return
			}
			if !yield(*check, nil) {
				return
			}
		}
	}
}

func notFound(card string) *people.DebtCheck {
	return &people.DebtCheck{
		Input: card, Verdict: people.NotFound, Reasons: []string{}, Debts: []people.Debt{}, PossibleMatches: []people.Match{},
	}
}

// progress is silent where the rows themselves appear on the terminal: a bar and they would spoil each other.
func (o *checkOptions) progress() *output.Progress {
	quiet := o.env.Flags.Quiet || o.env.Terminal.OutIsTTY()
	return output.NewProgress(o.env.Terminal, o.env.Err, quiet, "cards checked", 0)
}

// watch passes checks on and notes whether the condition that --exit-code asks about holds.
func (o *checkOptions) watch(checks iter.Seq2[people.DebtCheck, error]) iter.Seq2[people.DebtCheck, error] {
	return func(yield func(people.DebtCheck, error) bool) {
		for check, err := range checks {
			o.condition.see(check.Verdict)
			if !yield(check, err) {
				return
			}
		}
	}
}
