package sample

import (
	"strconv"
	"strings"
)

// These write one row each; the ids are the order in which rows are written.

var methods = []string{"cash", "card", "online"}

// charge raises a fee in cents and says its id; loan zero means the fee belongs to none.
func (g *generator) charge(patron, authority int, kind string, cents int, on day, loan int) int {
	g.fees++
	g.fee.number(g.fees).number(patron).text(authorities[authority].code).text(kind).money(cents).day(on).id(loan).end()
	return g.fees
}

// pay writes a payment in cents.
func (g *generator) pay(patron, fee, cents int, on day, method string, branch int) {
	g.payments++
	g.touch(patron, on)
	row := g.payment.number(g.payments).number(patron).number(fee).money(cents).day(on).text(method)
	if method == "online" {
		row.null().null().null().end()
		return
	}
	row.text(branches[branch].code).text(clerks[branches[branch].authority]).null().end()
}

// clerks take the money, by authority.
var clerks = func() (logins []string) {
	for _, a := range authorities {
		logins = append(logins, strings.ToLower(a.code)+"_clerk")
	}
	return logins
}()

// lend writes a loan and says its id; returned zero means it is still out.
func (g *generator) lend(patron, item, branch int, lent, due, returned instant, renewals int) int {
	g.loans++
	b := branches[branch]
	g.loan.number(g.loans).number(patron).number(item).text(authorities[b.authority].code).text(b.code).
		instant(lent).instant(due).instant(returned).number(renewals).end()
	g.touch(patron, day(max(lent, returned)/86_400))
	return g.loans
}

// central is the first branch of an authority.
func central(authority int) int {
	for i, b := range branches {
		if b.authority == authority {
			return i
		}
	}
	panic("sample: an authority without a branch")
}

// reserve writes a hold: item zero is one that the library has not got, closed zero is open. One in three of the open ones waits.
func (g *generator) reserve(patron int, kind string, item, authority int, placed, closed instant, outcome string) {
	g.holds++
	title, branch, ready := "", "", instant(0)
	if item == 0 {
		title = "Asked for, no. " + strconv.Itoa(g.holds)
	}
	if closed == 0 && item != 0 && g.holds%3 == 0 && placed+86_400 < g.today.at(0) {
		ready = placed + 86_400
		branch = branches[central(authority)].code
	}
	g.hold.number(g.holds).number(patron).text(kind).id(item).text(title).text(authorities[authority].code).text(branch).
		instant(placed).instant(ready).instant(closed).text(outcome).end()
	g.touch(patron, day(max(placed, closed)/86_400))
}

func (g *generator) bar(p *person, authority int, level, reason string, placed, lifted day) {
	g.blocks++
	g.block.number(g.blocks).number(p.id).text(authorities[authority].code).text(level).text(reason).day(placed).day(lifted).end()
}
