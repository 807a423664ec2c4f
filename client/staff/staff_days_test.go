package staff_test

import (
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// A registration holds from its first day to the end of its last, as the days are at its authority.
func TestDaysOfARegistration(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must("UPDATE patronctl.staff SET valid_from = '2026-07-02', valid_to = '2026-07-03' WHERE login IN ('clerk.cam', 'clerk.pbk')")
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
		_, err := pgtest.Connect(t, db, at.login).Run("SELECT %s", pgtest.OpenCall("patron show", `{"ref": "id:14"}`))
		if at.fine != (err == nil) {
			t.Errorf("%s at %s: %v", at.login, at.now, err)
		}
		if !at.fine {
			pgtest.Refused(t, at.login+" at "+at.now, err)
		}
	}
}

// A registration is made until today at least; one that is in force keeps its first day, and one that is over begins anew.
func TestRegisteringUntilADay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	add := func(until string) error {
		day := pgtest.Date(t, until)
		_, err := staff.Add(t.Context(), admin, client.Why{}, staff.Registration{
			Login:     "clerk.cam",
			Authority: "CAM",
			Role:      "clerk",
			ValidTo:   &day,
		})
		return err
	}
	days := func() string {
		return super.Must("SELECT valid_from || ' ' || valid_to FROM patronctl.staff WHERE login = 'clerk.cam'")
	}
	db.Freeze(t, "2026-03-01 12:00Z")
	pgtest.OfKind(t, add("2026-02-28"), client.KindUsage)
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
	_, err := staff.Revoke(t.Context(), admin, client.Why{}, "clerk.cam", "CAM", "clerk")
	pgtest.OfKind(t, err, client.KindNotFound)
	db.Freeze(t, "2026-03-09 12:00Z") // its last day
	if _, err := staff.Revoke(t.Context(), admin, client.Why{}, "clerk.cam", "CAM", "clerk"); err != nil {
		t.Fatal(err)
	}
	if got := days(); got != "2026-03-04 2026-03-08" {
		t.Errorf("revoked: %s", got)
	}
	_, err = pgtest.Connect(t, db, "clerk.cam").Run("SELECT %s", pgtest.OpenCall("patron show", `{"ref": "id:14"}`))
	pgtest.Refused(t, "a call on the day of the end", err)
}

// A right is to one operation, by a role that the login is registered in and whose group it is in: neither alone is enough.
func TestARightTakesARegistrationAndTheGroup(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	try := func(login, operation string) error {
		_, err := pgtest.Connect(t, db, login).Run("SELECT %s",
			pgtest.OpenCall(operation,
				map[string]string{"patron show": `{"ref": "id:14"}`, "export": `{"ref": "id:14"}`}[operation]+
					map[string]string{"staff list": "{}"}[operation]))
		return err
	}
	if err := try("clerk.cam", "patron show"); err != nil {
		t.Fatal(err)
	}
	pgtest.Refused(t, "an operation of other roles", try("clerk.cam", "export"))
	pgtest.Refused(t, "an operation of administrators", try("clerk.cam", "staff list"))
	super.Must("INSERT INTO patronctl.staff (login, authority, role, valid_from) VALUES ('clerk.cam', 'CAM', 'officer', '2026-01-01')")
	pgtest.Refused(t, "registered, and not in the group", try("clerk.cam", "export"))
	super.Must("DELETE FROM patronctl.staff WHERE login = 'officer.cam'")
	pgtest.Refused(t, "in the group, and not registered", try("officer.cam", "export"))
	super.Must("INSERT INTO patronctl.login (login, disabled_at) VALUES ('clerk.cam', now())")
	pgtest.Refused(t, "disabled", try("clerk.cam", "patron show"))
}

// Whom an administrator registers: desks belong to an authority, guests have a last day, partners an organisation and an
// agreement.
func TestWhoMayBeRegistered(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	admin, psql := db.Client(t, "admin"), pgtest.Connect(t, db, "admin")
	until := pgtest.Date(t, "2027-01-01")
	long := strings.Repeat("x", 101)
	for _, at := range []struct {
		staff staff.Registration
		fine  bool
	}{
		{staff.Registration{Authority: "CAM", Role: "clerk"}, true},
		{staff.Registration{Authority: "CAM", Role: "boss"}, false},
		{staff.Registration{Authority: "XXX", Role: "clerk"}, false},
		{staff.Registration{Role: "clerk"}, false},
		{staff.Registration{Role: "supervisor"}, false},
		{staff.Registration{Role: "officer"}, false},
		{staff.Registration{Role: "support"}, true},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "guest", ValidTo: &until}, false},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "volunteer"}, false},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "volunteer", ValidTo: &until}, true},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until}, false},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Organisation: "Mill Trust"}, false},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Agreement: "A 7"}, false},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", Organisation: "Mill Trust", Agreement: "A 7"}, false},
		{
			staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Organisation: "Mill Trust", Agreement: "A 7"},
			true,
		},
		{
			staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Organisation: long[1:], Agreement: long[1:]},
			true,
		},
		{staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Organisation: long, Agreement: "A 7"}, false},
		{
			staff.Registration{Authority: "CAM", Role: "clerk", Kind: "partner", ValidTo: &until, Organisation: "Mill Trust", Agreement: long},
			false,
		},
	} {
		at.staff.Login = "clerk.ken"
		if at.staff.Role == "support" { // whose group the login is in already
			at.staff.Login = "support"
		}
		_, err := staff.Add(t.Context(), admin, client.Why{}, at.staff)
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%s: %v", pgtest.Text(t, at.staff), err)
		}
	}
	if _, err := psql.Run("SELECT desk.add_staff(%s, 'clerk.ken', 'CAM', 'clerk', NULL, NULL)",
		psql.Open("staff add", "{}")); pgtest.Code(err) != "LB400" {
		t.Errorf("no kind at all: %v", err)
	}
}

// Revoking ends one role at one authority, of somebody else, and is for who administers that authority.
func TestWhatIsRevoked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	super.Must(`INSERT INTO patronctl.staff (login, authority, role, valid_from) VALUES ('clerk.pbk', 'CAM', 'clerk', '2026-01-01'),
		('clerk.pbk', 'CAM', 'supervisor', '2026-01-01'), ('officer.cam', 'CAM', 'admin', '2026-01-01'), ('admin', 'CAM', 'clerk', '2026-01-01')`)
	if _, err := staff.Revoke(t.Context(), admin, client.Why{}, "clerk.pbk", "CAM", "clerk"); err != nil {
		t.Fatal(err)
	}
	if left := super.Must(`
		SELECT string_agg(authority || ' ' || role, ', ' ORDER BY authority, role)
		FROM patronctl.staff
		WHERE login = 'clerk.pbk' AND valid_to IS NULL`); left != "CAM supervisor, PBK clerk" {
		t.Errorf("left: %s", left)
	}
	_, err := staff.Revoke(t.Context(), admin, client.Why{}, "admin", "CAM", "clerk")
	pgtest.OfKind(t, err, client.KindRefused) // oneself
	_, err = staff.Revoke(t.Context(), admin, client.Why{}, "clerk.pbk", "XXX", "clerk")
	pgtest.OfKind(t, err, client.KindUsage)
	super.Must("UPDATE patronctl.staff SET authority = 'CAM' WHERE login = 'admin' AND role = 'admin'")
	_, err = staff.Revoke(t.Context(), admin, client.Why{}, "clerk.pbk", "PBK", "clerk")
	pgtest.OfKind(t, err, client.KindRefused) // an administrator of CAM only
	if _, err = staff.Revoke(t.Context(), admin, client.Why{}, "clerk.pbk", "CAM", "supervisor"); err != nil {
		t.Error(err)
	}
}

// A login that was made here keeps the group of its role as long as another authority needs it, to the end of the last day.
func TestTheGroupGoesWithTheLastRegistration(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	for _, authority := range []string{"CAM", "KEN", "PBK"} {
		how := staff.Login{}
		if authority == "CAM" {
			how.Password = "a long enough password"
		}
		if _, err := staff.AddLogin(t.Context(), admin, client.Why{},
			staff.Registration{Login: "three.desks", Authority: authority, Role: "clerk"}, how); err != nil {
			t.Fatal(authority, err)
		}
	}
	super.Must("INSERT INTO patronctl.staff (login, authority, role, valid_from) VALUES ('three.desks', 'CAM', 'supervisor', '2026-01-01')")
	super.Must("UPDATE patronctl.staff SET valid_to = patronctl.today('KEN') WHERE login = 'three.desks' AND authority = 'KEN'")
	for _, authority := range []string{"CAM", "PBK", "KEN"} {
		if in := super.Must("SELECT pg_has_role('three.desks', 'patronctl_clerk', 'MEMBER')"); in != "t" {
			t.Errorf("before it is revoked at %s, the group is gone", authority)
		}
		if _, err := staff.Revoke(t.Context(), admin, client.Why{}, "three.desks", authority, "clerk"); err != nil {
			t.Fatal(authority, err)
		}
	}
	if in := super.Must("SELECT pg_has_role('three.desks', 'patronctl_clerk', 'MEMBER')"); in != "f" {
		t.Error("revoked everywhere, and still in the group")
	}
}
