package audit

import (
	"errors"
	"time"
)

// moment is a flag that takes an ISO day or today, in the zone of this computer, or an instant (RFC 3339).
type moment struct {
	time.Time
	text string
	day  bool // the whole day is meant
}

// Set reads the moment.
func (m *moment) Set(s string) error {
	if s == "today" {
		s = time.Now().Format(time.DateOnly) //nolint:forbidigo // the reader's day: the records carry real time, whatever the library's clock says
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		*m = moment{day, s, true}
		return nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("write 2026-01-31, today or 2026-01-31T14:00:00+01:00")
	}
	*m = moment{at, s, false}
	return nil
}

// Type is the word that help shows for the value.
func (m *moment) Type() string { return "TIME" }

func (m *moment) String() string { return m.text }

// begin is where the moment starts; nil when none was given.
func (m *moment) begin() *time.Time {
	if m.IsZero() {
		return nil
	}
	return &m.Time
}

// end is where the moment ends: a day includes all of itself.
func (m *moment) end() *time.Time {
	if !m.day {
		return m.begin()
	}
	end := m.AddDate(0, 0, 1)
	return &end
}
