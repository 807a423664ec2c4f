package client

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Date is a calendar day, written 2006-01-02 in JSON and text; the zero value is "no date".
type Date struct {
	time.Time
	// Today leaves it to the database which day it is, in the time zone of the authority concerned.
	Today bool
}

// ParseDate reads an ISO day (2026-01-31) or the word today.
func ParseDate(s string) (Date, error) {
	if s == "today" {
		return Date{Today: true}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil || day.IsZero() { // 0001-01-01 is what programs write for no date
		return Date{}, fmt.Errorf("not a day: write 2026-01-31 or today")
	}
	return Date{Time: day}, nil
}

func (d Date) String() string {
	switch {
	case d.Today:
		return "today"
	case d.IsZero():
		return ""
	default:
		return d.Format(time.DateOnly)
	}
}

// MarshalText writes the day as ISO; it also serves JSON.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON keeps time.Time's own method from being promoted.
func (d Date) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", d.String()), nil }

// UnmarshalJSON reads an ISO day.
func (d *Date) UnmarshalJSON(data []byte) error {
	day, err := time.Parse(`"2006-01-02"`, string(data))
	d.Time = day
	return err
}

// Param is the day as a query parameter: infinity stands for today, which the database knows.
func (d Date) Param() pgtype.Date {
	if d.Today {
		return pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}
	}
	return pgtype.Date{Time: d.Time, Valid: !d.IsZero()}
}

// Day is a date column as a Date; NULL is nil.
func Day(value *time.Time) *Date {
	if value == nil {
		return nil
	}
	return &Date{Time: *value}
}
