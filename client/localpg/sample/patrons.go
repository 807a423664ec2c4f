package sample

// writePatrons writes the relations about people, the awkward ones first.
func (g *generator) writePatrons() {
	for i := range Awkward {
		p := g.awkward(i)
		g.writePerson(&p)
	}
	for id := len(Awkward) + 1; id <= g.Patrons; id++ {
		p := g.person(id)
		d := g.dice(patronStream, id)
		g.payRegistration(&d, &p)
		g.writePerson(&p)
		g.writeConsents(&d, &p)
		if d.chance(1.5) {
			g.blockSomebody(&d, &p)
		}
	}
}

func (g *generator) writePerson(p *person) {
	home := authorities[p.home].code
	g.writeAccount(p, home)
	g.identity.number(p.id).text(home).text(p.surname).text(p.forenames).text(p.title).day(p.born).
		text(p.emails).text(p.phones).text(p.document).text(p.responsible).text(p.language).end()
	g.writeCards(p)
	g.writeAddresses(p, home)
	if p.faith+p.sexuality+p.disability+p.origin != "" {
		g.special.number(p.id).text(home).text(p.faith).text(p.sexuality).text(p.disability).text(p.origin).end()
	}
	g.writeJoining(p)
	if !p.external {
		g.writeCredential(p, home)
	}
	g.membership.number(p.id).text(home).text(basis(p)).day(p.registered).day(p.expires).end()
	if p.also != nowhere {
		g.membership.number(p.id).text(authorities[p.also].code).text("work").day(p.registered).day(p.expires).end()
	}
}

func (g *generator) writeAccount(p *person, home string) {
	status, login := "active", "local"
	if p.deleted != never {
		status = "deleted"
	}
	if p.external {
		login = "external"
	}
	row := g.patron.number(p.id).text(home).text(branches[p.branch].code).text(categories[p.category].code)
	if p.born == never {
		row.null()
	} else {
		row.number(p.born.time().Year())
	}
	row.text(status).day(p.registered).day(p.expires).day(p.lastFee).day(p.deleted).
		day(max(p.registered, g.active[p.id])).flag(p.keepsHistory).text(login).flag(p.protected).id(p.guardian).end()
}

func (g *generator) writeCards(p *person) {
	issued := p.registered
	if p.lostCard != "" {
		g.card.text(p.lostCard).number(p.id).day(issued).text("lost").end()
		issued += (g.today - issued) / 2
	}
	g.card.text(p.card).number(p.id).day(issued).text(p.cardStatus).end()
}

func (g *generator) writeAddresses(p *person, home string) {
	if p.lines == "" {
		return
	}
	g.address.number(p.id).text(home).text("permanent").number(1).text(p.lines).text(p.town).text(p.postcode).
		text(authorities[p.home].country).end()
	if p.holiday {
		for i, lines := range []string{"Lake Cottage", "Old Boathouse"} {
			g.address.number(p.id).text(home).text("temporary").number(i + 1).text(lines).text("Lower Wending").text("KX99 9ZZ").text("GB").end()
		}
	}
}

func (g *generator) writeCredential(p *person, home string) {
	row := g.credential.number(p.id).text(home)
	if p.secret.set {
		row.text(someHash).instant(p.secret.setOn.at(0))
	} else {
		row.null().null()
	}
	row.instant(p.secret.oneTimeUntil).flag(p.secret.mustChange).number(p.secret.failed).instant(p.secret.lockedUntil).end()
}

func basis(p *person) string {
	if p.category == student {
		return "study"
	}
	return "resident"
}

// writeJoining writes the consent of joining, which is asked of everybody; CardNoConsent and one in thirty came before it
// was, and some have withdrawn it.
func (g *generator) writeJoining(p *person) {
	d := g.dice(joiningStream, p.id)
	never, gone := d.chance(3), d.chance(1)
	if p.card == CardNoConsent || p.id > len(Awkward) && never {
		return
	}
	withdrawn := instant(0)
	if p.id > len(Awkward) && gone && p.registered < g.today-2 {
		withdrawn = (g.today - 1 - d.days(int(min(g.today-p.registered-2, 90)))).at(d.below(openFor))
	}
	g.consent.number(p.id).text(authorities[p.home].code).text("joining").null().text("joining-1").
		instant(p.registered.at(0)).instant(withdrawn).text(pick(&d, []string{"desk", "desk", "web"})).end()
}

// ConsentPurposes are what people in the sample consented to, besides joining.
var ConsentPurposes = []string{"marketing", "newsletter", "events"}

func (g *generator) writeConsents(d *dice, p *person) {
	until := p.until(g.today)
	for i, purpose := range ConsentPurposes {
		if !d.chance(float64(25 - 7*i)) {
			continue
		}
		given := p.registered + d.days(int(until-p.registered))
		withdrawn := instant(0)
		if d.chance(20) && given < until-1 {
			withdrawn = (given + 1 + d.days(int(until-given)-1)).at(d.below(openFor))
		}
		g.consent.number(p.id).text(authorities[p.home].code).text(purpose).text(pick(d, []string{"email", "post", "sms"})).
			text(purpose + "-2").instant(given.at(0)).instant(withdrawn).text(pick(d, []string{"desk", "web"})).end()
	}
}

func (g *generator) blockSomebody(d *dice, p *person) {
	until := p.until(g.today)
	placed := max(p.registered, until-1-d.days(year))
	lifted := never
	if d.chance(50) {
		lifted = placed + d.days(int(until-placed))
	}
	level := pick(d, []string{"warn", "warn", "refuse"})
	g.bar(p, p.home, level, pick(d, []string{"address_unknown", "damaged_items", "conduct", "documents_missing"}), placed, lifted)
}

func (g *generator) payRegistration(d *dice, p *person) {
	if p.lastFee == never {
		return
	}
	fee := g.charge(p.id, p.home, "registration", authorities[p.home].registration, p.lastFee, 0)
	g.pay(p.id, fee, authorities[p.home].registration, p.lastFee, pick(d, methods), p.branch)
}
