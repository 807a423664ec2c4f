package sample

// writeHolds adds holds over the same years: one for ten loans.
func (g *generator) writeHolds() {
	count := g.Loans / 10
	for n := range count {
		d := g.dice(holdStream, n)
		item := g.nthItem(d.below(g.Loans))
		branch := branchOf(item)
		placed := g.today - span + day(n*span/count)
		g.holdOrdinary(&d, g.borrower(&d, branch, placed), item, branch, placed)
	}
}

func (g *generator) holdOrdinary(d *dice, a account, item, branch int, placed day) {
	kind := "reservation"
	if d.chance(25) {
		kind = "order"
		if d.chance(60) {
			item = 0 // not bought yet
		}
	}
	age := int(g.today - placed)
	at := placed.at(d.below(openFor))
	authority := branches[branch].authority
	if age == 1 || age < 60 && d.chance(60) && a.deleted == never {
		g.reserve(a.id, kind, item, authority, at, 0, "")
		return
	}
	closed := placed + 1 + d.days(min(age-1, 40))
	outcome := pick(d, []string{"fulfilled", "fulfilled", "fulfilled", "cancelled", "expired"})
	g.reserve(a.id, kind, item, authority, at, closed.at(d.below(openFor)), outcome)
}

// writeServices adds fees that have nothing to do with a loan: copies, printing, room hire.
func (g *generator) writeServices() {
	count := g.Loans / 50
	for n := range count {
		d := g.dice(serviceStream, n)
		branch := slots[d.below(len(slots))]
		on := g.today - span + day(n*span/count)
		a := g.borrower(&d, branch, on)
		cents := 10 * (1 + d.below(80))
		fee := g.charge(a.id, branches[branch].authority, "service", cents, on, 0)
		g.settle(&d, a.id, fee, cents, on, branch)
		g.touch(a.id, on)
	}
}
