package sample

// The ordinary loans of the last four years, in the order in which they were lent.

const (
	// span is how many days before today lending began; it ends yesterday.
	span = 4*year + 1
	// period is for how long a loan is lent, and by how long a renewal extends it.
	period = 28
	// oldestOut is the age from which on every loan has come back.
	oldestOut = 120
	// stillOut is the percentage of younger loans that have not: 5 % of all loans.
	stillOut = 62
	// withFee is the percentage of returned loans that bring a fee: 8 % of all loans.
	withFee = 8.5
)

func (g *generator) writeLoans() {
	first := g.loans
	count := g.Loans - first
	for n := range count {
		d := g.dice(loanStream, n)
		item := g.nthItem(n)
		branch := branchOf(item)
		lent := g.today - span + day(n*span/count)
		g.lendOrdinary(&d, g.borrower(&d, branch, lent), item, branch, lent)
	}
}

// nthItem goes round all items that are not reserved, in no visible order. One turn takes longer than any loan,
// so nothing is out twice at a time.
func (g *generator) nthItem(n int) int {
	const stride = 1_000_003 // a prime
	return g.reserved + 1 + n*stride%(g.items-g.reserved)
}

func (g *generator) lendOrdinary(d *dice, a account, item, branch int, lent day) {
	age := int(g.today - lent)
	out := age <= oldestOut && d.chance(stillOut) && a.deleted == never
	if out || age == 1 {
		renewals := (age - 1) / period
		if renewals > 0 && d.chance(20) {
			renewals = d.below(renewals)
		}
		g.lend(a.id, item, branch, lent.at(d.below(openFor)), due(lent, renewals), 0, renewals)
		return
	}
	kept := 1 + d.below(min(age-1, longest))
	back := lent + day(kept)
	renewals := (kept - 1) / period
	if renewals > 0 && d.chance(30) {
		renewals--
	}
	loan := g.lend(a.id, item, branch, lent.at(d.below(openFor)), due(lent, renewals), back.at(d.below(openFor)), renewals)
	if d.chance(withFee) {
		g.chargeForLoan(d, a.id, loan, branch, back)
	}
}

func due(lent day, renewals int) instant {
	return (lent + day(period*(1+renewals))).closing()
}

// chargeForLoan raises a fee on return. Nearly half are of zero: the library waives small sums but records them.
func (g *generator) chargeForLoan(d *dice, patron, loan, branch int, back day) {
	kind, cents := "overdue", 10*(1+d.below(60))
	switch p := d.below(100); {
	case p < 45:
		cents = 0
	case p < 52:
		kind, cents = "damaged", 100*(1+d.below(20))
	case p < 56:
		kind, cents = "lost", 100*(8+d.below(40))
	}
	fee := g.charge(patron, branches[branch].authority, kind, cents, back, loan)
	g.settle(d, patron, fee, cents, back, branch)
}

// settle pays most fees in full, some in part, some not at all.
func (g *generator) settle(d *dice, patron, fee, cents int, raised day, branch int) {
	p := d.below(100)
	switch {
	case cents == 0 || p < 12:
		return
	case p < 20 && cents >= 20:
		cents = 10 * (1 + d.below(cents/10-1))
	}
	on := min(raised+d.days(slowest), g.today-1)
	g.pay(patron, fee, cents, on, pick(d, methods), branch)
}
