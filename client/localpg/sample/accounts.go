package sample

import "math"

// account is the part of an ordinary patron that lending depends on. It is worked out from the id alone, so
// nobody has to be remembered.
type account struct {
	id, branch, home, category int
	born                       day
	registered, expires        day
	deleted                    day
	// also is a second authority the patron is a member of, or nowhere.
	also int
}

const nowhere = -1

// account of an ordinary patron, whose id is beyond the awkward ones.
func (g *generator) account(id int) account {
	d := g.dice(accountStream, id)
	n := id - len(Awkward) - 1
	a := account{id: id, branch: slots[n%len(slots)], expires: never, deleted: never, also: nowhere}
	a.home = branches[a.branch].authority

	var age int
	a.category, age = ageGroup(&d)
	a.born = g.today - day(age*year) - d.days(year)
	years := min(12, age-2)
	// The first patron of each slot has always been there: see borrower.
	founder := n < len(slots)
	if founder {
		a.category, a.born = adult, g.today-40*year-d.days(year)
		a.registered = g.today - 8*year - d.days(4*year)
	} else {
		a.registered = g.today - 1 - d.days(years*year)
	}

	fate := d.fraction()
	switch {
	case founder || fate < 0.90:
		a.expires = g.today + 1 + d.days(year)
	case fate < 0.97:
		a.expires = max(a.registered+1, g.today-1-d.days(2*year))
	case fate < 0.985:
		a.expires = g.today + 1 + d.days(year)
		a.deleted = max(a.registered, g.today-1-d.days(2*year))
	}
	if d.chance(6) {
		a.also = (a.home + 1 + d.below(2)) % len(authorities)
	}
	return a
}

// ageGroup is a category and a full age in years. Students are of few years, so that some groups of one branch,
// category and birth year are large enough to hide in.
func ageGroup(d *dice) (category, age int) {
	switch p := d.below(100); {
	case p < 18:
		return junior, 4 + d.below(10)
	case p < 38:
		return student, 16 + d.below(8)
	case p < 78:
		return adult, 24 + d.below(38)
	case p < 94:
		return senior, 62 + d.below(28)
	default:
		return reduced, 24 + d.below(38)
	}
}

const (
	// longest is the most days a loan of the past took, slowest those until its fee was paid.
	longest = 45
	slowest = 60
)

// until is the day up to which there is anything to say about the account.
func (a *account) until(today day) day {
	if a.deleted != never {
		return a.deleted
	}
	return today
}

// borrows says whether the account was good for a loan on that day, and remained until all about it was settled.
func (a *account) borrows(on day) bool {
	return a.registered <= on &&
		(a.expires == never || on <= a.expires) &&
		(a.deleted == never || on+longest+slowest < a.deleted)
}

// borrower picks who used a branch on a day. Few patrons use it much, many a little, a fifth not at all.
func (g *generator) borrower(d *dice, branch int, on day) account {
	places := slotsOf[branch]
	ordinary := g.Patrons - len(Awkward)
	regulars := max(1, ordinary/len(slots)*len(places)*4/5)
	visitor := d.chance(3)
	for try := range 200 {
		id := len(Awkward) + 1
		visitor = visitor && try < 100 // members of two authorities are rare: not for ever
		if visitor {
			id += d.below(ordinary)
		} else {
			u := d.fraction()
			rank := int(u * math.Sqrt(u) * float64(regulars))
			id += rank/len(places)*len(slots) + places[rank%len(places)]
		}
		a := g.account(id)
		if a.borrows(on) && (!visitor || a.also == branches[branch].authority) {
			return a
		}
	}
	return g.account(len(Awkward) + 1 + places[0])
}
