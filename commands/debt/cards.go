package debt

import (
	"io"
	"iter"

	"patronctl/commands/kit"
)

// cardsOf yields the card numbers in the first column of a file.
func cardsOf(in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for card, err := range kit.Cards(in) {
			if !yield(card.Number, err) {
				return
			}
		}
	}
}
