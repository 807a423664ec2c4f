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

// What may be said of an incident, at the ends of what is taken.
func TestWhatMayBeSaidOfAnIncident(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(`
		SET session_replication_role = replica;
		UPDATE patronctl.access SET login = 'left.cam' WHERE login = 'admin';
		RESET session_replication_role`)
	begin, end, day := instant(t, "1970-01-01T00:00:00Z"), instant(t, "9999-12-31T00:00:00Z"), instant(t, "2026-01-30T00:00:00Z")
	accesses := func(login string, from, to time.Time) cases.IncidentFacts {
		return cases.IncidentFacts{AccessesOf: &login, AccessesFrom: &from, AccessesTo: &to}
	}
	for _, at := range []struct {
		name, kind string
		noticed    time.Time
		facts      cases.IncidentFacts
		fine       bool
	}{
		{"every member is told", "breach", day, cases.IncidentFacts{Told: []string{"CAM", "KEN", "PBK"}}, true},
		{"a member is told twice", "breach", day, cases.IncidentFacts{Told: []string{"CAM", "KEN", "PBK", "KEN"}}, false},
		{"no people", "breach", day, cases.IncidentFacts{People: new(int64(0)), Records: new(int64(0)), PeopleTold: new(int64(0))}, true},
		{"fewer than none", "breach", day, cases.IncidentFacts{People: new(int64(9)), Records: new(int64(-1))}, false},
		{"fewer than none were told", "breach", day, cases.IncidentFacts{People: new(int64(9)), PeopleTold: new(int64(-1))}, false},
		{"the supervisory authority is told of the agreement", "agreement", day, cases.IncidentFacts{Notified: new("ICO 77")}, false},
		{"it need not be told of the agreement", "agreement", day, cases.IncidentFacts{NotNotified: new("encrypted")}, false},
		{"it was told of a breach", "breach", day, cases.IncidentFacts{Notified: new("ICO 77")}, true},
		{"noticed when time began", "agreement", begin, cases.IncidentFacts{}, true},
		{"noticed before", "agreement", begin.Add(-time.Microsecond), cases.IncidentFacts{}, false},
		{"accesses of all times", "agreement", day, accesses("clerk.cam", begin, end), true},
		{"accesses before", "agreement", day, accesses("clerk.cam", begin.Add(-time.Microsecond), end), false},
		{"accesses after", "agreement", day, accesses("clerk.cam", begin, end.Add(time.Microsecond)), false},
		{"accesses of a moment", "agreement", day, accesses("clerk.cam", day, day.Add(time.Microsecond)), true},
		{"accesses of no time", "agreement", day, accesses("clerk.cam", day, day), false},
		{"accesses to come", "agreement", day, accesses("clerk.cam", time.Now().Add(time.Hour), end), false},
		{"accesses of a login that is there no more", "agreement", day, accesses("left.cam", begin, end), true},
		{"accesses of a login that never was", "agreement", day, accesses("never.cam", begin, end), false},
		{"accesses of somebody", "agreement", day, cases.IncidentFacts{AccessesFrom: &begin, AccessesTo: &end}, false},
		{"accesses without end", "agreement", day, cases.IncidentFacts{AccessesOf: new("clerk.cam"), AccessesFrom: &begin}, false},
	} {
		_, err := cases.ReportIncident(t.Context(), officer, client.Why{}, at.kind, at.noticed, at.facts)
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%s: %v", at.name, err)
		}
	}
	psql := pgtest.Connect(t, db, "officer.cam")
	_, err := psql.Run(`SELECT desk.report_incident(%s, 'agreement', '2026-01-30', '{"measures": "key changed"}')`,
		psql.Open("incident report", `{"texts": ["no key changed"]}`))
	pgtest.Refused(t, "another text than the access was opened with", err)
}

// The last of what was said of each thing holds, whatever else was said since; the authority was told when it was told first.
func TestTheLastThatWasSaid(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer := db.Client(t, "officer.cam")
	db.Freeze(t, "2026-02-02 12:00Z")
	noticed, first, second := instant(t, "2026-02-01T12:00:00Z"), instant(t, "2026-02-01T13:00:00Z"), instant(t, "2026-02-01T14:00:00Z")
	facts := func(text, login string, number int64, at time.Time) cases.IncidentFacts {
		return cases.IncidentFacts{
			Categories: &text, People: &number, Records: new(number + 1), Consequences: new(text + " by post"), Measures: new(text + " since"),
			Notified: new(text + " 77"), PeopleTold: new(number + 2), ToldAt: &at,
			AccessesOf: &login, AccessesFrom: new(at.AddDate(0, 0, -2)), AccessesTo: &at,
		}
	}
	said := func(f cases.IncidentFacts) string {
		return pgtest.Text(t, []any{
			f.Categories, f.People, f.Records, f.Consequences, f.Measures, f.Notified, f.PeopleTold, f.ToldAt,
			f.AccessesOf, f.AccessesFrom, f.AccessesTo,
		})
	}
	shown := func(i *cases.Incident, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if i.NotifiedAt == nil || !i.NotifiedAt.Equal(first) {
			t.Errorf("the authority was told at %v", i.NotifiedAt)
		}
		return said(cases.IncidentFacts{
			Categories: i.Categories, People: i.People, Records: i.Records, Consequences: i.Consequences, Measures: i.Measures,
			Notified: i.Notified, PeopleTold: i.PeopleTold, ToldAt: utc(i.PeopleToldAt),
			AccessesOf: i.AccessesOf, AccessesFrom: utc(i.AccessesFrom), AccessesTo: utc(i.AccessesTo),
		})
	}
	one, two := facts("names", "clerk.cam", 40, first), facts("loans", "clerk.ken", 60, second)
	if got := shown(cases.ReportIncident(t.Context(), officer, client.Why{}, "breach", noticed, one)); got != said(one) {
		t.Errorf("reported: %s\nwant %s", got, said(one))
	}
	if got := shown(cases.UpdateIncident(t.Context(), officer, client.Why{}, 1, two)); got != said(two) {
		t.Errorf("updated: %s\nwant %s", got, said(two))
	}
	member := cases.IncidentFacts{Told: []string{"KEN"}}
	if got := shown(cases.UpdateIncident(t.Context(), officer, client.Why{}, 1, member)); got != said(two) {
		t.Errorf("told a member since: %s\nwant %s", got, said(two))
	}
	needless := cases.IncidentFacts{NotNotified: new("encrypted")}
	if i, err := cases.UpdateIncident(t.Context(), officer, client.Why{}, 1, needless); err != nil || *i.NotNotified != "encrypted" {
		t.Errorf("%+v %v", i, err)
	}
	if got := shown(cases.UpdateIncident(t.Context(), officer, client.Why{}, 1, cases.IncidentFacts{People: two.People})); got != said(two) {
		t.Errorf("said again: %s\nwant %s", got, said(two))
	}
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.UTC())
}
