// Package sample writes a made-up library consortium as CSV, one file per relation of lms: people, loans, fees
// and whatever else the demo, the tests and the benchmarks need. Nobody in it exists. The same options give the
// same bytes on every machine, and any size is written as a stream.
package sample

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// Options says how much to make up.
type Options struct {
	// Seed chooses among the possible consortiums.
	Seed uint64
	// Day is "today" of the data; everything in it happened before. Only the date counts.
	Day time.Time
	// Patrons is the number of accounts, the awkward ones included.
	Patrons int
	// Loans is the number of loans, those of the awkward people included. A fifth as many items and a tenth as
	// many holds come with them.
	Loans int
	// LongHistory is how many of the loans are returned loans of the patron with CardLongHistory.
	LongHistory int
}

// Demo is the consortium of the demo on that day.
func Demo(day time.Time) Options {
	return Options{Seed: 1, Day: day, Patrons: 2_000, Loans: 30_000, LongHistory: 240}
}

// Write makes the consortium up and leaves <relation>.csv for each relation in dir, which is created when
// missing; files of those names are replaced. Money has two decimals, instants are RFC 3339, an empty field is NULL.
func Write(dir string, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	files, err := create(dir)
	defer func() { err = errors.Join(err, files.close()) }()
	if err != nil {
		return err
	}
	newGenerator(o, files).run()
	return nil
}

func (o Options) check() error {
	leastPatrons := len(Awkward) + len(slots)
	leastLoans := o.LongHistory + 100
	switch {
	case o.Day.IsZero():
		return errors.New("sample data: no day given")
	case o.LongHistory < 1:
		return errors.New("sample data: a long history of at least 1 loan is needed")
	case o.Patrons < leastPatrons:
		return fmt.Errorf("sample data: %d patrons are too few, at least %d are needed", o.Patrons, leastPatrons)
	case o.Loans < leastLoans:
		return fmt.Errorf("sample data: %d loans are too few, at least %d are needed", o.Loans, leastLoans)
	}
	return nil
}

// generator holds what has to be known across rows: counters, and a day per patron.
type generator struct {
	Options
	*files
	today day
	// active is the day each patron last did something, by patron id.
	active []day
	// reserved items are lent to awkward people only, so that nothing is on loan twice.
	reserved, items int
	// quiet counts the reserved items already lent to quiet readers.
	quiet int

	loans, holds, fees, payments, blocks int
}

func newGenerator(o Options, f *files) *generator {
	reserved := len(hostileTitles) + quietShelf + max(60, o.LongHistory/5)
	return &generator{
		Options:  o,
		files:    f,
		today:    dayOf(o.Day),
		active:   make([]day, o.Patrons+1),
		reserved: reserved,
		items:    reserved + o.Loans/5,
	}
}

// run writes what happened before the people, whose rows tell when they were last active.
func (g *generator) run() {
	g.writePlaces()
	g.writeItems()
	for i := range Awkward {
		g.live(i)
	}
	g.writeLoans()
	g.writeHolds()
	g.writeServices()
	g.writePatrons()
}

// touch remembers that the patron did something on that day.
func (g *generator) touch(patron int, on day) {
	g.active[patron] = max(g.active[patron], on)
}
