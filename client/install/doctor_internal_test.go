package install

import (
	"testing"
	"time"
)

func TestClocksApart(t *testing.T) {
	for _, c := range []struct {
		difference, roundTrip time.Duration
		findings              int
	}{
		{0, 0, 0},
		{30 * time.Second, 0, 0},
		{-31 * time.Second, 0, 1},
		{31 * time.Second, 0, 1},
		{31 * time.Second, 5 * time.Second, 0}, // a slow answer says nothing
		{-10 * time.Hour, time.Second, 1},
	} {
		if found := apart(c.difference, c.roundTrip); len(found) != c.findings {
			t.Errorf("%s after %s: %+v", c.difference, c.roundTrip, found)
		}
	}
}
