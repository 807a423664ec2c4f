package sample

import (
	"strings"
	"time"
)

// troubledAccounts are situations that the rules must get right.
var troubledAccounts = []Person{
	{
		Card: CardTwinClear, What: "registered at two authorities, here (CAM) owing nothing; see 90000013", branch: "CAM-CEN", category: adult,
		surname: "Ellison", forenames: "Margaret", born: "1984-03-15",
	},
	{
		Card: CardTwinOwing, What: "the same person registered at KEN, owing 37.50 GBP there", branch: "KEN-CEN", category: adult,
		surname: "Ellison", forenames: "Margaret", born: "1984-03-15", life: func(g *generator, p *person) {
			g.owe(p, ken, "lost", 3750, 200)
		},
	},
	{
		Card: CardOwesElsewhere, What: "member of CAM and KEN, owing 42.00 GBP at KEN", branch: "CAM-CEN", category: adult, surname: "Farrow",
		forenames: "Owen", born: "1991-11-23", adjust: memberOf(ken), life: func(g *generator, p *person) {
			g.owe(p, ken, "lost", 4200, 150)
		},
	},
	{
		Card: CardOwesEuro, What: "member of CAM and PBK, owing 18.60 EUR at PBK", branch: "CAM-NOR", category: adult, surname: "Harding",
		forenames: "Beatrice", born: "1987-01-29", adjust: memberOf(pbk), life: func(g *generator, p *person) {
			g.owe(p, pbk, "overdue", 1860, 90)
		},
	},
	{
		Card: CardCredit, What: "10.00 GBP of credit at CAM, 12.40 GBP owed to KEN: they do not offset", branch: "CAM-CEN", category: adult,
		surname: "Balance", forenames: "Penny", born: "1974-06-02", adjust: memberOf(ken), life: func(g *generator, p *person) {
			fee := g.charge(p.id, cam, "service", 500, g.today-80, 0)
			g.pay(p.id, fee, 1500, g.today-80, "card", p.branch)
			g.owe(p, ken, "overdue", 1240, 60)
		},
	},
	{
		Card: CardExpired, What: "account expired four months ago", branch: "KEN-CEN", category: adult, surname: "Lapsley", forenames: "Graham",
		born: "1962-08-14", adjust: func(g *generator, p *person) {
			p.expires = g.today - 120
		},
	},
	{
		Card: CardLost, What: "card reported lost, no other issued", branch: "CAM-CEN", category: adult, surname: "Mislay", forenames: "Doris",
		born: "1949-12-24", adjust: func(_ *generator, p *person) {
			p.cardStatus = "lost"
		},
	},
	{
		Card: CardExternal, What: "logs in through the town's own directory", branch: "KEN-CEN", category: adult, surname: "Fedders",
		forenames: "Samuel", born: "1998-10-05", adjust: func(_ *generator, p *person) {
			p.external, p.secret = true, secret{setOn: never}
		},
	},
	{
		Card: CardParent, What: "guardian of the child 90000021", branch: "CAM-MIL", category: adult, surname: "Wardley", forenames: "Ruth",
		born: "1986-02-20",
	},
	{
		Card: CardChild, What: "child of nine, guardian 90000020", branch: "CAM-MIL", category: junior, surname: "Wardley", forenames: "Toby",
		adjust: func(g *generator, p *person) {
			p.born = g.today - 9*year - 100
			p.registered = g.today - 3*year
			p.guardian, p.responsible = p.id-1, "Ruth Wardley"
			p.emails = ""
		},
	},
	{
		Card: CardProtected, What: "protected: no rule may ever erase it", branch: "CAM-CEN", category: senior, surname: "Keeping",
		forenames: "Sir Alastair", born: "1938-04-04", adjust: func(g *generator, p *person) {
			p.protected = true
			p.expires = g.today - 4*year
		},
	},
	{Card: CardNoBirthDate, What: "no birth date", branch: "CAM-NOR", category: adult, surname: "Dateless", forenames: "Ivy"},
	{
		Card: "90000024", What: "two-letter surname Ng", branch: "CAM-CEN", category: adult, surname: "Ng", forenames: "Wai Ling",
		born: "1995-05-18",
	},
	{Card: "90000025", What: "two-letter surname Li", branch: "KEN-CEN", category: adult, surname: "Li", forenames: "Jun", born: "1982-09-27"},
	{
		Card: "90000026", What: "apostrophe in the surname", branch: "KEN-ALD", category: adult, surname: "O'Brien", forenames: "Aoife",
		born: "1989-03-17",
	},
	{
		Card: "90000027", What: "hyphenated surname", branch: "CAM-HAR", category: adult, surname: "Featherstone-Haugh", forenames: "Jemima",
		born: "1970-07-07",
	},
	{
		Card: CardLockedOut, What: "locked out after ten wrong passwords", branch: "CAM-CEN", category: adult, surname: "Forgetson",
		forenames: "Alan", born: "1957-11-30", adjust: func(g *generator, p *person) {
			p.secret.failed = 10
			p.secret.lockedUntil = (g.today + year).at(0)
		},
	},
	{
		Card: CardOneTime, What: "one-time code issued and not used yet", branch: "KEN-CEN", category: adult, surname: "Newcode",
		forenames: "Nadia", born: "1999-04-12", adjust: func(g *generator, p *person) {
			p.secret = secret{set: true, setOn: g.today - 1, oneTimeUntil: g.today.closing(), mustChange: true}
		},
	},
	{
		Card: CardKeepsHistory, What: "asked for the reading history to be kept", branch: "CAM-CEN", category: senior, surname: "Diarist",
		forenames: "Harriet", born: "1947-01-06", adjust: func(_ *generator, p *person) {
			p.keepsHistory = true
		}, life: func(g *generator, p *person) {
			g.read(p, 25, 40)
		},
	},
	{
		Card: CardAccented, What: "accented surname, found without accents", branch: "PBK-UST", category: adult, surname: "Císařová",
		forenames: "Žofia", born: "1985-10-28", adjust: func(_ *generator, p *person) {
			p.title = "Mgr."
		}, life: func(g *generator, p *person) {
			g.read(p, 8, 30)
		},
	},
	{
		Card: CardDeleted, What: "account deleted a year ago", branch: "CAM-CEN", category: adult, surname: "Gonebury", forenames: "Victor",
		born: "1960-02-29", adjust: func(g *generator, p *person) {
			p.deleted = g.today - year
			p.cardStatus = "expired"
		},
	},
	{
		Card: CardRefused, What: "blocked: no service (refuse)", branch: "KEN-CEN", category: adult, surname: "Barred", forenames: "Lionel",
		born: "1978-08-21", life: func(g *generator, p *person) {
			g.bar(p, ken, "refuse", "conduct", g.today-45, never)
		},
	},
	{
		Card: "90000034", What: "blocked: ask for the new address (warn)", branch: "KEN-CEN", category: adult, surname: "Moving",
		forenames: "Stella", born: "1992-12-12", life: func(g *generator, p *person) {
			g.bar(p, ken, "warn", "address_unknown", g.today-10, never)
			g.bar(p, ken, "refuse", "documents_missing", g.today-300, g.today-280)
		},
	},
	{
		Card: CardTinyGroup, What: "the only one of that birth year, category and branch", branch: "CAM-MOB", category: reduced,
		surname: "Lonelander", forenames: "Ethelbert", born: "1919-06-28", life: func(g *generator, p *person) {
			g.read(p, 12, 60)
		},
	},
	{
		Card: CardLongHistory, What: "long history: 240 returned loans in the demo, some with unpaid fees, zero fees, holds, 2 active loans",
		branch: "CAM-CEN", category: student, surname: "Bookworm", forenames: "Matilda", adjust: func(g *generator, p *person) {
			p.born = dayOf(time.Date(g.today.time().Year()-20, time.January, 15, 0, 0, 0, 0, time.UTC))
		}, life: (*generator).devour,
	},
	{
		Card: CardHostileItems, What: "has items with hostile titles out, all overdue", branch: "KEN-CEN", category: adult, surname: "Titterton",
		forenames: "Giles", born: "1981-05-05", life: func(g *generator, p *person) {
			for item := range hostileTitles {
				lent := g.today - 70
				g.lend(p.id, item+1, branchOf(item+1), lent.at(600+item), due(lent, 0), 0, 0)
			}
		},
	},
	{
		Card: "90000038", What: "a name of 300 letters", branch: "CAM-NOR", category: adult,
		surname: "Llan" + strings.Repeat("fairpwllgwyn", 24) + "goch", forenames: "Gwen", born: "1973-03-01",
	},
	{
		Card: CardNoConsent, What: "emoji joined into one in the name, only a surname, no contact, no consent of joining", branch: "KEN-LON",
		category: adult, surname: "👩\u200d👩\u200d👧\u200d👦🏴\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F",
		adjust: func(_ *generator, p *person) {
			p.lines, p.emails = "", ""
		},
	},
	{
		Card: CardSpecial, What: "special categories in all fields, a consent given and withdrawn", branch: "PBK-UST", category: adult,
		surname: "Citlivá", forenames: "Emília", born: "1976-09-15", adjust: func(_ *generator, p *person) {
			p.faith, p.sexuality, p.disability, p.origin = "Evangelical", "bisexual", "hearing loss", "Slovak"
		}, life: func(g *generator, p *person) {
			g.consent.number(p.id).text("PBK").text("marketing").text("email").text("marketing-1").
				instant((g.today - 500).at(0)).instant((g.today - 100).at(0)).text("web").end()
		},
	},
	{
		Card: "90000041", What: "owes 96.00 GBP at home, partly paid", branch: "CAM-CEN", category: adult, surname: "Arrears",
		forenames: "Douglas", born: "1966-01-31", life: func(g *generator, p *person) {
			fee := g.owe(p, cam, "lost", 10000, 400)
			g.pay(p.id, fee, 400, g.today-300, "cash", p.branch)
		},
	},
}

// hostileTitles are the titles of the first items.
var hostileTitles = []string{
	"\x1b]0;owned\x07The Terminal of Doom",
	"Red \x1b[31mAlert\x1b[0m",
	"Over\rwritten, a Thriller",
	"Line\nBreaks",
	`=HYPERLINK("http://example.org","A Free Book")`,
	"@SUM(1+1)*cmd|' /C calc'!A0",
	"The \u202etxt.exe\u202c Mystery",
	"C1 \u009b2J Blues",
	"| Tables | of \\| Contents |, with \"quotes\"",
	"<script>alert(1)</script> & Other Stories",
	"An Exhaustive " + strings.Repeat("and Exhausting ", 25) + "History",
	"e\u0301\u0301\u0301\u0301 and\u200b zero\ufeffwidth 漢字かな交じり文",
}

func memberOf(authority int) func(*generator, *person) {
	return func(_ *generator, p *person) { p.also = authority }
}

// owe raises a fee in cents, that many days ago, that nobody pays.
func (g *generator) owe(p *person, authority int, kind string, cents, ago int) int {
	on := g.today - day(ago)
	g.touch(p.id, on)
	return g.charge(p.id, authority, kind, cents, on, 0)
}
