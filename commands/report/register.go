package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

// register is the record of processing as people read it.
func register(p *audit.Processing) output.Page {
	own := ours(p)
	return output.Page{
		Title: "Record of processing: " + names(own),
		Lead:  "Processing activities under article 30 of the GDPR, as the database had them on " + p.At.Local().Format("2 January 2006") + ".",
		Foot:  "Written by patronctl from the catalogue of columns, the rights, the rules in force and the settings of the database.",
		Sections: []output.Section{
			controllers(p), whose(p), data(p), purposes(p), looks(p), recipients(own), limits(p, own), due(p), protection(p),
		},
	}
}

// ours are the authorities that the register is about.
func ours(p *audit.Processing) (own []audit.Controller) {
	for _, c := range p.Controllers {
		if c.Own {
			own = append(own, c)
		}
	}
	return own
}

func names(authorities []audit.Controller) string {
	words := make([]string, len(authorities))
	for n, a := range authorities {
		words[n] = a.Name
	}
	return strings.Join(words, ", ")
}

func controllers(p *audit.Processing) output.Section {
	grid := &output.Grid{Wrap: true, Headers: []string{"code", "authority", "contact", "ground (art. 6)"}}
	for _, c := range p.Controllers {
		grid.Rows = append(grid.Rows, row(c.Code, c.Name, orNot(c.Contact), stated(c.Basis)))
	}
	text := "One controller."
	if len(p.Controllers) > 1 {
		text = "Joint controllers: one database, in which each authority answers for the patrons whose home it is."
	}
	return output.Section{Title: "Controllers", Text: text, Grid: grid}
}

func whose(p *audit.Processing) output.Section {
	return output.Section{Title: "Categories of people", Pairs: []output.Pair{
		{Name: "patrons", Value: strings.Join(p.People, ", ")},
		{Name: "guardians", Value: "of patrons who are children: a name"},
		{Name: "staff", Value: "logins, with what they looked at and did"},
	}}
}

// holds says what a relation is about; what is not listed goes by its own name.
var holds = map[string]string{
	"identity": "who somebody is", "address": "addresses", "special": "special categories (art. 9)", "card": "library cards",
	"credential": "access to the account",
	"consent":    "consents", "membership": "memberships", "patron": "accounts", "loan": "loans",
	"hold": "reservations and orders", "fee": "fees and services",
	"payment": "payments", "block": "blocks", "word": "index of names", "named": "index of names",
	"access": "records of who looked", "staff": "staff and their roles",
	"plan_item": "plans of erasure", "erasure": "ledger of erasures", "support_grant": "accounts opened to support",
	"incident_entry": "incidents",
	"request":        "requests of patrons", "disclosure": "disclosures", "login": "staff and their roles",
	"plan": "plans of erasure", "plan_part": "plans of erasure",
	"run": "plans of erasure", "rule_in_force": "plans of erasure", "canary": "made-up people of proofs",
	"seen_loan": "numbers in imported files",
	"asked":     "hashes of people being registered",
}

// about is what a relation holds, in words.
func about(relation string) string {
	if known := holds[relation]; known != "" {
		return known
	}
	if strings.HasPrefix(relation, "imported_") {
		return "numbers in imported files"
	}
	return strings.ReplaceAll(relation, "_", " ")
}

// data lists values column by column; of what is kept by number only, it names the tables.
func data(p *audit.Processing) output.Section {
	grid := &output.Grid{Wrap: true, Headers: []string{"what", "class", "columns"}}
	numbered := map[string][]string{}
	for _, d := range p.Data {
		what := about(d.Relation)
		if d.Class != "pseudonym" {
			grid.Rows = append(grid.Rows, row(what, d.Class, strings.Join(d.Columns, ", ")))
		} else if !slices.Contains(numbered[d.Schema], what) {
			numbered[d.Schema] = append(numbered[d.Schema], what)
		}
	}
	return output.Section{
		Title: "Categories of data", Grid: grid,
		Pairs: []output.Pair{
			{Name: "kept by a person's number", Value: strings.Join(numbered["lms"], ", ")},
			{Name: "and by patronctl itself", Value: strings.Join(numbered["patronctl"], ", ")},
		},
		Text: "Personal is a value about a person, special a special category, secret what opens an account and is shown to nobody.",
	}
}

func purposes(p *audit.Processing) output.Section {
	grid := &output.Grid{Wrap: true, Headers: []string{"purpose", "needs consent", "used for"}}
	for _, u := range p.Purposes {
		consent := "no"
		if u.NeedsConsent {
			consent = "yes"
		}
		grid.Rows = append(grid.Rows, row(u.Purpose, consent, strings.Join(u.Operations, ", ")))
	}
	return output.Section{
		Title: "Purposes", Grid: grid,
		Text: "Each time that somebody opens personal data, the purpose is recorded with it. Across authorities only service and " +
			"debt are allowed.",
	}
}

var reaches = map[string]string{
	"any": "patrons of every member", "home": "patrons of their own authority", "facts": "facts without personal values",
}

func looks(p *audit.Processing) output.Section {
	grid := &output.Grid{Wrap: true, Headers: []string{"role", "whom", "by"}}
	for _, l := range p.Looks {
		grid.Rows = append(grid.Rows, row(l.Role, reaches[l.Reach], strings.Join(l.Operations, ", ")))
	}
	return output.Section{
		Title: "Who may look", Grid: grid, Text: "Nobody else has any right to personal data, and nobody a right to a table.",
	}
}

func recipients(own []audit.Controller) output.Section {
	s := output.Section{Title: "Recipients"}
	for _, c := range own {
		s.Pairs = append(s.Pairs, output.Pair{Name: c.Name, Value: orNot(c.Recipients)})
	}
	return s
}

// actions and counted say in words what rules do, and from when their time counts.
var (
	actions = map[string]string{
		"erase-lapsed": "accounts are erased", "erase-deleted": "deleted accounts are erased",
		"anonymize-history": "loans, reservations and zero fees become anonymous",
		"unlink-accounts":   "settled fees and payments lead to nobody any more",
	}
	counted = map[string]string{
		"expired": "after they expired", "last-fee": "after the last registration fee", "deleted": "after they were deleted",
	}
)

// applied says what a rule does and when.
func applied(r audit.RuleInForce) string {
	after := counted[r.CountedFrom]
	if !strings.HasPrefix(r.Action, "erase-") {
		after = "after they ended"
	}
	if r.Action == "erase-deleted" && r.CountedFrom == "expired" {
		after = counted["expired"]
	}
	return fmt.Sprintf("%s %s %s", actions[r.Action], r.After, after)
}

// only names the branches and categories that a rule is for.
func only(r audit.RuleInForce) string {
	if area := slices.Concat(r.Branches, r.Categories); len(area) > 0 {
		return ", only " + strings.Join(area, ", ")
	}
	return ""
}

func limits(p *audit.Processing, own []audit.Controller) output.Section {
	s := output.Section{
		Title: "Time limits for erasure",
		Grid:  &output.Grid{Wrap: true, Headers: []string{"authority", "rule", "what happens", "since"}, Right: []bool{3: true}},
	}
	for _, c := range own {
		if !slices.ContainsFunc(p.Rules, func(r audit.RuleInForce) bool { return r.Authority == c.Code }) {
			s.Text += "No rule is in force at " + c.Name + ": nothing is erased there by itself.\n\n"
		}
		s.Pairs = append(s.Pairs, output.Pair{Name: c.Code, Value: fmt.Sprintf(
			"expired accounts can be reactivated for %d months; %d days after an erasure no backup holds the person any more",
			c.ReactivationMonths, c.BackupDays)})
	}
	for _, r := range p.Rules {
		s.Grid.Rows = append(s.Grid.Rows, row(r.Authority, r.Rule, applied(r)+only(r), r.Since.Local().Format("2006-01-02")))
	}
	if s.Grid.Rows == nil {
		s.Grid = nil
	}
	return s
}

func due(p *audit.Processing) output.Section {
	s := output.Section{Title: "What becomes due for erasure"}
	if len(p.Due) == 0 {
		s.Text = "By the rules in force, no account becomes due within two years."
		return s
	}
	s.Text = "Accounts that reach the time of a rule in force, by their dates today. Whoever renews, borrows or owes then stays."
	var parts []string // authorities
	months := map[string][]int{}
	for _, d := range p.Due {
		if !slices.Contains(parts, d.Authority) {
			parts = append(parts, d.Authority)
		}
	}
	first, last := p.Due[0].Month, p.Due[0].Month
	for _, d := range p.Due {
		if d.Month.Before(first.Time) {
			first = d.Month
		}
		if d.Month.After(last.Time) {
			last = d.Month
		}
	}
	for _, d := range p.Due {
		month := d.Month.Format("2006-01")
		if months[month] == nil {
			months[month] = make([]int, len(parts))
		}
		months[month][slices.Index(parts, d.Authority)] += d.People
	}
	s.Plot = &output.Plot{Title: "Accounts by month; the first month has those that are due already", Parts: parts}
	s.Grid = &output.Grid{
		Headers: append([]string{"month"}, parts...), Right: append([]bool{false}, slices.Repeat([]bool{true}, len(parts))...),
	}
	for month := first.Time; !month.After(last.Time); month = month.AddDate(0, 1, 0) {
		label := month.Format("2006-01")
		counts := months[label]
		if counts == nil {
			counts = make([]int, len(parts))
		}
		s.Plot.Bars = append(s.Plot.Bars, output.Bar{Label: label, Parts: counts})
		cells := []string{label}
		for _, count := range counts {
			cells = append(cells, fmt.Sprint(count))
		}
		s.Grid.Rows = append(s.Grid.Rows, row(cells...))
	}
	return s
}

func protection(p *audit.Processing) output.Section {
	g := p.Protection
	var staff []string
	for _, role := range slices.Sorted(maps.Keys(g.Staff)) {
		staff = append(staff, fmt.Sprintf("%d %s", g.Staff[role], role))
	}
	return output.Section{Title: "Security measures", Pairs: []output.Pair{
		{
			Name: "access",
			Value: "staff have logins of their own and no right on any table; functions of the database decide by role and authority, " +
				"for every program",
		},
		{Name: "logins", Value: strings.Join(staff, ", ")},
		{
			Name:  "records",
			Value: "every access is recorded, with purpose and reason, before anything is shown; since " + orNever(kit.DayOf(g.FirstRecord)),
		},
		{Name: "seal", Value: fmt.Sprintf("%d records are sealed in a Merkle tree (RFC 6962) and cannot be changed unseen", g.RecordsSealed)},
		{Name: "passwords", Value: "of patrons: stored as argon2id, seen by nobody; of staff: " + g.PasswordEncryption},
		{Name: "connections", Value: yes(g.EncryptedConnections, "encrypted (TLS)", "the server does not offer encryption")},
		{
			Name:  "failed logins",
			Value: yes(g.LoginsLogged, "read from the server's log and kept as counts", "not read: the server's log is not set up"),
		},
		{
			Name: "erasure",
			Value: fmt.Sprintf(
				"%d people erased so far; the files of the server still hold values of %d of them until the next scrub",
				g.Erased, g.ErasedNotScrubbed,
			),
		},
		{Name: "storage", Value: yes(g.Checksums, "data pages have checksums", "data pages have no checksums")},
		{Name: "incidents", Value: fmt.Sprintf("kept in a register with the 72-hour clock; %d open", g.OpenIncidents)},
	}}
}

func yes(is bool, then, otherwise string) string {
	if is {
		return then
	}
	return otherwise
}

// notStated is what a page says where a setting is empty.
const notStated = "not stated"

func orNot(s string) string {
	if s == "" {
		return notStated
	}
	return s
}

func orNever(day string) string {
	if day == "" {
		return "never"
	}
	return day
}

// stated is a setting that may say that it says nothing.
func stated(s string) string {
	if s == "unstated" {
		s = ""
	}
	return orNot(s)
}

func row(values ...string) []output.Cell {
	cells := make([]output.Cell, len(values))
	for n, value := range values {
		cells[n].Text = value
	}
	return cells
}
