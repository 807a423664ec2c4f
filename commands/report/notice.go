package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"patronctl/client/audit"
	"patronctl/output"
)

// notice is what forms and websites tell patrons, in words of theirs.
func notice(p *audit.Processing) output.Page {
	own := ours(p)
	return output.Page{
		Title: "Your data at the library",
		Lead:  names(own) + ", " + p.At.Local().Format("2 January 2006"),
		Sections: []output.Section{
			common(p), lookers(p), why(p), kept(p, own), asked(own), contact(own),
		},
	}
}

func common(p *audit.Processing) output.Section {
	text := "We keep your data in a database of our own."
	if len(p.Controllers) > 1 {
		text = fmt.Sprintf(
			"We share one database with other libraries: %s. Your card serves in all of them, and each answers for the patrons who joined there.",
			names(p.Controllers),
		)
	}
	return output.Section{Title: "Who keeps your data", Text: text}
}

func lookers(p *audit.Processing) output.Section {
	text := "Only staff whose work needs it. "
	everywhere := func(l audit.RoleReach) bool { return l.Role == "clerk" && l.Reach == "any" }
	if len(p.Controllers) > 1 && slices.ContainsFunc(p.Looks, everywhere) {
		text += "Staff at the desks of all these libraries may look up your account to serve you and to see what you owe. What you " +
			"borrowed earlier is open only to supervisors and the data-protection officer of the library where you joined, and they must say why."
	}
	return output.Section{
		Title: "Who may look",
		Text:  text + "\n\nEvery look is recorded: when, by whom, and why. You may ask when and for which purpose your account was opened.",
	}
}

func why(p *audit.Processing) output.Section {
	var consented []string
	for _, u := range p.Purposes {
		if u.NeedsConsent {
			consented = append(consented, u.Purpose)
		}
	}
	text := "To lend to you and to keep account of what you owe; to answer what you ask us about your data; and where the law tells us to."
	if len(consented) > 0 {
		text += " Only if you agreed, and until you withdraw: " + strings.Join(consented, ", ") + "."
	}
	return output.Section{Title: "What we use it for", Text: text}
}

func kept(p *audit.Processing, own []audit.Controller) output.Section {
	s := output.Section{Title: "How long we keep it"}
	for _, c := range own {
		var lines []string
		for _, r := range p.Rules {
			if r.Authority == c.Code && len(r.Branches)+len(r.Categories) == 0 {
				lines = append(lines, applied(r))
			}
		}
		if lines == nil {
			lines = []string{"until you ask us to erase it"}
		}
		lines = append(lines, fmt.Sprintf("an account that expired can be renewed for %d months", c.ReactivationMonths),
			fmt.Sprintf("copies for emergencies are gone %d days later", c.BackupDays))
		s.Pairs = append(s.Pairs, output.Pair{Name: c.Name, Value: strings.Join(lines, "; ")})
	}
	return s
}

func asked(own []audit.Controller) output.Section {
	return output.Section{Title: "What you may ask for", Text: strings.Join([]string{
		"At any desk you may have the list of what you borrowed and returned made anonymous at once. It cannot be brought back.",
		"You may have a copy of your data, take it to another library, have it corrected or erased, and object to its use. What " +
			"you still have on loan or owe must be settled before we can erase you, and what accounting laws tell us to keep stays, " +
			"without your name.",
		answered(own),
		"You may complain to the supervisory authority for data protection.",
	}, "\n\n")}
}

// clocks say in words what desk.deadline and desk.pause_request do.
var clocks = map[string]string{
	"eu": oneMonth, "uk": oneMonth + " While we have to ask you who you are, or what exactly you want, the time stands still.",
}

const oneMonth = "We answer within one month. Where your request is complex, or you made many, we may take two months more; " +
	"we tell you so, and why, within the first."

// answered says how soon, for each law once.
func answered(own []audit.Controller) string {
	of := map[string][]audit.Controller{}
	for _, c := range own {
		of[c.Law] = append(of[c.Law], c)
	}
	var lines []string
	for _, law := range slices.Sorted(maps.Keys(of)) {
		line := clocks[law]
		if len(of) > 1 {
			line = names(of[law]) + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n\n")
}

func contact(own []audit.Controller) output.Section {
	s := output.Section{Title: "Whom to ask, and who else receives data"}
	for _, c := range own {
		s.Pairs = append(s.Pairs, output.Pair{Name: c.Name, Value: orNot(c.Contact)})
		if c.Recipients != "" {
			s.Pairs = append(s.Pairs, output.Pair{Name: c.Name + " gives data to", Value: c.Recipients})
		}
	}
	return s
}
