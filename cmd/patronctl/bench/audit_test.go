//go:build linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/forgetting"
	"patronctl/client/localpg"
	"patronctl/client/people"
)

// recordsPerPatron is how many access records there are for each patron.
const recordsPerPatron = 10

// auditing measures what the audit tree costs: sealing, the proof at every start, and reading millions of records. psql
// reads the same records without the guard.
func (x *bench) auditing() {
	x.filled(x.big)
	x.filled(x.small)
	key, err := client.NewKey(client.AuditKey)
	x.must(err)
	workstation := filepath.Join(x.dir, "workstation")
	x.seal(x.big, key)
	x.start(workstation) // sees a head that is old by the time of the others

	sealed, took := x.sealMany(x.big, key)
	few, inSmall := x.sealMany(x.small, key)
	const least = 50_000
	speedOfAll := perSecond(sealed, took)
	x.report.add(line{
		work: fmt.Sprintf("audit seal of %d records", sealed), ours: speed(speedOfAll), small: speed(perSecond(few, inSmall)),
		target: ">= " + speed(least), met: speedOfAll >= least,
	})
	_, took = x.seal(x.big, key)
	_, inSmall = x.seal(x.small, key)
	x.report.add(line{work: "audit seal of the next minute, old records looked at", ours: duration(took), small: duration(inSmall)})

	x.starting(workstation)
	x.listing()
}

// sealMany makes access records up and seals them. It returns how many, and in what time.
func (x *bench) sealMany(l *library, key string) (records int, took time.Duration) {
	x.step("making up %d access records", recordsPerPatron*l.patrons)
	x.typed(l.name, "records.sql", fmt.Sprintf("records=%d", recordsPerPatron*l.patrons))
	x.sql("postgres", "CHECKPOINT")
	x.step("sealing them")
	return x.seal(l, key)
}

// seal connects as the job and seals. It returns how many records were sealed, and in what time.
func (x *bench) seal(l *library, key string) (records int, took time.Duration) {
	c, err := client.Open(x.ctx, client.Config{
		DSN: x.cluster.DSN("job", l.name), Observers: watching(), StateDir: filepath.Join(x.dir, "sealer-"+l.name),
	})
	x.must(err)
	defer c.Close()
	before, _, err := audit.NewestHead(x.ctx, c)
	if known, ok := errors.AsType[*client.Error](err); ok && known.Kind == client.KindNotFound {
		before = &audit.Head{}
	} else {
		x.must(err)
	}
	started := time.Now()
	head, err := audit.Seal(x.ctx, c, client.Why{}, key, func(int64) {})
	took = time.Since(started)
	x.must(err)
	return int(head.Size - before.Size), took
}

// starts is how often each way to start is measured: what is looked for is a tenth of a run.
const starts = 51

// starting measures what the look at the tree adds to the time until a run shows a patron, for a workstation that saw a tree
// before it grew, and for one that knows the newest head. A session loads what it knows of the tables once, whoever needs it
// first. The new head is written down after that.
func (x *bench) starting(workstation string) {
	x.step("starting with the proof of the tree")
	known := filepath.Join(x.dir, "newcomer")
	x.start(known)
	var proven, same, plain []time.Duration
	for run := range starts {
		grown := filepath.Join(x.dir, fmt.Sprintf("workstation-%d", run))
		x.must(os.CopyFS(grown, os.DirFS(workstation)))
		proven = append(proven, x.start(grown))
		same = append(same, x.start(known))
		plain = append(plain, x.start(""))
	}
	without := percentile(plain, 50)
	for _, l := range []struct {
		work  string
		times []time.Duration
	}{{"consistency proof of a tree that grew, at every start", proven}, {"look at a tree that is known, at every start", same}} {
		more := percentile(l.times, 50) - without
		const limit = 5 * time.Millisecond
		x.report.add(line{work: l.work, ours: duration(more), theirs: "of " + duration(without), target: duration(limit), met: more <= limit})
	}
}

// start connects as a workstation does and shows a patron.
func (x *bench) start(state string) time.Duration {
	started := time.Now()
	c, err := client.Open(x.ctx, client.Config{
		DSN: x.cluster.DSN("clerk", x.big.name), Observers: watching(), StateDir: state, Notice: func(line string) { x.Fatal(line) },
	})
	x.must(err)
	defer c.Close()
	_, err = people.Show(x.ctx, c, client.Why{}, x.big.cards[0], people.ShowOptions{})
	took := time.Since(started)
	x.must(err)
	return took
}

// listing measures the first page of records by patron, by login and by day.
func (x *bench) listing() {
	x.step("listing records")
	noon := time.Now().Add(-12 * time.Hour).Truncate(24 * time.Hour)
	for _, p := range []struct {
		by   string
		page func(run int) (audit.Filter, string)
	}{
		{"patron", func(run int) (audit.Filter, string) {
			id := int64(100 + 37*run)
			return audit.Filter{Patron: id}, fmt.Sprintf("patrons @> ARRAY[%d::bigint]", id)
		}},
		{"login", func(run int) (audit.Filter, string) {
			login := fmt.Sprintf("clerk%d", 7*run)
			return audit.Filter{Login: login}, fmt.Sprintf("login = '%s'", login)
		}},
		{"day", func(run int) (audit.Filter, string) {
			since := noon.AddDate(0, 0, -20*run-2)
			until := since.AddDate(0, 0, 1)
			where := fmt.Sprintf("at >= '%s' AND at < '%s'", since.Format(time.RFC3339), until.Format(time.RFC3339))
			return audit.Filter{Since: &since, Until: &until}, where
		}},
	} {
		ours, theirs := x.list(x.big, p.page)
		inSmall, _ := x.list(x.small, p.page)
		work := fmt.Sprintf("audit list by %s, first page of %d records", p.by, recordsPerPatron*x.big.patrons)
		x.report.atMost(work, 50*time.Millisecond, []cost{ours, theirs, inSmall})
	}
}

// list reads some pages through the guard and without it.
func (x *bench) list(l *library, page func(run int) (audit.Filter, string)) (ours, theirs cost) {
	c := x.client("auditor", l.name)
	defer c.Close()
	super, err := pgx.Connect(x.ctx, x.cluster.DSN(localpg.Superuser, l.name))
	x.must(err)
	defer super.Close(x.ctx) //nolint:errcheck // only read
	var times [2][]time.Duration
	for run := range 11 {
		filter, where := page(run)
		started := time.Now()
		found, err := audit.ListAccesses(x.ctx, c, client.Why{}, filter)
		times[us] = append(times[us], time.Since(started))
		x.must(err)
		started = time.Now()
		rows, err := super.Query(x.ctx, `SELECT id, at, login, operation, purpose, reason, outcome, patrons
			FROM patronctl.access WHERE `+where+` ORDER BY at DESC, id DESC LIMIT 100`)
		x.must(err)
		all, err := pgx.CollectRows(rows, pgx.RowToMap)
		times[them] = append(times[them], time.Since(started))
		x.must(err)
		x.same("audit list", strconv.Itoa(len(found)), strconv.Itoa(len(all)))
	}
	return cost{time: percentile(times[us], 50)}, cost{time: percentile(times[them], 50)}
}

// wholeProcesses measures a run of the program beside a psql that shows the same patron without the gate, one and sixteen at
// a time.
func (x *bench) wholeProcesses() {
	x.filled(x.big)
	for _, at := range []int{1, 16} {
		x.step("showing patrons with %d processes", at)
		together := func(run func(n int) cost) cost {
			var all sync.WaitGroup
			started := time.Now()
			for n := range at {
				all.Go(func() { run(n) })
			}
			all.Wait()
			return cost{time: time.Since(started)}
		}
		show := func(login, script string) way {
			return func(run int) cost {
				return together(func(n int) cost {
					card := x.big.cards[(16*run+n)%len(x.big.cards)]
					return x.psql(login, x.big.name, fmt.Sprintf("out%d", n), script, "card="+card)
				})
			}
		}
		c := x.compare(show("clerk", "show.sql"), show(localpg.Superuser, "show_ungated.sql"))
		x.report.within(fmt.Sprintf("the gate on whole processes of psql, %d at a time", at), 1.5, c)
	}
}

// mixedCalls is how many operations each of the clients does.
const mixedCalls, mixedClients = 200, 16

// mixing lets clients do different things at the same time: each leaves its record, and none waits for another in a circle.
func (x *bench) mixing() {
	x.filled(x.big)
	x.step("%d clients doing %d operations each", mixedClients, mixedCalls)
	count := func() (records, deadlocks int64) {
		super, err := pgx.Connect(x.ctx, x.cluster.DSN(localpg.Superuser, x.big.name))
		x.must(err)
		defer super.Close(x.ctx) //nolint:errcheck // only read
		x.must(super.QueryRow(x.ctx, `SELECT (SELECT count(*) FROM patronctl.access), d.deadlocks
			FROM pg_stat_database AS d WHERE d.datname = current_database()`).Scan(&records, &deadlocks))
		return records, deadlocks
	}
	records, deadlocks := count()
	var calls atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, mixedClients)
	started := time.Now()
	for n := range mixedClients {
		all.Go(func() { errs[n] = x.mix(n, &calls) })
	}
	all.Wait()
	took := time.Since(started)
	x.must(errors.Join(errs...))
	after, deadlocked := count()
	missing := calls.Load() - (after - records)
	x.report.add(line{
		work: fmt.Sprintf("%d clients, %d mixed operations each", mixedClients, mixedCalls),
		ours: speed(perSecond(int(calls.Load()), took)), ratio: fmt.Sprintf("%d, %d", deadlocked-deadlocks, missing),
		target: "0 deadlocks, 0 missing", met: deadlocked == deadlocks && missing == 0,
	})
}

// mix does what a desk does in turn, with passwords reset of a few patrons by all clients; the hash of a code takes more time
// than the rest. Each step opens one access.
func (x *bench) mix(n int, calls *atomic.Int64) error {
	c, err := client.Open(context.WithoutCancel(x.ctx), client.Config{DSN: x.cluster.DSN("clerk", x.big.name)})
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range mixedCalls {
		card := x.big.cards[(n*mixedCalls+i)%len(x.big.cards)]
		switch i % 20 {
		case 0:
			_, err = people.ResetPassword(x.ctx, c, client.Why{}, x.big.cards[i/20%8])
		case 1, 6, 11, 16:
			_, err = people.CheckDebt(x.ctx, c, client.Why{}, card, false)
		case 2, 7, 12, 17:
			_, err = people.Find(x.ctx, c, client.Why{}, people.FindQuery{Words: []string{x.big.people[i%len(x.big.people)].surname}})
		case 3, 8, 13, 18:
			_, err = audit.ListAccesses(x.ctx, c, client.Why{}, audit.Filter{Login: "clerk", Limit: 10})
		default:
			_, err = people.Show(x.ctx, c, client.Why{}, card, people.ShowOptions{})
		}
		calls.Add(1)
		if known, ok := errors.AsType[*client.Error](err); ok && (known.Kind == client.KindNotFound || known.Kind == client.KindRefused) {
			err = nil // recorded all the same
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// watching are the observers that the commands have.
func watching() []client.Observer {
	return []client.Observer{audit.Observer(), forgetting.Observer()}
}
