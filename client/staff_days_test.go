package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// A registration holds from its first day to the end of its last, as the days are at its authority.
func TestDaysOfARegistration(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	super.must("UPDATE patronctl.staff SET valid_from = '2026-07-02', valid_to = '2026-07-03' WHERE login IN ('clerk.cam', 'clerk.pbk')")
	for _, at := range []struct {
		login, now string
		fine       bool
	}{
		{"clerk.cam", "2026-07-01 22:59:59.999999Z", false}, // London is an hour ahead in summer
		{"clerk.cam", "2026-07-01 23:00Z", true},
		{"clerk.cam", "2026-07-03 22:59:59.999999Z", true},
		{"clerk.cam", "2026-07-03 23:00Z", false},
		{"clerk.pbk", "2026-07-01 21:59:59.999999Z", false}, // and Bratislava two
		{"clerk.pbk", "2026-07-01 22:00Z", true},
		{"clerk.pbk", "2026-07-03 21:59:59.999999Z", true},
		{"clerk.pbk", "2026-07-03 22:00Z", false},
	} {
		db.Freeze(t, at.now)
		_, err := connect(t, db, at.login).run("SELECT %s", openCall("patron show", `{"ref": "id:14"}`))
		if at.fine != (err == nil) {
			t.Errorf("%s at %s: %v", at.login, at.now, err)
		}
		if !at.fine {
			refused(t, at.login+" at "+at.now, err)
		}
	}
}

// A registration is made until today at least; one that is in force keeps its first day, and one that is over begins anew.
func TestRegisteringUntilADay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := connect(t, db, "postgres"), db.Client(t, "admin")
	add := func(until string) error {
		day := date(t, until)
		_, err := admin.AddStaff(t.Context(), client.Why{}, client.Staff{Login: "clerk.cam", Authority: "CAM", Role: "clerk", ValidTo: &day})
		return err
	}
	days := func() string {
		return super.must("SELECT valid_from || ' ' || valid_to FROM patronctl.staff WHERE login = 'clerk.cam'")
	}
	db.Freeze(t, "2026-03-01 12:00Z")
	ofKind(t, add("2026-02-28"), client.KindUsage)
	for _, at := range []struct{ now, until, want string }{
		{"2026-03-01 12:00Z", "2026-03-01", "2026-01-31 2026-03-01"},
		{"2026-03-01 12:00Z", "2026-03-02", "2026-01-31 2026-03-02"},
		{"2026-03-02 12:00Z", "2026-03-03", "2026-01-31 2026-03-03"}, // on its last day
		{"2026-03-04 12:00Z", "2026-03-09", "2026-03-04 2026-03-09"}, // after it
	} {
		db.Freeze(t, at.now)
		if err := add(at.until); err != nil {
			t.Fatal(err)
		}
		if got := days(); got != at.want {
			t.Errorf("at %s until %s: %s, want %s", at.now, at.until, got, at.want)
		}
	}
	db.Freeze(t, "2026-03-10 12:00Z") // it ended yesterday
	_, err := admin.RevokeStaff(t.Context(), client.Why{}, "clerk.cam", "CAM", "clerk")
	ofKind(t, err, client.KindNotFound)
	db.Freeze(t, "2026-03-09 12:00Z") // its last day
	if _, err := admin.RevokeStaff(t.Context(), client.Why{}, "clerk.cam", "CAM", "clerk"); err != nil {
		t.Fatal(err)
	}
	if got := days(); got != "2026-03-04 2026-03-08" {
		t.Errorf("revoked: %s", got)
	}
	_, err = connect(t, db, "clerk.cam").run("SELECT %s", openCall("patron show", `{"ref": "id:14"}`))
	refused(t, "a call on the day of the end", err)
}
