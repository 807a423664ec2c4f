package staff_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// One person is open to one engineer for so many hours, to the microsecond.
func TestAGrantEnds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer, support := db.Client(t, "officer.cam"), db.Client(t, "support")
	const granted = "2026-02-02 12:00Z"
	db.Freeze(t, granted)
	if _, err := staff.GrantSupport(t.Context(), officer, client.Why{}, "support", "id:36", 4); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		now  string
		open bool
	}{
		{granted, true},
		{"2026-02-02 15:59Z", true},
		{"2026-02-02 15:59:59.999999Z", true},
		{"2026-02-02 16:00Z", false},
		{"2026-02-02 17:00Z", false},
	} {
		db.Freeze(t, at.now)
		shown, err := people.Show(t.Context(), support, client.Why{Reason: "ticket 4711"}, "id:36", people.ShowOptions{})
		if err != nil || shown.Facts == at.open || (shown.Surname != "") != at.open {
			t.Errorf("at %s: facts %v, %v", at.now, shown.Facts, err)
		}
		other, err := people.Show(t.Context(), support, client.Why{Reason: "ticket 4711"}, "id:37", people.ShowOptions{})
		if err != nil || !other.Facts {
			t.Errorf("somebody else, at %s: %v", at.now, err)
		}
		_, err = staff.RevokeSupport(t.Context(), officer, client.Why{}, "support", "id:36")
		if want := client.KindNotFound; at.open != (err == nil) || err != nil && pgtest.Kind(err) != want {
			t.Errorf("closing it at %s: %v", at.now, err)
		}
		if at.open { // what was closed is open again
			if shown, err = people.Show(t.Context(), support, client.Why{Reason: "ticket 4711"}, "id:36", people.ShowOptions{}); err != nil ||
				!shown.Facts {
				t.Errorf("closed at %s: facts %v, %v", at.now, shown.Facts, err)
			}
			pgtest.Connect(t, db, "postgres").Must("UPDATE patronctl.support_grant SET revoked_at = NULL")
		}
	}
}

// From one hour to a week.
func TestHoursOfAGrant(t *testing.T) {
	t.Parallel()
	officer := pgtest.New(t).Client(t, "officer.cam")
	for hours, fine := range map[int]bool{-1: false, 0: false, 1: true, 168: true, 169: false} {
		_, err := staff.GrantSupport(t.Context(), officer, client.Why{}, "support", "id:36", hours)
		if fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%d hours: %v", hours, err)
		}
	}
}

// A grant is for a support engineer on the days of the registration, and of use on those only.
func TestAGrantIsForARegisteredEngineer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	for _, at := range []struct {
		days string
		fine bool
	}{
		{"valid_from = '2026-03-01', valid_to = NULL", true},
		{"valid_from = '2026-03-01', valid_to = '2026-03-01'", true},
		{"valid_from = '2026-02-01', valid_to = '2026-02-28'", false},
		{"valid_from = '2026-03-02', valid_to = NULL", false},
	} {
		super.Must("UPDATE patronctl.staff SET %s WHERE login = 'support'", at.days)
		db.Freeze(t, "2026-03-01 12:00Z")
		_, err := staff.GrantSupport(t.Context(), officer, client.Why{}, "support", "id:36", 1)
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindNotFound {
			t.Errorf("%s: %v", at.days, err)
		}
	}
	_, err := staff.GrantSupport(t.Context(), officer, client.Why{}, "auditor", "id:36", 1)
	pgtest.OfKind(t, err, client.KindNotFound)
}

// An officer who is an engineer too opens nobody to themselves.
func TestNobodyOpensAPersonToThemselves(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(`INSERT INTO patronctl.staff (login, role, valid_from) VALUES ('officer.cam', 'support', '2026-01-01')`)
	_, err := staff.GrantSupport(t.Context(), officer, client.Why{}, "officer.cam", "id:36", 1)
	pgtest.OfKind(t, err, client.KindRefused)
	if n := super.Must("SELECT count(*) FROM patronctl.support_grant"); n != "0" {
		t.Errorf("%s grants", n)
	}
}
