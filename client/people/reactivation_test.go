package people_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// returning are accounts of CAM that ended, and whether they come back at a moment: until the last day of the months, at
// the home of the account.
var returning = []struct {
	name, account, now string
	back               bool
}{
	{"expired yesterday", "expires_on = '2026-02-27'", "2026-02-28 12:00Z", true},
	{"valid today", "expires_on = '2026-02-28'", "2026-02-28 12:00Z", false},
	{"valid for good", "expires_on = NULL", "2026-02-28 12:00Z", false},
	{"expired, a day before the months are over", "expires_on = '2026-02-28'", "2027-08-27 12:00Z", true},
	{"expired, at the end of the last day in London", "expires_on = '2026-02-28'", "2027-08-28 22:59:59.999999Z", true},
	{"expired, when that day is over in London", "expires_on = '2026-02-28'", "2027-08-28 23:00Z", false},
	{"expired at the end of August: the last of February", "expires_on = '2026-08-31'", "2028-02-29 12:00Z", true},
	{"and not in March", "expires_on = '2026-08-31'", "2028-03-01 12:00Z", false},
	{"deleted before it expired", "status = 'deleted', deleted_on = '2026-01-31', expires_on = '2030-01-01'", "2027-07-31 12:00Z", true},
	{
		"deleted too long ago, whenever it would expire", "status = 'deleted', deleted_on = '2026-01-31', expires_on = '2030-01-01'",
		"2027-08-01 12:00Z", false,
	},
	{"deleted long after it expired", "status = 'deleted', deleted_on = '2026-01-31', expires_on = '2020-01-01'", "2027-07-31 12:00Z", true},
	{
		"deleted, nobody knows when, expired in time", "status = 'deleted', deleted_on = NULL, expires_on = '2026-01-31'", "2027-07-31 12:00Z",
		true,
	},
	{
		"deleted, nobody knows when, expired too long ago", "status = 'deleted', deleted_on = NULL, expires_on = '2026-01-31'",
		"2027-08-01 12:00Z", false,
	},
	{"deleted, and no day is known", "status = 'deleted', deleted_on = NULL, expires_on = NULL", "2027-08-01 12:00Z", true},
	{"renewed since it was deleted", "status = 'active', deleted_on = '2026-01-31', expires_on = '2027-08-01'", "2027-08-01 12:00Z", false},
	{"erased", "status = 'erased', expires_on = '2026-02-27'", "2026-02-28 12:00Z", false},
}

func TestWhoIsReactivated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	for _, at := range returning {
		super.Must(`
			UPDATE lms.patron SET status = 'active', deleted_on = NULL, expires_on = NULL WHERE id = 41;
			UPDATE lms.patron SET %s WHERE id = 41`, at.account)
		db.Freeze(t, at.now)
		_, err := people.Reactivate(t.Context(), clerk, client.Why{}, "id:41", pgtest.Date(t, "2031-01-01"))
		if at.back != (err == nil) || err != nil && pgtest.Kind(err) != client.KindRefused {
			t.Errorf("%s, at %s: %v", at.name, at.now, err)
		}
		valid := super.Must("SELECT status = 'active' AND expires_on = '2031-01-01' AND deleted_on IS NULL FROM lms.patron WHERE id = 41")
		if (valid == "t") != at.back {
			t.Errorf("%s: valid until then is %s", at.name, valid)
		}
	}
}

// The setting of the home says for how many months.
func TestReactivationIsAsLongAsTheHomeSays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	super.Must("INSERT INTO patronctl.setting VALUES ('reactivation_months', NULL, '1'), ('reactivation_months', 'CAM', '6')")
	for now, back := range map[string]bool{"2026-07-31 12:00Z": true, "2026-08-01 12:00Z": false} {
		super.Must("UPDATE lms.patron SET status = 'active', expires_on = '2026-01-31' WHERE id = 41")
		db.Freeze(t, now)
		if _, err := people.Reactivate(t.Context(), clerk, client.Why{}, "id:41", pgtest.Date(t, "2030-01-01")); back != (err == nil) {
			t.Errorf("at %s: %v", now, err)
		}
	}
}

// An account is reactivated until today at least.
func TestReactivatedUntil(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	db.Freeze(t, "2026-02-28 12:00Z")
	for until, back := range map[string]bool{
		"2026-02-27": false, "2026-02-28": true, "2026-03-01": true, "infinity": false,
		"-infinity": false,
	} {
		super.Must("UPDATE lms.patron SET status = 'active', expires_on = '2026-01-31' WHERE id = 41")
		_, err := clerk.Run("SELECT desk.reactivate(%s, '%s')", clerk.Open("patron reactivate", `{"ref": "id:41"}`), until)
		if back != (err == nil) {
			t.Errorf("until %s: %v", until, err)
		}
	}
}

// Somebody who asks to join again is sent to the old account as long as that can come back, and is a newcomer afterwards.
func TestWhoCouldReturnIsNotRegisteredAnew(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	super.Must("UPDATE lms.identity SET surname = 'Ångström', forenames = 'Zoë Quilla', birth_date = '1971-03-04' WHERE patron = 41")
	for _, at := range returning {
		if at.name == "erased" { // who has no name to be known by
			continue
		}
		super.Must(`
			UPDATE lms.patron SET status = 'active', deleted_on = NULL, expires_on = NULL WHERE id = 41;
			UPDATE lms.patron SET %s WHERE id = 41`, at.account)
		db.Freeze(t, at.now)
		id := clerk.Open("patron import", `{"applicant": {`+quilla+`, "born": "1971-03-04", "card": "NEW1"}, "matches": true, "rehearsal": true}`)
		_, err := clerk.Run(registering(quilla+`, "birth_date": "1971-03-04"`, "NEW1", true), id)
		active := super.Must(`
			SELECT status = 'active' AND coalesce(expires_on, 'infinity') >= patronctl.today('CAM')
			FROM lms.patron
			WHERE id = 41`) == "t"
		if known := at.back || active; known != (pgtest.Code(err) == "LB409") {
			t.Errorf("%s, at %s: %v", at.name, at.now, err)
		}
	}
}
