package sample

import "fmt"

var (
	titleThings = []string{
		"Orchard", "Lighthouse", "Cartographer", "Winter", "Clockmaker", "River", "Tiger", "Kitchen", "Railway", "Glass Garden",
		"Archive", "Harbour", "Beekeeper", "Violin", "Mountain", "Island", "Letter", "Comet", "Seamstress", "Fox",
	}
	titlePlaces = []string{
		"Cambermere", "the North", "Small Things", "Tomorrow", "the Danube", "Ash", "Nowhere", "the Long Night", "Lisbon",
		"the Seventh Floor", "Salt", "the Marsh", "Forgotten Words", "Paper",
	}
	titleForms = []string{"The %s of %s", "A %s in %s", "%s and %s", "The Last %s of %s", "Notes on the %s of %s", "The %s, the Witch and %s"}

	slovakThings = []string{"Záhrada", "Rieka", "Zima", "Hodinár", "Líška", "Ostrov", "Cesta", "Hviezda", "Krajčírka", "Pieseň", "Dom", "Vlak"}
	slovakPlaces = []string{
		"na konci sveta", "pri Dunaji", "z papiera", "a ticho", "pod Kriváňom", "bez mena", "v tieni líp",
		"a iné poviedky",
	}
)

// branchOf is where an item stands.
func branchOf(item int) int { return slots[item%len(slots)] }

func (g *generator) writeItems() {
	for id := 1; id <= g.items; id++ {
		g.item.number(id).text(fmt.Sprintf("3%011d", id)).text(g.itemTitle(id)).text(branches[branchOf(id)].code).end()
	}
}

func (g *generator) itemTitle(id int) string {
	if id <= len(hostileTitles) {
		return hostileTitles[id-1]
	}
	d := g.dice(itemStream, id)
	var name string
	if branches[branchOf(id)].authority == pbk && d.chance(80) {
		name = pick(&d, slovakThings) + " " + pick(&d, slovakPlaces)
	} else {
		name = fmt.Sprintf(pick(&d, titleForms), pick(&d, titleThings), pick(&d, titlePlaces))
	}
	if d.chance(25) {
		name += fmt.Sprintf(" : volume %d", 1+d.below(12))
	}
	return name
}
