//go:build linux

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg"
	"patronctl/client/people"
)

// officers are the logins of one officer at each authority.
var officers = []string{"cam", "ken", "pbk"}

// ruled and typed are copies of the library: one forgets by a rule of patronctl, the other by statements in psql.
const ruled, typed = "ruled", "typed"

// oldThird is the age in days that a third of the loans of four years have passed.
const oldThird = 973

// lapsedShare is the share of patrons who are erased: 100,000 of 1,000,000.
const lapsedShare = 10

// fresh makes a new copy of a library. What patronctl remembers of the last one is forgotten: to it this would be the same
// library, restored from a backup.
func (x *bench) fresh(database string, l *library) {
	template := x.filled(l)
	x.must(os.RemoveAll(filepath.Join(x.dir, ".local")))
	x.sql("postgres", "DROP DATABASE IF EXISTS "+database)
	x.sql("postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s", database, template, localpg.Owner))
	x.sql("postgres", "CHECKPOINT")
}

func (x *bench) drop(databases ...string) {
	for _, database := range databases {
		x.sql("postgres", "DROP DATABASE "+database)
	}
}

// enable puts a rule in force at every authority; with a cap of nobody its plans always wait for another officer.
func (x *bench) enable(change forgetting.RuleChange) {
	for _, login := range officers {
		officer := x.client(login, ruled)
		_, err := forgetting.SetRule(x.ctx, officer, client.Why{}, "bench-"+login, change)
		x.must(err)
		_, err = forgetting.EnableRule(x.ctx, officer, client.Why{}, "bench-"+login, "", true)
		x.must(err)
		officer.Close()
	}
}

// night plans what is due, has it approved, and runs it. The officers' time does not count.
func (x *bench) night() cost {
	planned := x.ours("job", ruled, "out", "retention", "run", "--due", "--dry-run", "--quiet")
	for n, login := range officers {
		other := x.client(officers[(n+1)%len(officers)], ruled)
		plans, err := forgetting.Runs(x.ctx, other, client.Why{}, len(officers))
		x.must(err)
		for _, plan := range plans {
			if strings.HasPrefix(plan.Rules[0], "bench-"+login) {
				_, err = forgetting.ApprovePlan(x.ctx, other, client.Why{}, plan.Plan, plan.Hash)
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
	days := fmt.Sprintf("days=%d", oldThird)
	anonymous := func(database string) int { return first(x.answer(database, "swept.sql")) }
	before := map[*library]int{x.big: anonymous(x.filled(x.big)), x.small: anonymous(x.filled(x.small))}
	loans := map[*library]int{}
	sweep := func(l *library) cost {
		x.step("sweeping the oldest third of the loans of %d patrons", l.patrons)
		x.fresh(ruled, l)
		x.enable(forgetting.RuleChange{"action": "anonymize-history", "age": fmt.Sprintf("%d days", oldThird), "cap": 0})
		x.sql("postgres", "CHECKPOINT")
		still := x.reading(l, func() { time.Sleep(rateTime) })
		var c cost
		meanwhile := x.reading(l, func() { c = x.night() })
		if l == x.big {
			idle, busy = append(idle, still...), append(busy, meanwhile...)
		}
		loans[l] = anonymous(ruled) - before[l] // some are anonymous already
		return c
	}
	c := x.compare(
		func(int) cost { return sweep(x.big) },
		func(int) cost {
			x.step("the same in psql")
			x.fresh(typed, x.big)
			c := x.typed(typed, "sweep.sql", days)
			x.same("retention run and the statements in psql", x.answer(ruled, "swept.sql"), x.answer(typed, "swept.sql"))
			return c
		},
		func(int) cost { return sweep(x.small) },
		func(int) cost {
			x.step("changing the patron of %d loans in place", loans[x.big])
			x.fresh(typed, x.big)
			return x.typed(typed, "update.sql", fmt.Sprintf("loans=%d", loans[x.big]))
		})
	x.drop(ruled, typed)

	work := fmt.Sprintf("retention run of %d loans", loans[x.big])
	x.report.within(work, 1.3, c)
	x.report.memory("retention run, peak memory", 64<<20, c)
	rate := func(l *library, place int) float64 { return perSecond(loans[l], c[place].time) }
	x.report.speeds(work+", beside UPDATE in place", 3, rate(x.big, us), rate(x.big, inPlace), rate(x.small, little))
	meanwhile, alone := percentile(busy, 95), percentile(idle, 95)
	slower := float64(meanwhile) / float64(alone)
	x.report.add(line{
		work: "patron show every 50 ms meanwhile, p95", ours: duration(meanwhile), theirs: "idle " + duration(alone),
		ratio: ratio(slower), target: "3.0 x", met: slower <= 3,
	})
}

// inPlace is the place of the UPDATE among what is compared.
const inPlace = 3

// first is the first number of an answer.
func first(answer string) int {
	number, _ := strconv.Atoi(strings.Split(answer, "|")[0])
	return number
}

// reading shows patrons, one every 50 ms, for as long as something else is done.
func (x *bench) reading(l *library, meanwhile func()) (times []time.Duration) {
	c := x.client("clerk", ruled)
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
			if _, err := people.Show(x.ctx, c, client.Why{}, l.cards[i%len(l.cards)], people.ShowOptions{}); err != nil {
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
	prepared := func(database string, l *library) {
		x.fresh(database, l)
		x.typed(database, "lapse.sql", fmt.Sprintf("share=%d", lapsedShare))
		x.sql(database, "VACUUM ANALYZE lms.patron, lms.membership")
		x.sql("postgres", "CHECKPOINT")
	}
	people := map[*library]int{}
	erase := func(l *library) cost {
		x.step("erasing one in %d of %d patrons", lapsedShare, l.patrons)
		prepared(ruled, l)
		x.enable(forgetting.RuleChange{"action": "erase-lapsed", "age": "20 years", "cap": 0})
		c := x.night()
		people[l] = first(x.answer(ruled, "erased.sql"))
		return c
	}
	c := x.compare(
		func(int) cost { return erase(x.big) },
		func(int) cost {
			x.step("the same in psql")
			prepared(typed, x.big)
			c := x.typed(typed, "erase.sql")
			x.same("retention run and the statements in psql", x.answer(ruled, "erased.sql"), x.answer(typed, "erased.sql"))
			return c
		},
		func(int) cost { return erase(x.small) })
	x.drop(ruled, typed)
	rate := func(l *library, place int) float64 { return perSecond(people[l], c[place].time) }
	ours, theirs, inSmall := rate(x.big, us), rate(x.big, them), rate(x.small, little)
	const least, share = 2000, 0.8
	x.report.add(line{
		work: fmt.Sprintf("erasing %d people", people[x.big]), ours: speed(ours), theirs: speed(theirs), small: speed(inSmall),
		ratio: ratio(ours / theirs), target: ">= " + speed(least), met: ours >= least,
	})
	x.report.add(line{
		work: "erasing, beside the small library", ours: speed(ours), small: speed(inSmall),
		ratio: ratio(ours / inSmall), target: fmt.Sprintf(">= %.1f x", share), met: ours >= share*inSmall,
	})
}
