package cases_test

import (
	"fmt"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// The clock of a breach is 72 hours long, over the end of a month and of a year, a leap day, and both changes of the clocks,
// whatever the time zone of the session.
func TestBreachClock(t *testing.T) {
	t.Parallel()
	super := pgtest.Connect(t, pgtest.New(t), "postgres")
	for _, row := range []struct{ noticed, now, due, clock, left string }{
		{"2026-01-28T12:00:00Z", "2026-01-28T12:00:00Z", "2026-01-31T12:00:00Z", "running", "72"},
		{"2026-01-30T23:30:00Z", "2026-02-02T23:30:00Z", "2026-02-02T23:30:00Z", "running", "0"},
		{"2026-01-30T23:30:00Z", "2026-02-02T23:30:01Z", "2026-02-02T23:30:00Z", "overdue", "-1"},
		{"2028-02-27T08:00:00Z", "2028-02-29T08:00:00Z", "2028-03-01T08:00:00Z", "running", "24"},
		{"2026-02-27T08:00:00Z", "2026-03-01T08:00:01Z", "2026-03-02T08:00:00Z", "running", "23"},
		{"2026-12-30T12:00:00Z", "2027-01-02T13:30:00Z", "2027-01-02T12:00:00Z", "overdue", "-2"},
		// London's clocks go forward on 29 March and back on 25 October: Friday 18:00 and 72 hours is not Monday 18:00.
		{"2026-03-27T18:00:00Z", "2026-03-30T18:00:00+01:00", "2026-03-30T19:00:00+01:00", "running", "1"},
		{"2026-10-23T18:00:00+01:00", "2026-10-26T18:00:00Z", "2026-10-26T17:00:00Z", "overdue", "-1"},
		// Kettlewick's neighbours in Bratislava change at the same moment, at another hour of the day.
		{"2026-03-28T02:30:00+01:00", "2026-03-28T02:30:00+01:00", "2026-03-31T03:30:00+02:00", "running", "72"},
	} {
		for _, zone := range []string{"UTC", "Europe/London", "Europe/Bratislava", "America/St_Johns"} {
			got := super.Must(`
				SET TimeZone = '%s';
				SELECT due_at = '%s', clock, hours_left FROM desk.breach_clock('%s', NULL, FALSE, '%s')`, zone, row.due, row.noticed, row.now)
			if want := "t\n" + row.clock + "\n" + row.left; got != want {
				t.Errorf("%s: %v: %q", zone, row, got)
			}
		}
	}
	for told, want := range map[string]string{
		"'2026-01-31T12:00:00Z', FALSE": "told", "'2026-01-31T12:00:01Z', FALSE": "told late", "NULL, TRUE": "not needed",
		"'2026-02-01', TRUE": "told late",
	} {
		got := super.Must(`
			SET TimeZone = 'UTC';
			SELECT clock, hours_left IS NULL
			FROM desk.breach_clock('2026-01-28T12:00:00Z', %s, '2027-01-01')`, told)
		if got != want+"\nt" {
			t.Errorf("%s: %q", told, got)
		}
	}
}

// What is said is added, never overwritten; the last of it holds. A breach is not closed in silence.
func TestIncidentIsToldInPhases(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	officer := db.Client(t, "officer.cam")
	noticed := instant(t, "2026-01-29T08:00:00Z")
	first, err := cases.ReportIncident(ctx, db.Client(t, "clerk.ken"), why, "breach", noticed,
		cases.IncidentFacts{Categories: new("names, loans"), People: new(int64(40))})
	if err != nil || first.Authority != "KEN" || first.Clock != "running" || *first.HoursLeft > 20 || !first.Pressing || first.Receipt == "" {
		t.Fatalf("%+v %v", first, err)
	}
	n := first.Incident
	_, err = cases.CloseIncident(ctx, officer, why, n)
	pgtest.OfKind(t, err, client.KindRefused)
	told := instant(t, "2026-01-30T10:00:00Z")
	if _, err = cases.UpdateIncident(ctx, officer, why, n,
		cases.IncidentFacts{People: new(int64(60)), Told: []string{"PBK"}, ToldAt: &told}); err != nil {
		t.Fatal(err)
	}
	if _, err = cases.UpdateIncident(ctx, officer, why, n,
		cases.IncidentFacts{NotNotified: new("encrypted"), Measures: new("key changed")}); err != nil {
		t.Fatal(err)
	}
	i, err := cases.UpdateIncident(ctx, officer, why, n, cases.IncidentFacts{
		Notified:   new("ICO 77/2026"),
		Told:       []string{"CAM", "PBK"},
		PeopleTold: new(int64(60)),
	})
	if err != nil || i.Clock != "told" || i.HoursLeft != nil || i.Pressing || *i.People != 60 || *i.Categories != "names, loans" ||
		*i.Measures != "key changed" {
		t.Fatalf("%+v %v", i, err)
	}
	if len(i.Told) != 2 || i.Told[1].Authority != "PBK" || !i.Told[1].At.Equal(told) || len(i.Untold) != 0 || *i.PeopleTold != 60 {
		t.Errorf("%+v", i)
	}
	name := super.Must("SELECT 'asked ' || forenames || ' ' || surname FROM lms.identity WHERE patron = 36")
	for what, facts := range map[string]cases.IncidentFacts{
		"nothing": {}, "name": {Measures: &name}, "card": {Categories: new("card " + sample.CardLongHistory)},
		"mail": {Consequences: new("jana@example.org")}, "blank": {Measures: new(" ")},
		"two":     {Notified: new("x"), NotNotified: new("y")},
		"nowhere": {Told: []string{"XXX"}}, "negative": {People: new(int64(-1))},
		"nobody": {AccessesOf: new("nobody"), AccessesFrom: &noticed, AccessesTo: &told},
		"half":   {AccessesOf: new("clerk.cam")}, "backwards": {AccessesOf: new("clerk.cam"), AccessesFrom: &told, AccessesTo: &noticed},
		"early": {Told: []string{"KEN"}, ToldAt: new(noticed.Add(-time.Hour))},
		"late":  {Told: []string{"KEN"}, ToldAt: new(noticed.AddDate(1, 0, 0))},
	} {
		_, err := cases.UpdateIncident(ctx, officer, why, n, facts)
		if pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Whoever calls the function need not be our client, and what is once written stays in everybody's list.
	psql, always := pgtest.Connect(t, db, "officer.cam"), `"accesses_of": "clerk.cam", "accesses_from": "%s", "accesses_to": "%s"`
	for _, given := range []string{
		`"told": [null]`, `"told": [["KEN"]]`, `"told": "KEN"`, `"told": ["KEN", "KEN", "KEN", "KEN"]`, `"people": 1e30`,
		`"told": ["KEN"], "told_at": "infinity"`, `"told": ["KEN"], "told_at": "-infinity"`,
		fmt.Sprintf(always, "-infinity", "2026-01-30"), fmt.Sprintf(always, "2026-01-29", "infinity"),
		fmt.Sprintf(always, "0044-03-15 BC", "2026-01-30"), fmt.Sprintf(always, "2026-01-29", "10000-01-01"),
	} {
		_, err = psql.Run("SELECT desk.update_incident(%s, %d, '{%s}')", psql.Open("incident update", "{}"), n, given)
		if pgtest.Code(err) != "LB400" {
			t.Errorf("%s: %v", given, err)
		}
	}
	for _, noticed := range []string{"infinity", "-infinity", "0044-03-15 BC", "10000-01-01"} {
		_, err = psql.Run("SELECT desk.report_incident(%s, 'agreement', '%s', '{}')", psql.Open("incident report", "{}"), noticed)
		if pgtest.Code(err) != "LB400" {
			t.Errorf("noticed at %s: %v", noticed, err)
		}
	}
	if _, err = cases.CloseIncident(ctx, officer, why, n); err != nil {
		t.Fatal(err)
	}
	_, err = cases.UpdateIncident(ctx, officer, why, n, cases.IncidentFacts{People: new(int64(1))})
	pgtest.OfKind(t, err, client.KindRefused)
	shown, err := cases.ShowIncident(ctx, db.Client(t, "officer.pbk"), why, n)
	if err != nil || len(shown.Entries) != 5 || shown.Entries[0].Login != "clerk.ken" || *shown.Entries[0].People != 40 ||
		shown.Entries[4].Action != "closed" || shown.ClosedAt == nil {
		t.Fatalf("%+v %v", shown, err)
	}
	_, err = cases.ShowIncident(ctx, officer, why, 999)
	pgtest.OfKind(t, err, client.KindNotFound)
	for _, sql := range []string{
		"UPDATE patronctl.incident SET noticed_at = now()", "DELETE FROM patronctl.incident_entry",
		"TRUNCATE patronctl.incident_entry",
	} {
		if _, err := super.Run("%s", sql); pgtest.Code(err) != "LB409" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Officers of every member see a line until they take note of it; nobody else does, and it tells nothing that was said.
func TestOfficersAreTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, why := t.Context(), client.Why{}
	notices := func(login string) []string {
		t.Helper()
		c, err := client.Open(ctx, client.Config{DSN: db.DSN(login), StateDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.Notices()
	}
	if found := notices("officer.cam"); len(found) != 0 {
		t.Error(found)
	}
	i, err := cases.ReportIncident(ctx, db.Client(t, "officer.ken"), why, "breach", instant(t, "2026-01-20T08:00:00Z"),
		cases.IncidentFacts{Categories: new("names")})
	if err != nil {
		t.Fatal(err)
	}
	want := "incident 1 is open: a breach, and the 72 hours to tell the supervisory authority are over; see it and take note: patronctl " +
		"incident show 1; patronctl incident acknowledge 1"
	for _, login := range []string{"officer.cam", "officer.pbk"} {
		if found := notices(login); len(found) != 1 || found[0] != want {
			t.Error(login, found)
		}
	}
	for _, login := range []string{"officer.ken", "clerk.cam", "supervisor.cam", "support", "admin", "job", "auditor", "opac"} {
		if found := notices(login); len(found) != 0 {
			t.Error(login, found)
		}
	}
	for range 2 {
		if _, err := cases.AcknowledgeIncident(ctx, db.Client(t, "officer.cam"), why, i.Incident); err != nil {
			t.Fatal(err)
		}
	}
	if cam, pbk := notices("officer.cam"), notices("officer.pbk"); len(cam) != 0 || len(pbk) != 1 {
		t.Error(cam, pbk)
	}
	if _, err = cases.UpdateIncident(ctx, db.Client(t, "officer.ken"), why, i.Incident,
		cases.IncidentFacts{NotNotified: new("encrypted")}); err != nil {
		t.Fatal(err)
	}
	if _, err = cases.CloseIncident(ctx, db.Client(t, "officer.ken"), why, i.Incident); err != nil {
		t.Fatal(err)
	}
	if pbk := notices("officer.pbk"); len(pbk) != 0 {
		t.Error(pbk)
	}
}

// Whom a login opened: at home by number, elsewhere as counts.
func TestIncidentPeople(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, why := t.Context(), client.Why{}
	before := time.Now().Add(-time.Minute)
	for _, ref := range []string{"id:36", "id:36", "id:37"} {
		if _, err := people.Show(ctx, db.Client(t, "clerk.cam"), why, ref, people.ShowOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := people.ShowHistory(ctx, db.Client(t, "clerk.cam"), why, "id:36")
	pgtest.OfKind(t, err, client.KindRefused)
	after := time.Now().Add(time.Minute)
	for login, patron := range map[string]int64{"officer.cam": 36, "officer.ken": 37} {
		found, err := cases.FindIncidentPeople(ctx, db.Client(t, login), why, 0, "clerk.cam", &before, &after)
		if err != nil || len(found.People) != 1 || found.People[0].Patron != patron || len(found.Elsewhere) != 1 ||
			found.Elsewhere[0].People != 1 {
			t.Errorf("%s: %+v %v", login, found, err)
		}
	}
	found, err := cases.FindIncidentPeople(ctx, db.Client(t, "officer.pbk"), why, 0, "clerk.cam", &before, &after)
	if err != nil || len(found.People) != 0 || len(found.Elsewhere) != 2 || found.Elsewhere[0].Accesses != 2 {
		t.Errorf("%+v %v", found, err)
	}
	if none, err := cases.FindIncidentPeople(ctx, db.Client(t, "officer.cam"), why, 0, "clerk.cam", &after,
		new(after.Add(time.Hour))); err != nil || len(none.People)+len(none.Elsewhere) != 0 {
		t.Errorf("%+v %v", none, err)
	}
	_, err = cases.FindIncidentPeople(ctx, db.Client(t, "officer.cam"), why, 0, "", nil, nil)
	pgtest.OfKind(t, err, client.KindUsage)
}
