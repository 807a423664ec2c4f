package sample

import (
	"math"
	"time"
)

// day counts from 1970-01-01.
type day int32

// never stands for a day that has not come.
const never day = math.MinInt32

// year is its length in days, near enough for ages and expiry.
const year = 365

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
}

// iso reads a day of this package's own tables; empty is never.
func iso(s string) day {
	if s == "" {
		return never
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return dayOf(t)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86_400, 0).UTC() }

// at is the instant n seconds after the libraries open in the morning.
func (d day) at(n int) instant { return instant(int64(d)*86_400 + 9*3600 + int64(n)) }

// closing is the instant by which things are due.
func (d day) closing() instant { return d.at(openFor) }

// openFor is how long the libraries are open, in seconds: 09:00 to 18:00 UTC.
const openFor = 9 * 3600

// instant is in Unix seconds; zero is NULL.
type instant int64
