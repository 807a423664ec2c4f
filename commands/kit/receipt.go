package kit

import "patronctl/output"

// Receipt is the line about the receipt of a write; a forecast has none.
func Receipt(receipt string) []output.Pair {
	if receipt == "" {
		return nil
	}
	return []output.Pair{{Name: "receipt", Value: receipt, Style: output.Faint, Whole: true}}
}
