package sample

import "strings"

// The commonest surnames are real ones, from commonest on; the others are put together from syllables, so that a
// million people have some tens of thousands of surnames as they would in life.

func britishSurname(d *dice) string {
	n := d.zipf(len(britishSurnames) + len(britishStarts)*len(britishMiddles)*len(britishEnds))
	if n < len(britishSurnames) {
		return britishSurnames[n]
	}
	return compose(n-len(britishSurnames), britishStarts, britishMiddles, britishEnds)
}

func slovakSurname(d *dice) string {
	n := d.zipf(len(slovakSurnames) + len(slovakStarts)*len(slovakMiddles)*len(slovakEnds))
	if n < len(slovakSurnames) {
		return slovakSurnames[n]
	}
	return compose(n-len(slovakSurnames), slovakStarts, slovakMiddles, slovakEnds)
}

func compose(n int, starts, middles, ends []string) string {
	start, n := starts[n%len(starts)], n/len(starts)
	end, n := ends[n%len(ends)], n/len(ends)
	return start + middles[n] + end
}

// feminine is the form of a Slovak surname that a woman bears.
func feminine(surname string) string {
	for _, ending := range []struct{ from, to string }{
		{"ý", "á"}, {"ec", "cová"}, {"ek", "ková"}, {"a", "ová"}, {"o", "ová"},
	} {
		if stem, ok := strings.CutSuffix(surname, ending.from); ok {
			return stem + ending.to
		}
	}
	return surname + "ová"
}

// surname of a family at that authority, in the masculine form.
func surname(d *dice, authority int) string {
	if (authority == pbk) == d.chance(96) {
		return slovakSurname(d)
	}
	name := britishSurname(d)
	if d.chance(1.5) {
		name += "-" + pick(d, britishSurnames[:60])
	}
	return name
}

// borne is the family's surname as this person bears it.
func borne(family string, authority int, female bool) string {
	if authority == pbk && female {
		return feminine(family)
	}
	return family
}

func forenames(d *dice, authority int, female bool) string {
	var from []string
	switch {
	case authority == pbk && female:
		from = slovakWomen
	case authority == pbk:
		from = slovakMen
	case female:
		from = britishWomen
	default:
		from = britishMen
	}
	first := from[d.zipf(len(from))]
	if authority != pbk && d.chance(35) {
		return first + " " + pick(d, from)
	}
	return first
}

var ascii = strings.NewReplacer(
	"á", "a", "ä", "a", "č", "c", "ď", "d", "é", "e", "í", "i", "ĺ", "l", "ľ", "l", "ň", "n", "ó", "o", "ô", "o",
	"ŕ", "r", "ř", "r", "š", "s", "ť", "t", "ú", "u", "ů", "u", "ý", "y", "ž", "z", "ö", "o", "ü", "u", "ł", "l", " ", "", "'", "")

// mailName is a name as it stands in an e-mail address.
func mailName(name string) string { return ascii.Replace(strings.ToLower(name)) }
