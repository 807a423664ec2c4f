//go:build linux

package bench

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/localpg/sample"
	"patronctl/client/staff"
)

// library is a made-up consortium, and who is asked about in it. Its name is that of the database that patronctl imported
// it into, and of the directory of its files.
type library struct {
	name     string
	patrons  int
	cards    []string // of random patrons
	people   []person // random ones
	imported bool     // its database is there
	ready    bool     // and prepared for the measurements
}

// smallLibrary is how many patrons the library has in which everything should take as long as in the big one.
const smallLibrary = 10_000

// person is somebody to look for.
type person struct{ surname, forenames string }

// randomPeople is how many people are looked for, askedCards how many cards are checked at a time, if there are so many;
// one in a hundred of these is nobody's.
const randomPeople, askedCards, unknownEvery = 200, 100_000, 100

// oneWord is a surname that a slip leaves long enough to be looked for.
var oneWord = regexp.MustCompile(`^\pL{4,}$`)

// longHistory is how many loans the patron has whose history is anonymized, whatever the number of patrons.
const longHistory = 10_000

// dice make the same choices in every run.
var dice = rand.New(rand.NewPCG(1, 2))

// makeUp writes the files of a library and draws who is asked about.
func (x *bench) makeUp(l *library) {
	written := make(chan error, 1)
	go func() {
		written <- sample.Write(filepath.Join(x.dir, l.name), sample.Options{
			Seed: 1, Day: time.Now().UTC(), Patrons: l.patrons, Loans: 10 * l.patrons, LongHistory: longHistory,
		})
	}()
	select {
	case <-x.ctx.Done():
		x.must(x.ctx.Err())
	case err := <-written:
		x.must(err)
	}

	for _, row := range x.draw(l, "identity", randomPeople, func(row []string) bool {
		id, _ := strconv.Atoi(row[0])
		return id > len(sample.Awkward) && oneWord.MatchString(row[2]) && row[3] != ""
	}) {
		l.people = append(l.people, person{row[2], row[3]})
	}
	owner := ""
	for _, row := range x.draw(l, "card", askedCards, func(row []string) bool {
		another := row[1] != owner // one card of each person: a lost one also counts for those beside it
		owner = strings.Clone(row[1])
		return another
	}) {
		l.cards = append(l.cards, row[0])
	}
	dice.Shuffle(len(l.cards), func(i, j int) { l.cards[i], l.cards[j] = l.cards[j], l.cards[i] })
	var asked strings.Builder
	for n, card := range l.cards {
		if n%unknownEvery == 0 {
			card = "nobody" + strconv.Itoa(n)
		}
		fmt.Fprintln(&asked, card)
	}
	x.must(os.WriteFile(filepath.Join(x.dir, l.name, "cards.txt"), []byte(asked.String()), 0o600))
}

// draw picks at most n random rows of a relation's file among those that are wanted.
func (x *bench) draw(l *library, relation string, n int, wanted func(row []string) bool) (drawn [][]string) {
	file, err := os.Open(filepath.Join(x.dir, l.name, relation+".csv"))
	x.must(err)
	defer file.Close() //nolint:errcheck // only read
	rows := csv.NewReader(file)
	rows.ReuseRecord = true
	_, err = rows.Read() // the header
	x.must(err)
	for seen := 0; ; {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return drawn
		}
		x.must(err)
		if !wanted(row) {
			continue
		}
		seen++
		if place := dice.IntN(seen); len(drawn) < n {
			drawn = append(drawn, keep(row))
		} else if place < n {
			drawn[place] = keep(row)
		}
	}
}

// keep copies a row out of the reader's buffer.
func keep(row []string) []string {
	kept := make([]string, len(row))
	for i, field := range row {
		kept[i] = strings.Clone(field)
	}
	return kept
}

// misspelt is a word of at least four letters with one slip: two letters swapped, one missing, one wrong.
func misspelt(word string) string {
	letters := []rune(word)
	at := 1 + dice.IntN(len(letters)-2) // neither the first letter nor the last
	switch dice.IntN(3) {
	case 0:
		letters[at], letters[at+1] = letters[at+1], letters[at]
	case 1:
		letters = append(letters[:at], letters[at+1:]...)
	default:
		letters[at] = 'a' + dice.Int32N(26)
	}
	return string(letters)
}

// database makes an empty one of the tool.
func (x *bench) database(name string) {
	x.sql("postgres", "DROP DATABASE IF EXISTS "+name)
	x.must(x.cluster.CreateDatabase(x.ctx, name, "", localpg.Owner))
	owner, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN(localpg.Owner, name)})
	x.must(err)
	defer owner.Close()
	x.must(install.Init(x.ctx, owner, "admin", func(string) {}))
	x.sql("postgres", "CHECKPOINT")
}

// fill imports a library into a fresh database of its name.
func (x *bench) fill(l *library) cost {
	x.step("importing %d patrons", l.patrons)
	x.database(l.name)
	l.imported = true
	return x.ours(localpg.Owner, l.name, "out", "db", "import", l.name, "--quiet")
}

// filled returns the database of a library; the first time it is imported, unless that was measured, and gets staff and what
// else the measurements need. It is left as autovacuum would leave it in time.
func (x *bench) filled(l *library) string {
	if l.ready {
		return l.name
	}
	if !l.imported {
		x.fill(l)
	}
	x.step("preparing the database of %d patrons", l.patrons)
	admin, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN("admin", l.name)})
	x.must(err)
	defer admin.Close()
	members := []staff.Registration{
		{Login: "clerk", Authority: "CAM", Role: "clerk"}, {Login: "job", Role: "job"}, {Login: "auditor", Role: "auditor"},
	}
	for _, login := range officers {
		members = append(members, staff.Registration{Login: login, Authority: strings.ToUpper(login), Role: "officer"})
	}
	for _, s := range members {
		_, err := staff.Add(x.ctx, admin, client.Why{}, s)
		x.must(err)
	}
	x.typed(l.name, "copies.sql", "card="+sample.CardLongHistory, fmt.Sprintf("copies=%d", historyCopies))
	x.typed(l.name, "ungated.sql")
	x.sql(l.name, "VACUUM ANALYZE")
	x.sql("postgres", "CHECKPOINT")
	l.ready = true
	return l.name
}
