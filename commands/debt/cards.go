package debt

import (
	"iter"
	"strings"
)

// column yields the first cell of each line, without the header "card" and without empty cells.
func column(lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		first := true
		for line, err := range lines {
			card := firstCell(line)
			isHeader := first && strings.EqualFold(card, "card")
			first = false
			if err == nil && (card == "" || isHeader) {
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

// take reads up to n cards.
func take(next func() (string, error, bool), n int) ([]string, error) {
	var cards []string
	for len(cards) < n {
		card, err, ok := next()
		if err != nil || !ok {
			return cards, err
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// chain yields the cards of head, then what next still has.
func chain(head []string, next func() (string, error, bool)) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, card := range head {
			if !yield(card, nil) {
				return
			}
		}
		for {
			card, err, ok := next()
			if !ok || !yield(card, err) {
				return
			}
		}
	}
}
