package sample

import (
	"fmt"
	"strconv"
)

// person is everything the relations about people say of one patron.
type person struct {
	account
	female                               bool
	family, surname, forenames, title    string
	emails, phones, document, language   string
	guardian                             int
	responsible                          string
	card, cardStatus, lostCard           string
	lines, town, postcode                string
	holiday                              bool
	lastFee                              day
	keepsHistory, external, protected    bool
	faith, sexuality, disability, origin string
	secret                               secret
}

// secret is the state of the password.
type secret struct {
	set, mustChange bool
	setOn           day
	oneTimeUntil    instant
	failed          int
	lockedUntil     instant
}

// someHash has the shape of a stored argon2id hash; no password leads to it.
const someHash = "$argon2id$v=19$m=19456,t=2,p=1$bWFkZSB1cCBzYWx0IQ$bm8gcGFzc3dvcmQgbGVhZHMgdG8gdGhpcyB2YWx1ZSE"

func (g *generator) person(id int) person {
	d := g.dice(personStream, id)
	p := person{account: g.account(id), lastFee: never}
	p.female = d.chance(54)
	p.family = surname(&d, p.home)
	if p.category == junior {
		g.bringUp(&p, &d)
	}
	p.surname = borne(p.family, p.home, p.female)
	p.forenames = forenames(&d, p.home, p.female)
	p.title = title(&d, &p)
	p.language = language(&d, p.home)
	g.reach(&p, &d)
	g.house(&p, &d)
	g.carry(&p, &d)
	if authorities[p.home].registration > 0 && p.category != junior {
		p.lastFee = p.registered + max(0, p.until(g.today)-1-p.registered)/year*year
	}
	p.keepsHistory = d.chance(10)
	p.protected = d.chance(0.5)
	p.external = d.chance(4)
	p.secret = someSecret(&d, &p, g.today)
	if d.chance(3) {
		p.sensitive(&d)
	}
	if d.chance(2) && p.category != junior {
		p.born = never
	}
	return p
}

// bringUp gives a child the grown-up who registered just before, if there is one at the same authority; other
// children have a name in the file and nobody behind it.
func (g *generator) bringUp(p *person, d *dice) {
	mother := d.chance(60)
	if before := p.id - 1; before > len(Awkward) {
		parent := g.account(before)
		if parent.home == p.home && parent.category == adult && parent.born < p.born-18*year {
			known := g.person(before)
			p.guardian, p.family = before, known.family
			p.responsible = known.forenames + " " + known.surname
			return
		}
	}
	p.responsible = forenames(d, p.home, mother) + " " + borne(p.family, p.home, mother)
}

func title(d *dice, p *person) string {
	switch {
	case p.category == junior || d.chance(40):
		return ""
	case p.home == pbk:
		return pick(d, []string{"", "Ing.", "Mgr.", "MUDr.", "PhDr.", "Bc."})
	case p.female:
		return pick(d, []string{"Mrs", "Ms", "Miss", "Ms", "Dr"})
	default:
		return pick(d, []string{"Mr", "Mr", "Mr", "Dr", "Rev"})
	}
}

func language(d *dice, home int) string {
	if d.chance(4) {
		return pick(d, []string{"cs", "cy", "hu", "pl", "uk", "ar", "ur"})
	}
	if home == pbk {
		return "sk"
	}
	return "en"
}

// reach makes up contacts: mail at domains kept for examples, phone numbers in areas that do not exist.
func (g *generator) reach(p *person, d *dice) {
	if d.chance(70) {
		p.emails = mailName(p.forenames) + "." + mailName(p.surname) + strconv.Itoa(p.id) +
			pick(d, []string{"@example.org", "@example.com", "@mail.example.net"})
	}
	if d.chance(60) {
		prefix := "+44 1000 "
		if p.home == pbk {
			prefix = "+421 100 "
		}
		p.phones = prefix + fmt.Sprintf("%06d", p.id%1_000_000)
	}
	if d.chance(20) && p.category != junior {
		p.document = fmt.Sprintf("X%c%06d", 'A'+rune(d.below(26)), p.id%1_000_000)
	}
}

func (g *generator) house(p *person, d *dice) {
	place := authorities[p.home]
	number := strconv.Itoa(1 + d.below(120))
	street := streets[p.home][d.below(len(streets[p.home]))]
	p.town = pick(d, place.towns)
	if p.home == pbk {
		p.lines = street + " " + number
		p.postcode = fmt.Sprintf("%s %02d", place.postcode, d.below(100))
		return
	}
	p.lines = number + " " + street
	if d.chance(8) {
		p.lines = "Flat " + strconv.Itoa(1+d.below(30)) + "\n" + p.lines
	}
	p.postcode = fmt.Sprintf("%s%d %d%c%c", place.postcode, 1+d.below(20), d.below(10), 'A'+rune(d.below(26)), 'A'+rune(d.below(26)))
	p.holiday = d.chance(4)
}

// carry hands out a card: the authority, the patron's number, and how many were issued before.
func (g *generator) carry(p *person, d *dice) {
	first := fmt.Sprintf("2%d%08d0", p.home+1, p.id)
	p.card, p.cardStatus = first, "active"
	switch {
	case p.deleted != never:
		p.cardStatus = "expired"
	case d.chance(1):
		p.cardStatus = "lost"
	case d.chance(3):
		p.lostCard = first
		p.card = first[:len(first)-1] + "1"
	}
}

func someSecret(d *dice, p *person, today day) secret {
	if p.external || d.chance(30) {
		return secret{setOn: never}
	}
	s := secret{set: true, setOn: p.registered + d.days(int(p.until(today)-p.registered))}
	if d.chance(5) {
		s.failed = 1 + d.below(3)
	}
	return s
}

// sensitive fills some of what the law calls special categories.
func (p *person) sensitive(d *dice) {
	switch d.below(4) {
	case 0:
		p.faith = pick(d, []string{"Christian", "Muslim", "Jewish", "Hindu", "none"})
	case 1:
		p.origin = pick(d, []string{"White British", "Asian British", "Slovak", "Hungarian", "Roma", "mixed"})
	default:
		p.disability = pick(d, []string{"blind or partially sighted", "hearing loss", "wheelchair user", "dyslexia", "housebound"})
	}
	if d.chance(10) {
		p.sexuality = pick(d, []string{"heterosexual", "gay or lesbian", "bisexual"})
	}
}
