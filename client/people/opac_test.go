package people_test

import (
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// A reset, a first login with the code however it was typed, a change, a login with what was chosen.
func TestFromAResetToAPasswordOfOnesOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	clerk, opac := db.Client(t, "clerk.cam"), db.Client(t, "opac")
	check := func(password string, passed, mustChange bool) {
		t.Helper()
		got, err := people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, password)
		if err != nil || got.Passed != passed || passed && got.MustChange != mustChange {
			t.Errorf("a check: %+v, %v", got, err)
		}
	}
	reset, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory)
	if err != nil {
		t.Fatal(err)
	}
	_, err = people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, "kettle-and-lamp")
	pgtest.OfKind(t, err, client.KindRefused) // not checked
	check("kettle-and-lamp", false, false)
	_, err = people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, "kettle-and-lamp")
	pgtest.OfKind(t, err, client.KindRefused) // not passed
	check(*reset.Code, true, true)
	check(strings.ToLower(strings.ReplaceAll(*reset.Code, "-", " ")), true, true)
	for _, weak := range []string{"", "short", sample.CardLongHistory, " " + sample.CardLongHistory} {
		_, err = people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, weak)
		pgtest.OfKind(t, err, client.KindUsage)
	}
	if _, err := people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, "kettle-and-lamp"); err != nil {
		t.Fatal(err)
	}
	check("kettle-and-lamp", true, false)
	check("Kettle-and-lamp", false, false)
	check(*reset.Code, false, false)
	// Who knew the password before a reset cannot set one after it.
	check("kettle-and-lamp", true, false)
	if _, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	_, err = people.ChangePassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, "a thief's own password")
	pgtest.OfKind(t, err, client.KindRefused)
}

// Wrong passwords in a row lock an account for as long as its library says; so do hashes that were fetched without telling
// what came of it, and nobody fetches those of many cards.
func TestGuessingIsSlow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, opac, raw := pgtest.Connect(t, db, "postgres"), db.Client(t, "opac"), pgtest.Connect(t, db, "opac")
	super.Must("INSERT INTO patronctl.setting VALUES ('lockout_attempts', 'CAM', '3'), ('lockout_minutes', 'CAM', '20')")
	state := func() string {
		return super.Must(`
			SELECT concat(failed_attempts, ' ', round(extract(epoch FROM locked_until - patronctl.clock()) / 60))
			FROM lms.credential
			WHERE patron = 36`)
	}
	try := func(password string) (*people.PasswordCheck, error) {
		return people.CheckPassword(t.Context(), opac, client.Why{}, sample.CardLongHistory, password)
	}
	super.Must(`
		UPDATE lms.credential
		SET secret_hash = NULL, one_time_until = NULL, must_change = FALSE, failed_attempts = 0, locked_until = NULL
		WHERE patron = 36`)
	for n := range 3 {
		got, err := try("wrong")
		if err != nil || got.Passed || (got.LockedUntil != nil) != (n == 2) {
			t.Errorf("wrong password %d: %+v, %v", n+1, got, err)
		}
	}
	if got := state(); got != "3 20" {
		t.Errorf("after three: %s", got)
	}
	_, err := try(sample.CardLongHistory)
	pgtest.OfKind(t, err, client.KindRefused)
	super.Must("UPDATE lms.credential SET locked_until = patronctl.clock() - interval '1 second' WHERE patron = 36")
	if got, err := try(sample.CardLongHistory); err != nil || !got.Passed { // the card number is the password
		t.Errorf("after the lock-out: %+v, %v", got, err)
	}
	if got := state(); got != "0 " {
		t.Errorf("after a right one: %s", got)
	}

	super.Must("SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE; RESET session_replication_role")
	for range 20 {
		raw.Must("SELECT desk.fetch_secret(%s)", raw.Open("password check", pgtest.BookwormsCard))
	}
	_, err = raw.Run("SELECT desk.fetch_secret(%s)", raw.Open("password check", pgtest.BookwormsCard))
	pgtest.Refused(t, "the 21st hash of a card that is fetched and not reported", err)
	super.Must(`
		SET session_replication_role = replica;
		UPDATE patronctl.access SET at = at - interval '10 minutes';
		RESET session_replication_role`)
	raw.Must("SELECT desk.fetch_secret(%s)", raw.Open("password check", pgtest.BookwormsCard))

	super.Must("INSERT INTO patronctl.setting VALUES ('password_checks', NULL, '4')")
	for _, card := range []string{sample.CardHostileItems, "00000000", "00000001"} {
		raw.Open("password check", `{"card": "`+card+`"}`)
	}
	_, err = raw.Run("SELECT desk.fetch_secret(%s)", raw.Open("password check", `{"card": "`+sample.CardOwesElsewhere+`"}`))
	pgtest.Refused(t, "more cards than a catalogue may check", err)
	if n := super.Must("SELECT count(*) FROM patronctl.access WHERE outcome = 'denied' AND because LIKE '%%too many passwords%%'"); n != "1" {
		t.Errorf("%s refusals are recorded", n)
	}
}

// The catalogue is asked by card only, and about cards that open something only.
func TestTheCatalogueIsAskedByCard(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, raw, opac := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "opac"), db.Client(t, "opac")
	for _, criteria := range []string{
		`{"ref": "id:36"}`, `{"words": ["bookworm"]}`, `{"cards": ["90000036"]}`, `{}`,
		`{"card": "90000036", "ref": "id:36"}`,
	} {
		if _, err := raw.Run("SELECT %s", pgtest.OpenCall("password check", criteria)); pgtest.Code(err) != "LB400" {
			t.Errorf("%s: %v", criteria, err)
		}
	}
	for _, card := range []string{"id:36", "bookworm", "", "00000000"} {
		got, err := people.CheckPassword(t.Context(), opac, client.Why{}, card, "x")
		if err != nil || got.Passed || got.Patron != 0 {
			t.Errorf("%q: %+v, %v", card, got, err)
		}
	}
	super.Must(`
		UPDATE lms.card SET status = 'lost' WHERE number = '%s';
		UPDATE lms.patron SET login = 'external' WHERE id = 37`, sample.CardLongHistory)
	super.Must(`
		UPDATE lms.credential
		SET one_time_until = patronctl.clock() - interval '1 minute', secret_hash = 'x', locked_until = NULL
		WHERE patron = 28`)
	for card, says := range map[string]string{
		sample.CardLongHistory: "lost", sample.CardHostileItems: "external",
		sample.CardLockedOut: "expired", "90000032": "deleted",
	} {
		_, err := people.CheckPassword(t.Context(), opac, client.Why{}, card, card)
		if pgtest.OfKind(t, err, client.KindRefused); !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", card, err)
		}
	}
	if failed := super.Must("SELECT coalesce(sum(failed_attempts), 0) FROM lms.credential WHERE patron IN (36, 37)"); failed != "0" {
		t.Errorf("%s wrong passwords were counted", failed)
	}
}
