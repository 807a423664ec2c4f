//go:build linux

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg"
	"patronctl/client/people"
)

// find measures the two calls of a search over one connection, in the program's own client and in psql: by surname and
// forenames, and for every other person by the surname alone.
func (x *bench) find() {
	x.filled(x.big)
	x.filled(x.small)
	x.step("finding patrons")
	for _, how := range []string{"exact", "misspelt"} {
		spelt := func(word string) string { return word }
		if how == "misspelt" {
			spelt = misspelt
		}
		searches := x.big.searches(spelt)
		times, found := x.search(x.big, searches)
		inSmall, _ := x.search(x.small, x.small.searches(spelt))
		inPsql := x.searchInPsql(x.big, searches)
		for _, percent := range []int{50, 95} {
			work := fmt.Sprintf("patron find, %s name (%d of %d found), p%d", how, found, len(searches), percent)
			at := func(times []time.Duration) cost { return cost{time: percentile(times, percent)} }
			x.report.atMost(work, 50*time.Millisecond, []cost{at(times), at(inPsql), at(inSmall)})
		}
	}
}

// searches are the words to find the people of a library by.
func (l *library) searches(spelt func(string) string) (searches [][]string) {
	for i, p := range l.people {
		words := []string{spelt(p.surname)}
		if i%2 == 0 {
			words = append(words, strings.Fields(p.forenames)[0])
		}
		searches = append(searches, words)
	}
	return searches
}

// search looks the people of a library up and counts those who were found.
func (x *bench) search(l *library, searches [][]string) (times []time.Duration, found int) {
	c := x.client("clerk", l.name)
	defer c.Close()
	for i, words := range searches {
		started := time.Now()
		patrons, err := people.Find(x.ctx, c, client.Why{}, people.FindQuery{Words: words})
		times = append(times, time.Since(started))
		if known, ok := errors.AsType[*client.Error](err); !ok || known.Kind != client.KindNotFound {
			x.must(err)
		}
		if slices.ContainsFunc(patrons, func(p people.Patron) bool { return p.Surname == l.people[i].surname }) {
			found++
		}
	}
	return times, found
}

var timing = regexp.MustCompile(`Time: ([0-9.]+) ms`)

// searchInPsql lets psql time the two calls of each search.
func (x *bench) searchInPsql(l *library, searches [][]string) (times []time.Duration) {
	var script strings.Builder
	fmt.Fprintln(&script, `\timing on`)
	for _, words := range searches {
		about, err := json.Marshal(map[string]any{"words": words, "limit": 20})
		x.must(err)
		quoted := strings.ReplaceAll(string(about), "'", "''")
		fmt.Fprintf(&script, "SELECT desk.open_access('patron find', '', '', '%s') AS access \\gset\n", quoted)
		// Nobody found is an error, which must not end the script.
		fmt.Fprintln(&script, "\\set ON_ERROR_STOP off\nSELECT desk.find_patrons(:access);\n\\set ON_ERROR_STOP on")
	}
	path := filepath.Join(x.dir, "find.sql")
	x.must(os.WriteFile(path, []byte(script.String()), 0o600))
	x.psql("clerk", l.name, "found.txt", path)
	out, err := os.ReadFile(filepath.Join(x.dir, "found.txt"))
	x.must(err)
	calls := timing.FindAllSubmatch(out, -1)
	if len(calls) != 2*len(searches) {
		x.Fatalf("psql timed %d calls of %d", len(calls), 2*len(searches))
	}
	for i := 0; i < len(calls); i += 2 {
		opened, _ := strconv.ParseFloat(string(calls[i][1]), 64)
		read, _ := strconv.ParseFloat(string(calls[i+1][1]), 64)
		times = append(times, time.Duration((opened+read)*float64(time.Millisecond)))
	}
	return times
}

// client connects as a login.
func (x *bench) client(login, database string) *client.Client {
	x.Helper()
	c, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN(login, database)})
	x.must(err)
	return c
}

// gate measures what opening an access before reading costs: patron show as it is, and the same document in one call as
// superuser.
func (x *bench) gate() {
	x.filled(x.big)
	for _, clients := range []int{1, 16} {
		x.step("showing patrons with and without the gate over %d connections", clients)
		gated := x.rate(clients, x.gated)
		ungated := x.rate(clients, x.ungated)
		add := func(what, ours, theirs string, times float64) {
			work := fmt.Sprintf("patron show over %d connections, %s", clients, what)
			l := line{work: work, ours: ours, theirs: "ungated " + theirs, ratio: ratio(times)}
			if what == "p50" {
				l.target, l.met = "4.0 x", times <= 4
			}
			x.report.add(l)
		}
		add("calls/s", fmt.Sprintf("%.0f", gated.perSecond), fmt.Sprintf("%.0f", ungated.perSecond), gated.perSecond/ungated.perSecond)
		add("p50", duration(gated.p50), duration(ungated.p50), float64(gated.p50)/float64(ungated.p50))
		add("p95", duration(gated.p95), duration(ungated.p95), float64(gated.p95)/float64(ungated.p95))
	}
}

// shower shows patrons over a connection of its own.
type shower struct {
	show  func(card string) error
	close func()
}

func (x *bench) gated() (shower, error) {
	c, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN("clerk", x.big.name)})
	if err != nil {
		return shower{}, err
	}
	return shower{close: c.Close, show: func(card string) error {
		_, err := people.Show(x.ctx, c, client.Why{}, card, people.ShowOptions{})
		return err
	}}, nil
}

func (x *bench) ungated() (shower, error) {
	conn, err := pgx.Connect(x.ctx, x.cluster.DSN(localpg.Superuser, x.big.name))
	if err != nil {
		return shower{}, err
	}
	return shower{close: func() { _ = conn.Close(x.ctx) }, show: func(card string) error {
		var document []byte
		if err := conn.QueryRow(x.ctx, `SELECT bench.show_patron($1, FALSE)`, card).Scan(&document); err != nil {
			return err
		}
		return json.Unmarshal(document, &people.Patron{})
	}}, nil
}

// pace is what clients got done.
type pace struct {
	perSecond float64
	p50, p95  time.Duration
}

// rateTime is for how long clients work.
const rateTime = 5 * time.Second

// rate lets clients show random patrons at the same time, each over its own connection.
func (x *bench) rate(clients int, connect func() (shower, error)) pace {
	var (
		mutex sync.Mutex
		times []time.Duration
		errs  []error
		all   sync.WaitGroup
	)
	for n := range clients {
		all.Go(func() {
			own, err := x.work(connect, x.big.cards[n*len(x.big.cards)/clients:])
			mutex.Lock()
			defer mutex.Unlock()
			times, errs = append(times, own...), append(errs, err)
		})
	}
	all.Wait()
	x.must(errors.Join(errs...))
	return pace{float64(len(times)) / rateTime.Seconds(), percentile(times, 50), percentile(times, 95)}
}

// work shows the patrons of these cards in turn until the time is up.
func (x *bench) work(connect func() (shower, error), cards []string) (times []time.Duration, err error) {
	s, err := connect()
	if err != nil {
		return nil, err
	}
	defer s.close()
	for i, begun := 0, time.Now(); time.Since(begun) < rateTime; i++ {
		started := time.Now()
		if err := s.show(cards[i%len(cards)]); err != nil {
			return nil, err
		}
		times = append(times, time.Since(started))
	}
	return times, nil
}
