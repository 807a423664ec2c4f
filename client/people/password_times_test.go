package people_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// A password is changed within ten minutes of a check that passed, by the login that checked it, and once.
func TestAChangeFollowsACheck(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, desk, opac := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), db.Client(t, "opac")
	check := func(password string) {
		t.Helper()
		if _, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, password); err != nil {
			t.Fatal(err)
		}
	}
	for name, at := range map[string]struct {
		after func()
		fine  bool
	}{
		"at once":                  {func() {}, true},
		"nine and a half minutes":  {func() { pgtest.Ago(super, "9 minutes 30 seconds") }, true},
		"ten minutes and a second": {func() { pgtest.Ago(super, "10 minutes 1 second") }, false},
		"nine hours":               {func() { pgtest.Ago(super, "9 hours") }, false},
		"a wrong one since":        {func() { check("wrong") }, true}, // who knows it once may mistype it
		"a block placed since": {func() {
			desk.Must("SELECT desk.place_block(%s, NULL, 'warn', 'conduct')", desk.Open("block place", pgtest.Bookworm))
		}, true},
		"checked by another login": {func() {
			super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET login = 'clerk.cam'; RESET session_replication_role")
		}, false},
		"a check of another's card": {func() {
			super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET patrons = '{37}'; RESET session_replication_role")
		}, false},
		"a check that did not pass": {func() {
			super.Must(`
				SET session_replication_role = replica;
				UPDATE patronctl.result SET counts = counts || '{"passed": false}';
				RESET session_replication_role`)
		}, false},
		"changed since, by the same": {func() {
			if err := change(t, opac, "another-kettle"); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		super.Must(`SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE; RESET session_replication_role;
			UPDATE lms.credential
			SET secret_hash = NULL, one_time_until = NULL, must_change = FALSE, failed_attempts = 0, locked_until = NULL
			WHERE patron = 36`)
		check(sample.CardLongHistory)
		at.after()
		err := change(t, opac, "kettle-and-lamp")
		if at.fine != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A secret in clear is never stored.
func TestOnlyAHashIsStored(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, opac, psql, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "opac"), pgtest.Connect(t, db, "opac"),
		pgtest.Connect(t, db, "clerk.cam")
	super.Must(`
		UPDATE lms.credential
		SET secret_hash = NULL, one_time_until = NULL, must_change = FALSE, failed_attempts = 0, locked_until = NULL
		WHERE patron = 36`)
	if _, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"'kettle-and-lamp'", "NULL", "''", "'$argon2id$v=19$m=8,t=1,p=1$kettle'"} {
		if _, err := psql.Run("SELECT desk.change_secret(%s, %s)", psql.Open("password change", pgtest.BookwormsCard),
			hash); pgtest.Code(err) != "LB400" {
			t.Errorf("changed to %s: %v", hash, err)
		}
		if _, err := clerk.Run("SELECT desk.reset_password(%s, %s)", clerk.Open("password reset", pgtest.Bookworm),
			hash); pgtest.Code(err) != "LB400" {
			t.Errorf("reset to %s: %v", hash, err)
		}
	}
}

func change(t *testing.T, opac *client.Client, password string) error {
	t.Helper()
	_, err := people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, password)
	return err
}

// A one-time code opens the account for a day, a lock-out ends when it says, both to the microsecond.
func TestCodesAndLocksEnd(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, opac := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), db.Client(t, "opac")
	db.Freeze(t, "2026-02-28 12:00Z")
	reset, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		now  string
		fine bool
	}{
		{"2026-02-28 12:00Z", true},
		{"2026-03-01 11:59:59.999999Z", true},
		{"2026-03-01 12:00Z", true},
		{"2026-03-01 12:00:00.000001Z", false},
	} {
		db.Freeze(t, at.now)
		got, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, *reset.Code)
		if at.fine != (err == nil && got.Passed) {
			t.Errorf("the code at %s: %+v %v", at.now, got, err)
		}
		shown, err := people.Show(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.ShowOptions{})
		if err != nil || shown.Password.Expired == at.fine {
			t.Errorf("shown at %s: %+v %v", at.now, shown.Password, err)
		}
	}
	super.Must(`
		UPDATE lms.credential
		SET secret_hash = NULL, one_time_until = NULL, must_change = FALSE, locked_until = '2026-03-02 12:15Z'
		WHERE patron = 36`)
	for _, at := range []struct {
		now  string
		fine bool
	}{{"2026-03-02 12:14:59.999999Z", false}, {"2026-03-02 12:15Z", true}, {"2026-03-02 12:16Z", true}} {
		db.Freeze(t, at.now)
		super.Must("UPDATE lms.credential SET locked_until = '2026-03-02 12:15Z' WHERE patron = 36")
		shown, err := people.Show(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.ShowOptions{})
		if err != nil || (shown.Password.State == "locked") == at.fine {
			t.Errorf("shown at %s: %+v %v", at.now, shown.Password, err)
		}
		got, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, sample.CardLongHistory)
		if at.fine != (err == nil && got.Passed) {
			t.Errorf("a lock-out at %s: %+v %v", at.now, got, err)
		}
	}
}

// So many wrong passwords in a row lock an account for so many minutes; none of it with zero; a right one begins anew.
func TestHowManyWrongPasswordsLock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, opac := pgtest.Connect(t, db, "postgres"), db.Client(t, "opac")
	db.Freeze(t, "2026-02-28 12:00Z")
	for after, tries := range map[string]string{"0": "------", "1": "L", "3": "--L"} {
		super.Must(`DELETE FROM patronctl.setting WHERE name LIKE 'lockout%%';
			INSERT INTO patronctl.setting VALUES ('lockout_attempts', 'CAM', '%s'), ('lockout_minutes', 'CAM', '20');
			UPDATE lms.credential
			SET secret_hash = NULL, one_time_until = NULL, must_change = FALSE, failed_attempts = 2, locked_until = NULL
			WHERE patron = 36`, after)
		try := func(password string) *people.PasswordCheck {
			t.Helper()
			got, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, password)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if !try(sample.CardLongHistory).Passed { // which forgets the two before
			t.Error("a right password did not pass")
		}
		for n, want := range tries {
			got := try("wrong")
			if got.Passed || (got.LockedUntil != nil) != (want == 'L') {
				t.Errorf("wrong password %d of %s: %+v", n+1, after, got)
			}
		}
		want := "2026-02-28 12:20:00+00"
		if after == "0" {
			want = ""
		}
		if got := super.Must("SET TimeZone = 'UTC'; SELECT coalesce(locked_until::text, '') FROM lms.credential WHERE patron = 36"); got != want {
			t.Errorf("after %s: locked until %q", after, got)
		}
	}
	// Somebody whom the library never gave a password is no exception.
	super.Must("DELETE FROM lms.credential WHERE patron = 36; UPDATE patronctl.setting SET value = '1' WHERE name = 'lockout_attempts'")
	if got, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, "wrong"); err != nil ||
		got.LockedUntil == nil {
		t.Errorf("without a row: %+v %v", got, err)
	}
}

// A login may check so many passwords in ten minutes: its own checks count, of whatever card, unless they were refused.
func TestWhichChecksALoginMade(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, opac := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "opac")
	super.Must("INSERT INTO patronctl.setting VALUES ('password_checks', NULL, '3')")
	for what, fine := range map[string]bool{
		"at = at": false, "outcome = 'not_found'": false, "patrons = '{}'": false, "outcome = 'denied'": true,
		"operation = 'password change'": true, "login = 'clerk.cam'": true, "at = at - interval '10 minutes'": true,
		"at = at - interval '9 minutes 30 seconds'": false, "login = 'clerk.cam', operation = 'patron show'": true,
	} {
		super.Must("SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE")
		for range 3 {
			opac.Open("password check", pgtest.BookwormsCard)
		}
		super.Must("UPDATE patronctl.access SET %s", what)
		_, err := opac.Run("SELECT desk.fetch_secret(%s)", opac.Open("password check", `{"card": "`+sample.CardHostileItems+`"}`))
		if fine != (err == nil) || err != nil && pgtest.Code(err) != "LB403" {
			t.Errorf("three checks with %s: %v", what, err)
		}
	}
	// So does each check of a card, whoever makes it; staff who look it up lock nothing.
	super.Must("UPDATE patronctl.setting SET value = '600' WHERE name = 'password_checks'")
	for what, fine := range map[string]bool{
		"at = at": false, "login = 'clerk.cam'": false, "patrons = '{37}'": true, "outcome = 'denied'": true, "operation = 'patron show'": true,
		"at = at - interval '10 minutes'": true, "at = at - interval '9 minutes 30 seconds'": false,
	} {
		super.Must("SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE")
		for range 20 {
			opac.Open("password check", pgtest.BookwormsCard)
		}
		super.Must("UPDATE patronctl.access SET %s", what)
		_, err := opac.Run("SELECT desk.fetch_secret(%s)", opac.Open("password check", pgtest.BookwormsCard))
		if fine != (err == nil) || err != nil && pgtest.Code(err) != "LB403" {
			t.Errorf("twenty checks with %s: %v", what, err)
		}
	}
	super.Must("SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE")
	for range 20 { // a right password is no guess
		opac.Must("SELECT desk.report_check(%s, TRUE)", opac.Open("password check", pgtest.BookwormsCard))
	}
	opac.Must("SELECT desk.fetch_secret(%s)", opac.Open("password check", pgtest.BookwormsCard))
}

// Nobody resets the password of an account that is no longer one, or whose password is kept elsewhere.
func TestWhosePasswordIsReset(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	for account, fine := range map[string]bool{
		"status = 'active', login = 'local', expires_on = '2020-01-01'": true, // who is expired is told so elsewhere
		"status = 'active', login = 'external'":                         false,
		"status = 'deleted', login = 'local'":                           false,
		"status = 'erased', login = 'local'":                            false,
		"status = 'active', login = 'local', authority = 'KEN'":         false,
	} {
		super.Must("UPDATE lms.patron SET authority = 'CAM' WHERE id = 36; UPDATE lms.patron SET %s WHERE id = 36", account)
		_, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory)
		if fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindRefused {
			t.Errorf("%s: %v", account, err)
		}
	}
	super.Must(`
		UPDATE lms.patron SET authority = 'CAM', status = 'active', login = 'local' WHERE id = 36;
		UPDATE lms.credential SET locked_until = patronctl.clock() + interval '1 day'
		WHERE patron = 36`)
	if _, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	shown, err := people.Show(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.ShowOptions{})
	if err != nil || shown.Password.State != "one_time" {
		t.Errorf("a reset did not lift the lock-out: %+v %v", shown.Password, err)
	}
}

// Desks of other members reset passwords where the home lets them.
func TestResetByMembers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, away := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.ken")
	for _, at := range []struct {
		setting string
		fine    bool
	}{
		{"", false},
		{"('reset_by_members', 'CAM', 'true')", true},
		{"('reset_by_members', 'KEN', 'true')", false},
		{"('reset_by_members', NULL, 'true')", true},
		{"('reset_by_members', NULL, 'true'), ('reset_by_members', 'CAM', 'false')", false},
	} {
		super.Must("DELETE FROM patronctl.setting WHERE name = 'reset_by_members'")
		if at.setting != "" {
			super.Must("INSERT INTO patronctl.setting VALUES %s", at.setting)
		}
		_, err := people.ResetPassword(t.Context(), away, client.Why{}, sample.CardLongHistory)
		if at.fine != (err == nil) || err != nil && pgtest.Kind(err) != client.KindRefused {
			t.Errorf("%s: %v", at.setting, err)
		}
	}
}

// A password has eight characters, however many bytes those are, and is not the number of the card.
func TestPasswordLengths(t *testing.T) {
	for password, fine := range map[string]bool{
		"1234567": false, "12345678": true, "žltýkôň": false, "žltýkôňa": true, "": false, "        ": true,
		sample.CardLongHistory: false, " " + sample.CardLongHistory + " ": false, sample.CardLongHistory + "0": true,
	} {
		if err := people.CheckSecret(sample.CardLongHistory, password); fine != (err == nil) {
			t.Errorf("%q: %v", password, err)
		}
	}
}
