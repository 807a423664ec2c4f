package sample

var authorities = []struct {
	code, name, currency, timeZone string
	// registration is the yearly fee in cents, zero where joining is free.
	registration int
	// towns and the start of their postcodes, which no post office uses.
	country, postcode string
	towns             []string
}{
	{"CAM", "Cambermere Libraries", "GBP", "Europe/London", 0, "GB", "CQ", []string{"Cambermere", "Millbeck", "Harrowgate Green", "Norwick"}},
	{"KEN", "Kennetvale Library Service", "GBP", "Europe/London", 500, "GB", "KX", []string{"Kennetvale", "Alderstoke", "Long Wending"}},
	{
		"PBK", "Prístavná bratislavská knižnica", "EUR", "Europe/Bratislava", 700, "SK", "999",
		[]string{"Bratislava", "Dolné Ramená", "Vŕbové pri Dunaji"},
	},
}

// Authority is one of the consortium's library authorities.
type Authority struct{ Code, Currency string }

// Authorities lists them; they are the same whatever the options.
func Authorities() (all []Authority) {
	for _, a := range authorities {
		all = append(all, Authority{a.code, a.currency})
	}
	return all
}

// Places in authorities.
const (
	cam = iota
	ken
	pbk
)

var branches = []struct {
	code, name string
	authority  int
	// share is out of 20.
	share int
}{
	{"CAM-CEN", "Cambermere Central Library", cam, 4},
	{"CAM-MIL", "Millbeck Library", cam, 2},
	{"CAM-HAR", "Harrowgate Green Library", cam, 1},
	{"CAM-NOR", "Norwick Community Library", cam, 1},
	{"CAM-MOB", "Cambermere Mobile Library", cam, 1},
	{"KEN-CEN", "Kennetvale Library", ken, 3},
	{"KEN-ALD", "Alderstoke Library", ken, 1},
	{"KEN-LON", "Long Wending Library", ken, 1},
	{"KEN-SCH", "Kennetvale School Library", ken, 1},
	{"PBK-UST", "Ústredná knižnica", pbk, 3},
	{"PBK-DET", "Detská knižnica Lienka", pbk, 1},
	{"PBK-RAM", "Pobočka Dolné Ramená", pbk, 1},
}

var categories = []struct{ code, name string }{
	{"ADULT", "Adult"},
	{"JUNIOR", "Child under 15"},
	{"STUDENT", "Student"},
	{"SENIOR", "Senior"},
	{"REDUCED", "Reduced fees"},
}

// Places in categories.
const (
	adult = iota
	junior
	student
	senior
	reduced
)

// slots deals patrons and items out to branches by their number, each branch its share; slotsOf is the reverse.
var slots, slotsOf = dealBranches()

func dealBranches() (slots []int, of [][]int) {
	of = make([][]int, len(branches))
	for b, branch := range branches {
		for range branch.share {
			of[b] = append(of[b], len(slots))
			slots = append(slots, b)
		}
	}
	return slots, of
}

func branchIndex(code string) int {
	for i, b := range branches {
		if b.code == code {
			return i
		}
	}
	panic("sample: no branch " + code)
}

func (g *generator) writePlaces() {
	for _, a := range authorities {
		g.authority.text(a.code).text(a.name).text(a.currency).text(a.timeZone).end()
	}
	for _, b := range branches {
		g.branch.text(b.code).text(authorities[b.authority].code).text(b.name).end()
	}
	for _, c := range categories {
		g.category.text(c.code).text(c.name).end()
	}
}
