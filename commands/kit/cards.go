package kit

import (
	"io"
	"iter"
	"strings"
)

// Card is a card number in a file, and the line it stands in, counted from 1.
type Card struct {
	Number string
	Line   int
}

// Cards yields the first cell of each line of r, without the header "card" and without empty cells. Lines says what ends it.
func Cards(r io.Reader) iter.Seq2[Card, error] {
	return func(yield func(Card, error) bool) {
		first := true
		for line, err := range numbered(r) {
			card := Card{firstCell(line.text), line.number}
			isHeader := first && strings.EqualFold(card.Number, "card")
			first = false
			if err == nil && (card.Number == "" || isHeader) {
				continue
			}
			if !yield(card, err) {
				return
			}
		}
	}
}

// firstCell reads a line of CSV in any of its dialects. Cards hold no separators, so quoting needs no more than this.
func firstCell(line string) string {
	if end := strings.IndexAny(line, ",;\t"); end >= 0 {
		line = line[:end]
	}
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(line), `"`))
}
