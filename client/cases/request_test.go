package cases_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/cases"
	"patronctl/client/exchange"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// setClock makes it a moment, such as 2026-02-28T12:00Z. Staff are registered since pgtest.Day.
func setClock(super *pgtest.Session, moment string) {
	super.T.Helper()
	super.Must("SELECT patronctl.set_clock_offset('%s'::timestamptz - clock_timestamp())", moment)
}

// The same day of a later month, or its last; the days of pauses; Monday after a weekend.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	super := pgtest.Connect(t, pgtest.New(t), "postgres")
	for _, c := range []struct {
		received     string
		months, days int
		want         string
	}{
		{"2026-01-05", 1, 0, "2026-02-05"},
		{"2026-01-31", 1, 0, "2026-03-02"}, // 28 February is a Saturday
		{"2027-01-31", 1, 0, "2027-03-01"}, // 28 February is a Sunday
		{"2025-01-31", 1, 0, "2025-02-28"},
		{"2025-01-28", 1, 0, "2025-02-28"},
		{"2028-01-31", 1, 0, "2028-02-29"}, // a leap year
		{"2028-01-29", 1, 0, "2028-02-29"},
		{"2028-02-29", 1, 0, "2028-03-29"},
		{"2026-02-28", 1, 0, "2026-03-30"}, // not the last of March: the same day, a Saturday
		{"2026-03-31", 1, 0, "2026-04-30"},
		{"2026-08-31", 1, 0, "2026-09-30"},
		{"2026-12-31", 1, 0, "2027-02-01"}, // 31 January is a Sunday
		{"2026-11-30", 3, 0, "2027-03-01"}, // 28 February is a Sunday
		{"2027-11-30", 3, 0, "2028-02-29"},
		{"2026-01-31", 3, 0, "2026-04-30"}, // three months of the day it came, not one and two
		{"2026-02-06", 1, 0, "2026-03-06"},
		{"2026-01-05", 1, 10, "2026-02-16"}, // 15 February is a Sunday
		{"2026-01-31", 1, 1, "2026-03-02"},  // a pause is added to the month, then the weekend
		{"2026-01-31", 1, 3, "2026-03-03"},
		{"2028-01-31", 1, 1, "2028-03-01"},
		{"2026-03-01", 1, 0, "2026-04-01"}, // over the change of the clocks
	} {
		if got := super.Must("SELECT desk.deadline('%s', %d, %d)", c.received, c.months, c.days); got != c.want {
			t.Errorf("received %s, %d months and %d days: %s, want %s", c.received, c.months, c.days, got, c.want)
		}
	}
}

// stands is where a request stands, in one line.
func stands(r *cases.Request) string {
	due, left := "", ""
	if r.DueOn != nil {
		due = r.DueOn.String()
	}
	if r.DaysLeft != nil {
		left = fmt.Sprint(*r.DaysLeft)
	}
	return strings.Join([]string{r.State, due, left, fmt.Sprint(r.Overdue), fmt.Sprint(r.PausedDays)}, " ")
}

// A request from its opening to its end, on days that are set: month ends, a leap day, pauses, summer time.
func TestRequestClock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	officer := db.Client(t, "officer.cam")
	ctx, why := t.Context(), client.Why{}
	type step struct {
		moment string // now, when not empty
		verb   string // and its word
		on     string
		want   string // where it stands then, or what the refusal says
	}
	for name, c := range map[string]struct {
		law, received string
		steps         []step
	}{
		"eu, the end of a month": {"eu", "2026-01-31", []step{
			{"2026-01-31T12:00Z", "show", "", "open 2026-03-02 30 false 0"},
			{"2026-03-02T23:59Z", "show", "", "open 2026-03-02 0 false 0"},
			{"2026-03-03T00:00Z", "show", "", "open 2026-03-02 -1 true 0"},
			{"", "pause identity", "", "knows no pause"},
			{"", "extend complexity", "", "the first month of request"},
			{"", "close withdrawn", "", "closed 2026-03-02  false 0"},
			{"", "close withdrawn", "", "was closed on 2026-03-03"},
			{"", "pause identity", "", "was closed on 2026-03-03"},
			{"", "resume", "", "was closed on 2026-03-03"},
			{"", "extend number", "", "was closed on 2026-03-03"},
		}},
		"eu, extended on the last day, over a leap day": {"eu", "2027-11-30", []step{
			{"2027-12-30T12:00Z", "show", "", "open 2027-12-30 0 false 0"},
			{"", "extend holidays", "", "use one of complexity, number"},
			{"", "extend complexity", "", "open 2028-02-29 61 false 0"},
			{"", "extend number", "", "was extended before"},
			{"2028-02-29T12:00Z", "show", "", "open 2028-02-29 0 false 0"},
			{"2028-03-01T12:00Z", "show", "", "open 2028-02-29 -1 true 0"},
		}},
		"uk, two pauses": {"uk", "2026-02-02", []step{ // a Monday; the month ends on 2 March
			{"2026-02-10T12:00Z", "pause holidays", "", "use one of identity, clarification"},
			{"", "pause identity", "2026-02-05", "paused  25 false 0"},
			{"2026-02-20T12:00Z", "show", "", "paused  25 false 0"},
			{"", "pause clarification", "", "is paused already, since 2026-02-05"},
			{"", "resume", "2026-02-04", "too early; the first possible is 2026-02-05"},
			{"", "resume", "2026-02-21", "in the future; at CAM it is 2026-02-20"},
			{"", "resume", "2026-02-19", "open 2026-03-16 24 false 14"},
			{"", "resume", "", "is not paused"},
			{"", "pause clarification", "2026-02-18", "too early; the first possible is 2026-02-19"},
			{"2026-03-16T12:00Z", "pause clarification", "", "paused  0 false 14"},
			{"2026-04-16T12:00Z", "resume", "", "open 2026-04-16 0 false 45"},
			{"2026-04-17T12:00Z", "pause identity", "", "ran out on 2026-04-16"},
			{"", "pause identity", "2026-04-16", "paused  0 false 45"}, // it was asked for in time, and entered late
			{"", "close refused", "", "closed 2026-04-17  false 46"},
		}},
		"uk, a pause of no day, and an extension while paused": {"uk", "2028-01-31", []step{
			{"2028-02-01T12:00Z", "pause identity", "", "paused  28 false 0"},
			{"", "resume", "", "open 2028-02-29 28 false 0"},
			{"", "pause identity", "", "paused  28 false 0"},
			{"2028-02-03T12:00Z", "extend number", "", "paused  90 false 0"},
			{"", "resume", "", "open 2028-05-02 89 false 2"},
		}},
		// In summer it is tomorrow in London an hour before it is in UTC.
		"uk, summer time": {"uk", "2026-04-30", []step{
			{"2026-05-29T22:59Z", "show", "", "open 2026-06-01 3 false 0"}, // 30 May is a Saturday
			{"2026-05-29T23:01Z", "show", "", "open 2026-06-01 2 false 0"},
			{"2026-06-01T22:59Z", "show", "", "open 2026-06-01 0 false 0"},
			{"2026-06-01T23:01Z", "show", "", "open 2026-06-01 -1 true 0"},
			{"2026-10-25T23:30Z", "show", "", "open 2026-06-01 -146 true 0"}, // the clocks went back
			{"2026-10-26T00:00Z", "show", "", "open 2026-06-01 -147 true 0"},
		}},
	} {
		setClock(super, cmp.Or(c.received, pgtest.Day)+"T12:00Z")
		super.Must("DELETE FROM patronctl.setting WHERE name = 'law'; INSERT INTO patronctl.setting VALUES ('law', 'CAM', '%s')", c.law)
		r, err := cases.OpenRequest(ctx, officer, why, cases.NewRequest{
			Ref:      "id:36",
			Kind:     "rectification",
			Received: pgtest.Date(t, c.received),
		})
		if err != nil {
			t.Fatal(name, err)
		}
		super.Must("UPDATE patronctl.setting SET value = 'eu' WHERE name = 'law'") // a request keeps the law it was opened under
		waits := ""
		for n, s := range c.steps {
			if s.moment != "" {
				setClock(super, s.moment)
			}
			var on client.Date
			if s.on != "" {
				on = pgtest.Date(t, s.on)
			}
			verb, word, _ := strings.Cut(s.verb, " ")
			var after *cases.Request
			switch verb {
			case "show":
				after, err = cases.ShowRequest(ctx, officer, why, r.ID)
			case "pause":
				after, err = cases.PauseRequest(ctx, officer, why, r.ID, word, on)
			case "resume":
				after, err = cases.ResumeRequest(ctx, officer, why, r.ID, on)
			case "extend":
				after, err = cases.ExtendRequest(ctx, officer, why, r.ID, word)
			case "close":
				ground := map[string]string{"refused": "identity"}[word]
				after, err = cases.CloseRequest(ctx, officer, why, r.ID, word, ground)
			}
			if err == nil && stands(after) != s.want || err != nil && !strings.Contains(err.Error(), s.want) {
				t.Errorf("%s, step %d, %s %s: %s, %v; want %s", name, n+1, s.verb, s.on, stands(after), err, s.want)
			}
			if verb != "show" && verb != "extend" && err == nil {
				waits = map[bool]string{true: word}[verb == "pause"]
			}
			if err == nil && after.WaitsFor != waits {
				t.Errorf("%s, step %d, %s: waits for %q, want %q", name, n+1, s.verb, after.WaitsFor, waits)
			}
		}
		closed, err := cases.ShowRequest(ctx, officer, why, r.ID)
		if err == nil && closed.State != "closed" {
			_, err = cases.CloseRequest(ctx, officer, why, r.ID, "withdrawn", "")
		}
		if err != nil {
			t.Fatal(name, err)
		}
	}
}

// A request ends with an outcome, of which only a refusal needs a ground; it is granted when something was done for it, which is
// done while it is open.
func TestHowARequestEnds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	ctx, why := t.Context(), client.Why{}
	super.Must("INSERT INTO patronctl.setting VALUES ('law', 'CAM', 'uk')")
	open := func(kind string) int64 {
		t.Helper()
		r, err := cases.OpenRequest(ctx, officer, why, cases.NewRequest{Ref: "id:36", Kind: kind, Received: pgtest.Date(t, pgtest.Day)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cases.ExtendRequest(ctx, officer, why, r.ID, "complexity"); err != nil { // a step, which does nothing for it
			t.Fatal(err)
		}
		return r.ID
	}
	for _, at := range []struct {
		kind, outcome, ground string
		want                  client.Kind
	}{
		{"access", "granted", "", client.KindRefused}, // nothing was done
		{"portability", "granted", "", client.KindRefused},
		{"erasure", "granted", "", client.KindRefused},
		{"objection", "granted", "", ""}, // that is seen nowhere
		{"access", "granted", "other-means", ""},
		{"access", "granted", "identity", client.KindUsage},
		{"access", "refused", "", client.KindUsage},
		{"access", "refused", "other-means", client.KindUsage},
		{"access", "refused", "identity", ""},
		{"access", "withdrawn", "identity", client.KindUsage},
		{"access", "withdrawn", "other-means", client.KindUsage},
		{"access", "withdrawn", "", ""},
		{"access", "lost", "", client.KindUsage},
		{"access", "", "", client.KindUsage},
	} {
		id := open(at.kind)
		closed, err := cases.CloseRequest(ctx, officer, why, id, at.outcome, at.ground)
		if pgtest.Kind(err) != at.want || err != nil && at.want == "" ||
			err == nil && (closed.Outcome != at.outcome || closed.Ground != at.ground) {
			t.Errorf("%s, %s %s: %v, want %s", at.kind, at.outcome, at.ground, err, at.want)
		}
		if _, err := cases.CloseRequest(ctx, officer, why, id, "withdrawn", ""); (err == nil) != (at.want != "") {
			t.Errorf("%s, %s %s, then withdrawn: %v", at.kind, at.outcome, at.ground, err)
		}
	}
	closed := open("erasure")
	if _, err := cases.CloseRequest(ctx, officer, why, closed, "withdrawn", ""); err != nil {
		t.Fatal(err)
	}
	paused := open("erasure")
	if _, err := cases.PauseRequest(ctx, officer, why, paused, "identity", client.Date{}); err != nil {
		t.Fatal(err)
	}
	for state, id := range map[string]int64{"paused": paused, "closed": closed} {
		_, err := forgetting.Erase(ctx, officer, why, "id:36", nil, id)
		if pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "is "+state) {
			t.Errorf("erased for a request that is %s: %v", state, err)
		}
	}
}

// Completion offers open requests of one's own authority, and to its officers the disclosures that wait.
func TestCompletionOffersOnesOwnRequests(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Connect(t, db, "postgres").Must("INSERT INTO patronctl.setting VALUES ('disclosure_two_people', NULL, 'true')")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	officer := db.Client(t, "officer.cam")
	for _, kind := range []string{"access", "objection"} {
		r, err := cases.OpenRequest(ctx, officer, why, cases.NewRequest{Ref: "id:36", Kind: kind, Received: pgtest.Date(t, pgtest.Day)})
		if err == nil && kind == "objection" {
			_, err = cases.CloseRequest(ctx, officer, why, r.ID, "withdrawn", "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cases.RecordDisclosure(ctx, officer, why, "id:36", toThePolice()); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]string{
		"officer.cam": "[1] [1]", "clerk.cam": "[1] []", "supervisor.cam": "[1] []", "officer.ken": "[] []", "admin": "[] []", "auditor": "[] []",
	} {
		requests, err := db.Client(t, login).Names(ctx, "request")
		disclosures, second := db.Client(t, login).Names(ctx, "disclosure")
		if got := fmt.Sprint(requests, " ", disclosures); err != nil || second != nil || got != want {
			t.Errorf("%s: %s, %v, %v; want %s", login, got, err, second, want)
		}
	}
}

// Whoever asks at another member is answered at home: its officers see the request, and make the export for it; the member
// that was asked decides. Nobody else sees it, in psql either.
func TestOfficersSeeRequestsAboutTheirPatronsWhereverTheyAsked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, why := t.Context(), client.Why{}
	asked := map[string]int64{}
	for name, r := range map[string]cases.NewRequest{
		"about CAM": {Ref: "id:36", Kind: "access"}, "about KEN": {Ref: "id:13", Kind: "access"}, "unknown": {Kind: "access"},
	} {
		r.Received = pgtest.Date(t, pgtest.Day)
		opened, err := cases.OpenRequest(ctx, db.Client(t, "clerk.ken"), client.Why{Reason: "ticket 4711"}, r)
		if err != nil || opened.Authority != "KEN" || opened.Home != strings.TrimPrefix(strings.TrimPrefix(name, "about "), "unknown") {
			t.Fatalf("%s: %+v, %v", name, opened, err)
		}
		asked[name] = opened.ID
	}
	one := asked["about CAM"]
	for login, sees := range map[string]int{ // how many of them
		"officer.cam": 1, "supervisor.cam": 0, "clerk.cam": 0, "officer.pbk": 0, "supervisor.pbk": 0, "clerk.ken": 3, "supervisor.ken": 3,
		"officer.ken": 3,
	} {
		c, psql := db.Client(t, login), pgtest.Connect(t, db, login)
		for _, authority := range []string{"", strings.ToUpper(login[strings.Index(login, ".")+1:])} {
			requests, err := cases.Requests(ctx, c, why, authority, false)
			if err != nil || len(requests) != sees || sees == 1 && requests[0].ID != one {
				t.Errorf("%s: %+v, %v", login, requests, err)
			}
		}
		if names, err := c.Names(ctx, "request"); err != nil || len(names) != sees {
			t.Errorf("%s: completion offers %v, %v", login, names, err)
		}
		if n := psql.Must("SELECT jsonb_array_length(desk.list_requests(%s, NULL, TRUE))",
			psql.Open("request list", "{}")); n != fmt.Sprint(sees) {
			t.Errorf("%s: %s in psql", login, n)
		}
		for name, id := range asked {
			mine := sees == 3 || sees == 1 && id == one
			shown, err := psql.Run("SELECT desk.show_request(%s, %d)", psql.Open("request list", "{}"), id)
			if (err == nil) != mine || mine && !strings.Contains(strings.Join(shown, ""), "ticket 4711") ||
				!mine && !strings.Contains(err.Error(), "no request") {
				t.Errorf("%s, %s: %s, %v", login, name, shown, err)
			}
		}
	}
	_, err := cases.Requests(ctx, db.Client(t, "officer.cam"), why, "KEN", false)
	pgtest.OfKind(t, err, client.KindRefused)

	// Only the member that was asked decides.
	officer := db.Client(t, "officer.cam")
	for verb, decide := range map[string]string{
		"pause": "pause_request(%s, %d, 'identity', NULL)", "resume": "resume_request(%s, %d, NULL)",
		"extend": "extend_request(%s, %d, 'complexity')", "close": "close_request(%s, %d, 'withdrawn', NULL)",
	} {
		for login, says := range map[string]string{"officer.cam": "was made to KEN, whose officers decide it", "officer.pbk": "no request"} {
			psql := pgtest.Connect(t, db, login)
			if _, err := psql.Run("SELECT desk."+decide, psql.Open("request decide", "{}"), one); err == nil ||
				!strings.Contains(err.Error(), says) {
				t.Errorf("%s: %s: %v", login, verb, err)
			}
		}
	}
	if r, err := cases.ShowRequest(ctx, officer, why, one); err != nil || len(r.History) != 1 || r.State != "open" {
		t.Errorf("%+v, %v", r, err)
	}
	found, err := audit.ListAccesses(ctx, officer, why, audit.Filter{Operation: "request open"})
	if err != nil || len(found) != 1 || found[0].Login != "clerk.ken" {
		t.Errorf("audit: %+v, %v", found, err)
	}

	// Home answers, whoever was asked ends it.
	export, err := exchange.Open(ctx, officer, why, "id:36", exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	for relation := range export.Relations {
		for _, err := range relation.Rows {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := cases.AnswerRequest(ctx, officer, export, one); err != nil {
		t.Fatal(err)
	}
	if _, err := cases.CloseRequest(ctx, db.Client(t, "officer.ken"), why, one, "granted", ""); err != nil {
		t.Fatal(err)
	}
	open, err := cases.Requests(ctx, officer, why, "", false)
	all, second := cases.Requests(ctx, officer, why, "", true)
	if err != nil || second != nil || len(open) != 0 || len(all) != 1 || all[0].Outcome != "granted" {
		t.Errorf("%+v, %+v, %v, %v", open, all, err, second)
	}
}
