//go:build linux

package main

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

	"patronctl/client/localpg/sample"
)

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

// makeUp writes the consortium's files and draws who is asked about.
func (x *bench) makeUp(patrons int) {
	options := sample.Bench(time.Now().UTC(), patrons)
	options.LongHistory = longHistory
	written := make(chan error, 1)
	go func() { written <- sample.Write(filepath.Join(x.dir, "csv"), options) }()
	select {
	case <-x.ctx.Done():
		x.must(x.ctx.Err())
	case err := <-written:
		x.must(err)
	}

	for _, row := range x.draw("identity", randomPeople, func(row []string) bool {
		id, _ := strconv.Atoi(row[0])
		return id > len(sample.Awkward) && oneWord.MatchString(row[2]) && row[3] != ""
	}) {
		x.people = append(x.people, person{row[2], row[3]})
	}
	owner := ""
	for _, row := range x.draw("card", askedCards, func(row []string) bool {
		another := row[1] != owner // one card of each person: a lost one also counts for those beside it
		owner = strings.Clone(row[1])
		return another
	}) {
		x.cards = append(x.cards, row[0])
	}
	dice.Shuffle(len(x.cards), func(i, j int) { x.cards[i], x.cards[j] = x.cards[j], x.cards[i] })
	var asked strings.Builder
	for n, card := range x.cards {
		if n%unknownEvery == 0 {
			card = "nobody" + strconv.Itoa(n)
		}
		fmt.Fprintln(&asked, card)
	}
	x.must(os.WriteFile(filepath.Join(x.dir, "cards.txt"), []byte(asked.String()), 0o600))
}

// draw picks at most n random rows of a relation's file among those that are wanted.
func (x *bench) draw(relation string, n int, wanted func(row []string) bool) (drawn [][]string) {
	file, err := os.Open(filepath.Join(x.dir, "csv", relation+".csv"))
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
