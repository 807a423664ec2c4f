package debt

import (
	"context"
	"iter"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// freeCards is how many cards may be checked without the right to check in bulk.
const freeCards = 500

// asker asks the database about many cards.
type asker struct {
	client  *client.Client
	why     client.Why
	matches bool
	told    func(done int) // may be nil
	bulk    bool           // the everyday right was not enough, the right to check in bulk was
}

type checks = iter.Seq2[client.DebtCheck, error]

// all answers in as few calls as may be. It looks at the first cards to learn which right is needed before any person
// is opened.
func (a *asker) all(ctx context.Context, cards iter.Seq2[string, error]) checks {
	return func(yield func(client.DebtCheck, error) bool) {
		next, stop := iter.Pull2(cards)
		defer stop()
		head, err := take(next, freeCards+1)
		switch {
		case err != nil:
			yield(client.DebtCheck{}, err)
		case len(head) > freeCards:
			a.client.CheckDebts(ctx, a.why, chain(head, next), true, a.matches, a.told)(yield)
		default:
			a.few(ctx, head)(yield)
		}
	}
}

// oneByOne answers each card as it arrives.
func (a *asker) oneByOne(ctx context.Context, cards iter.Seq2[string, error]) checks {
	return func(yield func(client.DebtCheck, error) bool) {
		for card, err := range cards {
			if err != nil {
				yield(client.DebtCheck{}, err)
				return
			}
			for check, err := range a.few(ctx, []string{card}) {
				if !yield(check, err) || err != nil {
					return
				}
			}
		}
	}
}

// few answers up to freeCards cards with the everyday right. Where that is refused, because of all the cards checked
// lately or because a job has only the right to check in bulk, it uses that one.
func (a *asker) few(ctx context.Context, cards []string) checks {
	answers, err := a.collect(ctx, cards, a.bulk)
	if kit.Exit(err) == kit.ExitRefused && !a.bulk {
		if more, bulkErr := a.collect(ctx, cards, true); bulkErr == nil {
			a.bulk, answers, err = true, more, nil
		}
	}
	return func(yield func(client.DebtCheck, error) bool) {
		for _, answer := range answers {
			if !yield(answer, nil) {
				return
			}
		}
		if err != nil {
			yield(client.DebtCheck{}, err)
		}
	}
}

func (a *asker) collect(ctx context.Context, cards []string, bulk bool) (answers []client.DebtCheck, err error) {
	for answer, err := range a.client.CheckDebts(ctx, a.why, output.Slice(cards), bulk, a.matches, a.told) {
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}
