package people_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// quilla is somebody whom no library knows.
const quilla = `"surname": "Ångström", "forenames": "Zoë Quilla"`

// registering is the call by which clerks of CAM register a person with a card; %s is the number of the access.
func registering(person, card string, rehearsal bool) string {
	return fmt.Sprintf(`SELECT desk.register_patron(%%s, '{%s}', '[]',
		'{"branch": "CAM-CEN", "category": "ADULT", "card": "%s", "basis": "work", "wording": "j-1", "source": "desk"}', %t)`, person, card,
		rehearsal)
}

// everybody counts those who are registered anywhere, with their names and cards.
func everybody(super *pgtest.Session) string {
	return super.Must("SELECT (SELECT count(*) FROM lms.patron), (SELECT count(*) FROM lms.identity), (SELECT count(*) FROM lms.card)")
}

// Whoever opens an access about one person registers no other by it, and learns of no other.
func TestRegisterWhomItWasOpenedAbout(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	before := everybody(super)
	id := clerk.Open("patron import", `{"applicant": {`+quilla+`, "born": "1971-03-04", "card": "NEW1"}}`)
	for name, person := range map[string]string{
		"somebody else":        `"surname": "Nobody", "forenames": "Zoë Quilla", "birth_date": "1971-03-04"`,
		"somebody known":       `"surname": "Farrow", "forenames": "Owen", "birth_date": "1991-11-23"`,
		"a letter more":        `"surname": "Ångströmm", "forenames": "Zoë Quilla", "birth_date": "1971-03-04"`,
		"a name less":          `"surname": "Ångström", "forenames": "Zoë", "birth_date": "1971-03-04"`,
		"no forenames":         `"surname": "Ångström", "birth_date": "1971-03-04"`,
		"names the other way":  `"surname": "Zoë Quilla", "forenames": "Ångström", "birth_date": "1971-03-04"`,
		"another birth date":   quilla + `, "birth_date": "1971-04-03"`,
		"no birth date":        quilla,
		"a birth year instead": quilla + `, "birth_year": 1971`,
	} {
		for _, rehearsal := range []bool{true, false} {
			_, err := clerk.Run(registering(person, "NEW1", rehearsal), id)
			if pgtest.Code(err) != "LB403" ||
				!strings.Contains(err.Error(), "not the person, or not the card, that access "+id+" was opened about") {
				t.Errorf("%s, rehearsed %t: %v", name, rehearsal, err)
			}
			if said := pgtest.Details(err); strings.Contains(said, "Quilla") || strings.Contains(said, "Farrow") || strings.Contains(said, "id:") {
				t.Errorf("%s: %s", name, said)
			}
		}
	}
	// Which cards are taken is not to be found out by trying, without a record of each.
	for _, card := range []string{"NEW2", sample.CardLongHistory, "new1", ""} {
		for _, rehearsal := range []bool{true, false} {
			_, err := clerk.Run(registering(quilla+`, "birth_date": "1971-03-04"`, card, rehearsal), id)
			if pgtest.Code(err) != "LB403" || !strings.Contains(err.Error(), "or not the card, that access "+id+" was opened about") {
				t.Errorf("card %q, rehearsed %t: %v", card, rehearsal, err)
			}
		}
	}
	if now := everybody(super); now != before {
		t.Errorf("there were %s, and are %s", before, now)
	}
	clerk.Must(registering(quilla+`, "birth_date": "1971-03-04"`, "NEW1", false), id)
	for _, rehearsal := range []bool{true, false} { // the same number again
		_, err := clerk.Run(registering(quilla+`, "birth_date": "1971-03-04"`, "NEW2", rehearsal), id)
		pgtest.Refused(t, "after the registration", err)
	}
}

// Spellings of a name that are the same to a search are the same here, and the one that was given is kept.
func TestRegisterOtherSpellings(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	for n, name := range []string{
		"Ångström|Zoë Quilla", "ANGSTROM|zoe quilla", "A\u030angstro\u0308m|Zoe\u0308 Quilla",
		"Ａngstrom|Zoé Quílla",
	} {
		surname, forenames, _ := strings.Cut(name, "|")
		born := fmt.Sprintf("1971-03-%02d", n+1)
		id := clerk.Open("patron import", `{"applicant": {`+quilla+`, "born": "`+born+`", "card": "NEW`+born+`"}}`)
		person := fmt.Sprintf(`"surname": "%s", "forenames": "%s", "birth_date": "%s"`, surname, forenames, born)
		if _, err := clerk.Run(registering(person, "NEW"+born, false), id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if kept := super.Must(`
			SELECT i.surname || '|' || i.forenames
			FROM lms.identity AS i JOIN lms.card AS c USING (patron)
			WHERE c.number = 'NEW%s'`, born); kept != name {
			t.Errorf("%s is kept as %s", name, kept)
		}
	}
}

// The client finds its way with whatever is in a name.
func TestRegisterHostileNames(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, c := db.Super(t), db.Client(t, "clerk.cam")
	registered := 0
	for n, text := range pgtest.Hostile() {
		if n%16 != 0 || !utf8.ValidString(text) { // which JSON could not carry
			continue
		}
		person := pgtest.Newcomer(text, "1971-03-04")
		person.Person.Forenames = &text
		done, err := people.RegisterNewcomer(t.Context(), c, client.Why{}, person, people.Registration{
			Authority: "CAM", Branch: "CAM-CEN", Category: "ADULT", Card: fmt.Sprint("H", n), Basis: "work", Wording: "j-1", Source: "desk",
		})
		if err != nil {
			if pgtest.Kind(err) != client.KindUsage && pgtest.Kind(err) != client.KindRefused || strings.Contains(err.Error(), "opened about") {
				t.Errorf("%.60q: %v", text, err)
			}
			continue
		}
		registered++
		var same bool
		if err := super.QueryRow(t.Context(), "SELECT surname = $2 AND forenames = $2 FROM lms.identity WHERE patron = $1", *done.Patron,
			text).Scan(&same); err != nil || !same {
			t.Errorf("%.60q is kept as something else: %v", text, err)
		}
	}
	if registered < 20 {
		t.Errorf("only %d were registered", registered)
	}
}

// Whom an access was opened about is nowhere to be read, and forgotten soon.
func TestWhoWasAskedAboutIsForgotten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, sealer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "job")
	left := func() string { return super.Must("SELECT count(*) FROM patronctl.asked") }
	open := func() string {
		return clerk.Open("patron import", `{"applicant": {`+quilla+`, "born": "1971-03-04", "card": "NEW1"}}`)
	}
	id, other := open(), open()
	if n := super.Must("SELECT count(*), count(DISTINCT about), count(DISTINCT salt) FROM patronctl.asked"); n != "2\n2\n2" {
		t.Errorf("kept: %s, want two that do not look alike", n)
	}
	looked := 0
	for table, text := range pgtest.RowsAsText(t, db.Super(t)) {
		if !strings.HasPrefix(table, "patronctl.") {
			continue
		}
		looked++
		for _, value := range []string{"ångström", "angstrom", "zoë", "zoe", "quilla", "1971-03-04"} {
			if strings.Contains(text, value) {
				t.Errorf("%s holds %s", table, value)
			}
		}
	}
	if looked < 20 {
		t.Errorf("looked into %d tables only", looked)
	}
	super.Must("ANALYZE patronctl.asked")
	if n := super.Must("SELECT count(*) FROM pg_statistic WHERE starelid = 'patronctl.asked'::regclass AND staattnum > 1"); n != "0" {
		t.Errorf("statistics of %s columns", n)
	}

	clerk.Must(registering(quilla+`, "birth_date": "1971-03-04"`, "NEW1", false), id)
	if n := left(); n != "1" {
		t.Errorf("%s are kept after a registration, want the other one", n)
	}
	seal := func() error {
		t.Helper()
		_, err := sealer.Run("SELECT desk.seal(%s, 1)", sealer.Open("audit seal", `{}`))
		return err
	}
	if err := seal(); err != nil {
		t.Error(err)
	}
	if n := left(); n != "1" {
		t.Errorf("%s are kept, want the one that can still be used", n)
	}
	super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '3 minutes' WHERE id = %s", other)
	super.Must("BEGIN; SELECT FROM patronctl.asked FOR UPDATE")
	sealer.Must("SET lock_timeout = '100ms'")
	if err := seal(); err != nil {
		t.Errorf("the sealer waits for whoever holds a row: %v", err)
	}
	super.Must("COMMIT")
	if err := seal(); err != nil {
		t.Error(err)
	}
	if n := left(); n != "0" {
		t.Errorf("%s are kept that are too old", n)
	}

	// What was refused is about nobody.
	clerk.Must("SELECT desk.open_access('patron import', '', 'Quilla', '{\"applicant\": {%s}}')", quilla)
	if n := left(); n != "0" {
		t.Errorf("%s are kept of what was refused", n)
	}
}

// A forecast takes no number, and its access registers nobody.
func TestRehearsalTakesNoNumber(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, c := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), db.Client(t, "clerk.cam")
	last := func() string { return super.Must("SELECT last_value FROM lms.patron_number") }
	before := last()
	where := people.Registration{
		Authority: "CAM",
		Branch:    "CAM-CEN",
		Category:  "ADULT",
		Card:      "NEW1",
		Basis:     "work",
		Wording:   "j-1",
		Source:    "desk",
	}
	forecast, err := people.RehearseRegistration(t.Context(), c, client.Why{}, pgtest.Newcomer("Quilla", "1971-03-04"), where)
	if err != nil || forecast.Patron != nil {
		t.Errorf("%+v, %v", forecast, err)
	}
	id := clerk.Open("patron import", `{"applicant": {"surname": "Quilla", "card": "NEW1"}, "rehearsal": true}`)
	clerk.Must(registering(`"surname": "Quilla"`, "NEW1", true), id)
	_, err = clerk.Run(registering(`"surname": "Quilla"`, "NEW1", false), id)
	pgtest.Refused(t, "a registration by the access of a rehearsal", err)
	if now := last(); now != before {
		t.Errorf("the last number was %s, and is %s", before, now)
	}
	if n := super.Must("SELECT count(*) FROM patronctl.access WHERE operation = 'patron import' AND patrons = '{}'"); n != "2" {
		t.Errorf("%s accesses are about nobody, want both", n)
	}
	done, err := people.RegisterNewcomer(t.Context(), c, client.Why{}, pgtest.Newcomer("Quilla", "1971-03-04"), where)
	if err != nil || fmt.Sprint(*done.Patron) != last() || last() == before {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := clerk.Run("SELECT %s",
		pgtest.OpenCall("patron import", `{"applicant": {"surname": "Quilla"}, "rehearsal": "perhaps"}`)); pgtest.Code(err) != "LB400" {
		t.Errorf("neither a rehearsal nor none: %v", err)
	}
}

// Of two desks that register the same person with different cards at the same moment, one does.
func TestRegisterOncePerPerson(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, first, second, elsewhere := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"),
		pgtest.Connect(t, db, "officer.cam"), pgtest.Connect(t, db, "clerk.ken")
	elsewhere.Must("SET lock_timeout = '1s'")
	for n, born := range []string{"1971-03-04", "1972-03-04"} { // nobody was registered here before, and somebody was
		about := func(card string) string {
			return fmt.Sprintf(`{"applicant": {%s, "born": "%s", "card": "%s%d"}}`, quilla, born, card, n)
		}
		person := quilla + `, "birth_date": "` + born + `"`
		mine, theirs, old := first.Open("patron import", about("FIRST")), second.Open("patron import", about("SECOND")),
			second.Open("patron import", about("SECOND"))
		first.Must("BEGIN")
		first.Must(registering(person, fmt.Sprint("FIRST", n), false), mine)

		_, err := second.Run("SET lock_timeout = '100ms'; "+registering(person, fmt.Sprint("SECOND", n), false), theirs)
		if pgtest.Code(err) != "LB423" || !strings.Contains(err.Error(), "clerk.cam is registering somebody at CAM") {
			t.Errorf("at the same time: %v", err)
		}
		second.Must("SET lock_timeout = 0")
		outcome := make(chan error, 1)
		go func() {
			_, err := second.Run(registering(person, fmt.Sprint("SECOND", n), false), theirs)
			outcome <- err
		}()
		pgtest.Eventually(t, "second desk that waits", func() bool {
			return super.Must(`
				SELECT count(*)
				FROM pg_stat_activity
				WHERE datname = current_database() AND usename = 'officer.cam' AND wait_event_type = 'Lock'`) == "1"
		})
		elsewhere.Must(strings.Replace(registering(fmt.Sprintf(`"surname": "Elsewhere%d"`, n), fmt.Sprint("KEN", n), false), "CAM-CEN",
			"KEN-CEN", 1),
			// another authority does not wait
			elsewhere.Open("patron import", fmt.Sprintf(`{"applicant": {"surname": "Elsewhere%d", "card": "KEN%[1]d"}}`, n)))
		first.Must("COMMIT")
		if err := <-outcome; pgtest.Code(err) != "LB423" || !strings.Contains(err.Error(), "somebody of that name was registered meanwhile") ||
			strings.Contains(pgtest.Details(err), "id:") {
			t.Errorf("after the first: %v", err)
		}
		for _, rehearsal := range []bool{true, false} {
			if _, err := second.Run(registering(person, fmt.Sprint("SECOND", n), rehearsal), old); pgtest.Code(err) != "LB423" {
				t.Errorf("with an access from before: %v", err)
			}
			// Who asks again is told.
			if _, err := second.Run(registering(person, fmt.Sprint("SECOND", n), rehearsal),
				second.Open("patron import", about("SECOND"))); pgtest.Code(err) != "LB409" || !strings.Contains(err.Error(), "as id:") {
				t.Errorf("with another access: %v", err)
			}
		}
		if cards := super.Must(`
			SELECT string_agg(c.number, ' ' ORDER BY c.number)
			FROM lms.card AS c JOIN lms.identity AS i USING (patron)
			WHERE i.surname = 'Ångström' AND i.birth_date = '%s'`, born); cards != fmt.Sprint("FIRST", n) {
			t.Errorf("registered with %s", cards)
		}
	}
}

// Whoever waited for a registration that was given up is next; a transaction that cannot see the one before is none.
func TestRegisterAfterAnother(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, first, second := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "officer.cam")
	about := func(card string) string {
		return `{"applicant": {` + quilla + `, "born": "1971-03-04", "card": "` + card + `"}}`
	}
	person := quilla + `, "birth_date": "1971-03-04"`
	register := func(s *pgtest.Session, card, id string) error {
		_, err := s.Run(registering(person, card, false), id)
		return err
	}
	mine, theirs := first.Open("patron import", about("FIRST")), second.Open("patron import", about("SECOND"))
	first.Must("BEGIN")
	first.Must(registering(person, "FIRST", false), mine)
	first.Must("ROLLBACK")
	second.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
	if err := register(first, "FIRST", mine); err != nil {
		t.Error(err)
	}
	if err := register(second, "SECOND", theirs); pgtest.Code(err) != "LB403" || !strings.Contains(err.Error(), "READ COMMITTED") {
		t.Errorf("with a snapshot from before the first: %v", err)
	}
	second.Must("ROLLBACK")
	super.Must("DELETE FROM lms.identity WHERE surname = 'Ångström'")
	if err := register(second, "SECOND", theirs); err != nil {
		t.Errorf("somebody who is nobody's double: %v", err)
	}
}
