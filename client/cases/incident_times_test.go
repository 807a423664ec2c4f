package cases_test

import (
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/client/localpg/pgtest"
)

// A breach presses when less than a whole day is left: 24 hours do not, a microsecond less does, and so does what is over.
func TestABreachPresses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer := db.Client(t, "officer.cam")
	db.Freeze(t, "2026-02-02 12:00Z")
	if _, err := cases.ReportIncident(t.Context(), officer, client.Why{}, "breach", instant(t, "2026-02-02T12:00:00Z"),
		cases.IncidentFacts{Categories: new("names")}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		now      string
		left     int
		pressing bool
		clock    string
	}{
		{"2026-02-02 12:00Z", 72, false, "running"},
		{"2026-02-04 11:00Z", 25, false, "running"},
		{"2026-02-04 12:00Z", 24, false, "running"},
		{"2026-02-04 12:00:00.000001Z", 23, true, "running"},
		{"2026-02-04 13:00Z", 23, true, "running"},
		{"2026-02-05 12:00Z", 0, true, "running"},
		{"2026-02-05 12:00:00.000001Z", -1, true, "overdue"},
		{"2026-02-09 12:00Z", -96, true, "overdue"},
	} {
		db.Freeze(t, at.now)
		i, err := cases.ShowIncident(t.Context(), officer, client.Why{}, 1)
		if err != nil || *i.HoursLeft != at.left || i.Pressing != at.pressing || i.Clock != at.clock {
			t.Errorf("at %s: %d hours left, pressing %t, %s, %v", at.now, *i.HoursLeft, i.Pressing, i.Clock, err)
		}
	}
	// Told, or not to be told, it presses no more.
	if i, err := cases.UpdateIncident(t.Context(), officer, client.Why{}, 1,
		cases.IncidentFacts{NotNotified: new("encrypted")}); err != nil || i.Pressing || i.HoursLeft != nil {
		t.Errorf("not needed: %s, %v", pgtest.Text(t, i), err)
	}
}

// Nothing is noticed or told in the future, nor told before it was noticed; this very moment is neither.
func TestTimesOfAnIncident(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer := db.Client(t, "officer.cam")
	db.Freeze(t, "2026-02-02 12:00Z")
	now := instant(t, "2026-02-02T12:00:00Z")
	for _, at := range []struct {
		noticed, told time.Duration
		fine          bool
	}{
		{0, 0, true},
		{-time.Hour, -time.Hour, true},
		{-time.Hour, 0, true},
		{time.Microsecond, time.Microsecond, false},
		{-time.Hour, -time.Hour - time.Microsecond, false},
		{-time.Hour, time.Microsecond, false},
	} {
		told := now.Add(at.told)
		_, err := cases.ReportIncident(t.Context(), officer, client.Why{}, "breach", now.Add(at.noticed),
			cases.IncidentFacts{Notified: new("ICO 77"), ToldAt: &told})
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindUsage {
			t.Errorf("noticed %s, told %s from now: %v", at.noticed, at.told, err)
		}
	}
	for length, fine := range map[int]bool{1: true, 2000: true, 2001: false} {
		_, err := cases.ReportIncident(t.Context(), officer, client.Why{}, "agreement", now,
			cases.IncidentFacts{Measures: new(strings.Repeat("x", length))})
		if fine != (err == nil) {
			t.Errorf("a text of %d: %v", length, err)
		}
	}
}
