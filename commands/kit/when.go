package kit

import (
	"time"

	"patronctl/client"
)

// Day writes a day that may be unknown.
func Day(d *client.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// Instant writes a moment that may be missing, to the minute, in the time zone of this machine.
func Instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// Moment is Instant for an RFC 3339 text; any other text, such as a day, stays as it is.
func Moment(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return Instant(&t)
	}
	return s
}

// DayOf is the day of Instant.
func DayOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateOnly)
}
