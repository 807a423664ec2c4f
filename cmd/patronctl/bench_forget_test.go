//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/localpg"
)

// officers are the logins of one officer at each authority.
var officers = []string{"cam", "ken", "pbk"}

// ruled and typed are copies of the library: one forgets by a rule of patronctl, the other by statements in psql.
const ruled, typed = "ruled", "typed"

// oldThird is the age in days that a third of the loans of four years have passed.
const oldThird = 973

// lapsedShare is the share of patrons who are erased: 100,000 of 1,000,000.
const lapsedShare = 10

// fresh makes a new copy of the library. What patronctl remembers of the last one is forgotten: to it this would be the same
// library, restored from a backup.
func (x *bench) fresh(database string) {
	x.must(os.RemoveAll(filepath.Join(x.dir, ".local")))
	x.must(x.cluster.SQL(x.ctx, "postgres", "DROP DATABASE IF EXISTS "+database))
	x.must(x.cluster.SQL(x.ctx, "postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s", database, library, localpg.Owner)))
}

func (x *bench) drop(databases ...string) {
	for _, database := range databases {
		x.must(x.cluster.SQL(x.ctx, "postgres", "DROP DATABASE "+database))
	}
}

// enable puts a rule in force at every authority; with a cap of nobody its plans always wait for another officer.
func (x *bench) enable(change client.RuleChange) {
	for _, login := range officers {
		officer, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN(login, ruled)})
		x.must(err)
		_, err = officer.SetRule(x.ctx, client.Why{}, "bench-"+login, change)
		x.must(err)
		_, err = officer.EnableRule(x.ctx, client.Why{}, "bench-"+login, "", true)
		x.must(err)
		officer.Close()
	}
}

// night plans what is due, has it approved, and runs it. The officers' time does not count.
func (x *bench) night() cost {
	planned := x.ours("job", ruled, "out", "retention", "run", "--due", "--dry-run", "--quiet")
	for n, login := range officers {
		other, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN(officers[(n+1)%len(officers)], ruled)})
		x.must(err)
		plans, err := other.Runs(x.ctx, client.Why{}, len(officers))
		x.must(err)
		for _, plan := range plans {
			if strings.HasPrefix(plan.Rules[0], "bench-"+login) {
				_, err = other.ApprovePlan(x.ctx, client.Why{}, plan.Plan, plan.Hash)
				x.must(err)
			}
		}
		other.Close()
	}
	run := x.ours("job", ruled, "out", "retention", "run", "--due", "--quiet")
	return cost{planned.time + run.time, max(planned.memory, run.memory)}
}

// sweeping moves the oldest third of the loans, by a rule in the nightly job, as one would type it, and by changing the
// patron of as many loans in place; patrons are shown meanwhile.
func (x *bench) sweeping() {
	var idle, busy []time.Duration
	rule := client.RuleChange{"action": "anonymize-history", "age": fmt.Sprintf("%d days", oldThird), "cap": 0}
	days := fmt.Sprintf("days=%d", oldThird)
	var moved string
	us, them := x.compare(func(run int) cost {
		x.step("sweeping the oldest third of the loans, run %d", run+1)
		x.fresh(ruled)
		x.enable(rule)
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
		idle = append(idle, x.reading(func() { time.Sleep(rateTime) })...)
		var c cost
		busy = append(busy, x.reading(func() { c = x.night() })...)
		return c
	}, func(int) cost {
		x.fresh(typed)
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
		c := x.psql(localpg.Superuser, typed, "out", "sweep.sql", days)
		moved = x.answer(typed, "swept.sql")
		x.same("retention run and the statements in psql", x.answer(ruled, "swept.sql"), moved)
		return c
	})
	loans := x.first(moved) - x.first(x.answer(library, "swept.sql")) // some are anonymous already
	x.step("changing the patron of %d loans in place", loans)
	inPlace, _ := x.compare(func(int) cost {
		x.fresh(typed)
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
		return x.psql(localpg.Superuser, typed, "out", "update.sql", fmt.Sprintf("loans=%d", loans))
	}, func(int) cost { return cost{} })
	x.drop(ruled, typed)

	work := fmt.Sprintf("retention run of %d loans", loans)
	x.report.within(work, us.time, them.time, 1.3)
	x.report.atLeast(work+", beside UPDATE in place", perSecond(loans, us.time), perSecond(loans, inPlace.time), 3)
	x.report.memory("retention run, peak memory", us.memory, them.memory, 64<<20)
	meanwhile, before := percentile(busy, 95), percentile(idle, 95)
	ratio := float64(meanwhile) / float64(before)
	x.report.add(line{
		work: "patron show every 50 ms meanwhile, p95", ours: duration(meanwhile), theirs: "idle " + duration(before),
		ratio: fmt.Sprintf("%.2f", ratio), target: "3.0 x", met: ratio <= 3,
	})
}

// first is the first number of an answer.
func (x *bench) first(answer string) int {
	number, err := strconv.Atoi(strings.Split(answer, "|")[0])
	x.must(err)
	return number
}

// reading shows patrons, one every 50 ms, for as long as something else is done.
func (x *bench) reading(meanwhile func()) (times []time.Duration) {
	c, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN("clerk", ruled)})
	x.must(err)
	defer c.Close()
	done := make(chan struct{})
	read := make(chan error)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-done:
				read <- nil
				return
			case <-tick.C:
			}
			started := time.Now()
			if _, err := c.ShowPatron(x.ctx, client.Why{}, x.cards[i%len(x.cards)], client.ShowOptions{}); err != nil {
				<-done
				read <- err
				return
			}
			times = append(times, time.Since(started))
		}
	}()
	meanwhile()
	close(done)
	x.must(<-read)
	return times
}

// erasing forgets the people whose membership ended long ago, by a rule in the nightly job and as one would type it.
func (x *bench) erasing() {
	var people string
	prepared := func(database string) {
		x.fresh(database)
		x.psql(localpg.Superuser, database, "out", "lapse.sql", fmt.Sprintf("share=%d", lapsedShare))
		x.must(x.cluster.SQL(x.ctx, database, "VACUUM ANALYZE lms.patron, lms.membership"))
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
	}
	us, them := x.compare(func(run int) cost {
		x.step("erasing people, run %d", run+1)
		prepared(ruled)
		x.enable(client.RuleChange{"action": "erase-lapsed", "age": "20 years", "cap": 0})
		return x.night()
	}, func(int) cost {
		prepared(typed)
		c := x.psql(localpg.Superuser, typed, "out", "erase.sql")
		people = x.answer(typed, "erased.sql")
		x.same("retention run and the statements in psql", x.answer(ruled, "erased.sql"), people)
		return c
	})
	x.drop(ruled, typed)
	erased := x.first(people)
	const least = 2000
	ours, theirs := perSecond(erased, us.time), perSecond(erased, them.time)
	x.report.add(line{
		work: fmt.Sprintf("erasing %d people", erased), ours: speed(ours), theirs: speed(theirs),
		ratio: fmt.Sprintf("%.2f", ours/theirs), target: ">= " + speed(least), met: ours >= least,
	})
}
