package sample

import "strconv"

// Person is somebody made awkward on purpose, always present and always with this card.
type Person struct {
	// Card is the number of the card, What is awkward about the person.
	Card, What string

	branch             string
	category           int
	surname, forenames string
	// born is ISO, or empty when unknown.
	born string
	// adjust changes what an unremarkable patron would have; life adds loans, fees and blocks.
	adjust func(g *generator, p *person)
	life   func(g *generator, p *person)
}

// Cards of the awkward people that tests and documentation ask for most. The same person registered twice
// has CardTwinClear and CardTwinOwing.
const (
	CardCombining      = "90000001"
	CardTitleEscape    = "90000005"
	CardCarriageReturn = "90000007"
	CardHyperlink      = "90000010"
	CardTwinClear      = "90000012"
	CardTwinOwing      = "90000013"
	CardOwesElsewhere  = "90000014"
	CardOwesEuro       = "90000015"
	CardCredit         = "90000016"
	CardExpired        = "90000017"
	CardLost           = "90000018"
	CardExternal       = "90000019"
	CardParent         = "90000020"
	CardChild          = "90000021"
	CardProtected      = "90000022"
	CardNoBirthDate    = "90000023"
	CardLockedOut      = "90000028"
	CardOneTime        = "90000029"
	CardKeepsHistory   = "90000030"
	CardAccented       = "90000031"
	CardDeleted        = "90000032"
	CardRefused        = "90000033"
	CardTinyGroup      = "90000035"
	CardLongHistory    = "90000036"
	CardHostileItems   = "90000037"
	CardNoConsent      = "90000039"
	CardSpecial        = "90000040"
)

// Awkward lists the awkward people. The id of each is the place in the list, counted from 1; the branch tells the
// home authority, of which CAM and KEN count in pounds and PBK in euro.
var Awkward = append(append([]Person{}, hostileNames...), troubledAccounts...)

// hostileNames are values that break terminals, tables, spreadsheets and searches.
var hostileNames = []Person{
	{
		Card: CardCombining, What: "combining characters in the name", branch: "CAM-CEN", category: adult, surname: "Nguye\u0302\u0303n",
		forenames: "Zoe\u0308", born: "1979-02-11",
	},
	{
		Card: "90000002", What: "full-width characters in the name", branch: "CAM-CEN", category: adult, surname: "ＷＡＴＡＮＡＢＥ",
		forenames: "Ｙｕｋｉ　渡辺", born: "1990-12-01",
	},
	{
		Card: "90000003", What: "Hebrew name with bidi marks", branch: "KEN-CEN", category: adult, surname: "\u200fכהן\u200f",
		forenames: "\u202bדוד\u202c", born: "1968-05-30",
	},
	{
		Card: "90000004", What: "Arabic name with a bidi override and isolates", branch: "KEN-CEN", category: adult,
		surname: "\u202eالخطيب\u202c", forenames: "\u2067ليلى\u2069", born: "1993-08-08",
	},
	{
		Card: CardTitleEscape, What: "escape sequence that renames the terminal (ESC ]0; BEL)", branch: "CAM-MIL", category: adult,
		surname: "Hall\x1b]0;owned\x07", forenames: "Terence", born: "1971-03-03",
	},
	{
		Card: "90000006", What: "escape sequences that clear the screen and change colours (CSI)", branch: "CAM-MIL", category: adult,
		surname: "\x1b[2J\x1b[31mRedd\x1b[0m", forenames: "Scarlett\x1b[8m", born: "1988-07-19",
	},
	{
		Card: CardCarriageReturn, What: "carriage return that overwrites the line, tab and backspaces", branch: "CAM-HAR", category: adult,
		surname: "Debtor\rNothing owed", forenames: "\tTab\b\b\bitha ", born: "1965-10-10",
	},
	{
		Card: "90000008", What: "C1 control (U+009B) used as an escape sequence", branch: "CAM-HAR", category: adult, surname: "Nelson\u009b31m",
		forenames: "\u0085Ned\u2028", born: "1983-01-17",
	},
	{
		Card: "90000009", What: "zero-width, tag and soft-hyphen characters", branch: "KEN-ALD", category: adult,
		surname: "Za\u200bck\U000E0041ary\u00ad", forenames: "\ufeffTheo\u2060", born: "2001-06-06",
	},
	{
		Card: CardHyperlink, What: "spreadsheet formula =HYPERLINK", branch: "KEN-ALD", category: adult,
		surname: `=HYPERLINK("http://example.org/?q="&A1,"Click")`, forenames: "+Anna", born: "1977-04-25",
		adjust: func(_ *generator, p *person) {
			p.emails, p.phones = "-1+1@example.org; +2@example.org", "=1+44; @44"
		},
	},
	{
		Card: "90000011", What: "spreadsheet formula @SUM, and quotes, commas and a line break in the address", branch: "KEN-LON",
		category: adult, surname: "@SUM(A1:A9)", forenames: `"Bobby", 'Tables'); --`, born: "1959-09-09", adjust: func(_ *generator, p *person) {
			p.lines = "Flat \"2\", The Mill\r\n=1+1\n| a | b |"
		},
	},
}

// awkward is the patron that the entry stands for: unremarkable except for what the entry changes.
func (g *generator) awkward(i int) person {
	entry := &Awkward[i]
	d := g.dice(personStream, i+1)
	p := person{
		account: account{
			id: i + 1, branch: branchIndex(entry.branch), category: entry.category, born: iso(entry.born),
			registered: g.today - 6*year, expires: g.today + year/2, deleted: never, also: nowhere,
		},
		surname: entry.surname, forenames: entry.forenames, card: entry.Card, cardStatus: "active", lastFee: never,
		emails: "reader" + strconv.Itoa(i+1) + "@example.org",
	}
	p.home = branches[p.branch].authority
	p.language = "en"
	if p.home == pbk {
		p.language = "sk"
	}
	g.house(&p, &d)
	p.holiday = false
	p.secret = secret{set: true, setOn: g.today - year}
	if entry.adjust != nil {
		entry.adjust(g, &p)
	}
	return p
}

// live writes what happened to an awkward person.
func (g *generator) live(i int) {
	if life := Awkward[i].life; life != nil {
		p := g.awkward(i)
		life(g, &p)
	}
}
