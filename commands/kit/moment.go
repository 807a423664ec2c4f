package kit

import (
	"errors"
	"time"
)

// MomentFlag is a flag that takes an ISO day or today, in the zone of this computer, or an instant (RFC 3339).
type MomentFlag struct {
	time.Time
	text string
	day  bool // the whole day is meant
}

// Set reads the moment.
func (m *MomentFlag) Set(s string) error {
	if s == "today" {
		//nolint:forbidigo // the reader's day: the records carry real time, whatever the library's clock says
		s = time.Now().Format(time.DateOnly)
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		*m = MomentFlag{day, s, true}
		return nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("write 2026-01-31, today or 2026-01-31T14:00:00+01:00")
	}
	*m = MomentFlag{at, s, false}
	return nil
}

// Type is the word that help shows for the value.
func (m *MomentFlag) Type() string { return "TIME" }

func (m *MomentFlag) String() string { return m.text }

// Begin is where the moment starts; nil when none was given.
func (m *MomentFlag) Begin() *time.Time {
	if m.IsZero() {
		return nil
	}
	return &m.Time
}

// End is where the moment ends: a day includes all of itself.
func (m *MomentFlag) End() *time.Time {
	if !m.day {
		return m.Begin()
	}
	end := m.AddDate(0, 0, 1)
	return &end
}
