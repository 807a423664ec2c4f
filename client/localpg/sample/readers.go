package sample

// The reserved items stand on three shelves: hostile titles, one item for each loan of a quiet reader, and
// enough for the long history that no item in it is lent twice at a time.

const quietShelf = 60

func (g *generator) nextQuietItem() int {
	g.quiet++
	return len(hostileTitles) + g.quiet
}

// longShelf is the n-th item of the long history.
func (g *generator) longShelf(n int) int {
	others := len(hostileTitles) + quietShelf
	return others + 1 + n%(g.reserved-others)
}

// read gives a person returned loans, one every so many days, the last returned a week ago.
func (g *generator) read(p *person, count, every int) {
	for n := range count {
		back := g.today - 7 - day((count-1-n)*every)
		lent := back - 12
		g.lend(p.id, g.nextQuietItem(), p.branch, lent.at(n), due(lent, 0), back.at(n), 0)
	}
}

// devour is a long history: something of everything that anonymizing has to tell apart.
func (g *generator) devour(p *person) {
	for n := range g.LongHistory {
		back := g.today - 7 - day((g.LongHistory-1-n)*(span-30)/g.LongHistory)
		lent := back - 12
		loan := g.lend(p.id, g.longShelf(n), p.branch, lent.at(n%openFor), due(lent, 0), back.at(n%openFor), n%3)
		switch n % 20 {
		case 3, 4, 5:
			g.charge(p.id, cam, "overdue", 0, back, loan)
		case 9:
			fee := g.charge(p.id, cam, "overdue", 120, back, loan)
			g.pay(p.id, fee, 120, back+3, "card", p.branch)
		}
		switch n % 60 {
		case 37:
			g.charge(p.id, cam, "damaged", 350, back, loan)
		case 51:
			fee := g.charge(p.id, cam, "overdue", 200, back, loan)
			g.pay(p.id, fee, 80, back+3, "cash", p.branch)
		}
	}
	for n := range 2 {
		lent := g.today - 10
		g.lend(p.id, g.longShelf(g.LongHistory+n), p.branch, lent.at(n), due(lent, 0), 0, 0)
	}
	for n := range 14 {
		placed := g.today - 20 - day(n*60)
		closed, outcome := (placed + 9).at(n), "fulfilled"
		if n < 2 {
			closed, outcome = 0, ""
		}
		g.reserve(p.id, "reservation", g.longShelf(n), cam, placed.at(n), closed, outcome)
	}
}
