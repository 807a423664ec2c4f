package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Before a day means strictly before its first moment at the home authority, on days that begin or end summer time, too.
func TestMidnightAtHome(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	const patron, card = 23, sample.CardNoBirthDate
	for _, at := range []struct{ zone, day, begins string }{
		{"Europe/London", "2025-07-01", "2025-06-30T23:00:00Z"},
		{"Europe/London", "2025-03-30", "2025-03-30T00:00:00Z"},
		{"Europe/London", "2025-10-26", "2025-10-25T23:00:00Z"},
		{"Europe/Bratislava", "2025-10-27", "2025-10-26T23:00:00Z"},
		{"Africa/Cairo", "2025-04-25", "2025-04-24T22:00:00Z"},   // that day begins at one o'clock
		{"America/Havana", "2025-11-02", "2025-11-02T04:00:00Z"}, // and that one has two midnights
		{"Pacific/Kiritimati", "2025-12-31", "2025-12-30T10:00:00Z"},
	} {
		begins, err := time.Parse(time.RFC3339, at.begins)
		if err != nil {
			t.Fatal(err)
		}
		super.Must(`UPDATE lms.authority SET time_zone = '%s' WHERE code = 'CAM';
			DELETE FROM lms.payment WHERE patron = %[2]d;
			DELETE FROM lms.fee WHERE patron = %[2]d;
			DELETE FROM lms.loan WHERE patron = %[2]d;
			DELETE FROM lms.hold WHERE patron = %[2]d`, at.zone, patron)
		for _, moment := range []time.Time{begins.Add(-time.Microsecond), begins, begins.Add(30 * time.Minute)} {
			super.Must(`
				INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
				VALUES (%d, 50, 'CAM', 'CAM-CEN', '2025-01-01', '%s')`, patron, moment.Format(time.RFC3339Nano))
			super.Must(`
				INSERT INTO lms.hold (patron, item, authority, placed_at, closed_at)
				VALUES (%d, 50, 'CAM', '2025-01-01', '%s')`, patron, moment.Format(time.RFC3339Nano))
		}
		for _, ago := range []int{1, 0} {
			super.Must(`
				INSERT INTO lms.fee (patron, authority, kind, amount, raised_on)
				VALUES (%d, 'CAM', 'service', 0, date '%s' - %d)`, patron, at.day, ago)
		}
		moved, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, card, people.AnonymizeOptions{Before: pgtest.Date(t, at.day)})
		if err != nil {
			t.Fatal(err)
		}
		if moved.Loans != 1 || moved.Holds != 1 || moved.ZeroFees != 1 {
			t.Errorf("%s, %s: %d loans, %d holds, %d fees moved, want the one of the day before", at.zone, at.day, moved.Loans, moved.Holds,
				moved.ZeroFees)
		}
	}
}

// Today covers what was returned so far; tomorrow is a mistake, and so is what an authority still keeps.
func TestWhichDaysMayMove(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	ask := func(day string) error {
		_, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory,
			people.AnonymizeOptions{Before: pgtest.Date(t, day), DryRun: true})
		return err
	}
	refusedNaming := func(day, latest string) {
		t.Helper()
		if err := ask(day); pgtest.Kind(err) != client.KindUsage || !strings.Contains(err.Error(), latest) {
			t.Errorf("before %s: %v, want it refused naming %s", day, err, latest)
		}
	}
	refusedNaming("2026-02-01", pgtest.Day)
	super.Must("INSERT INTO patronctl.setting VALUES ('history_keep_days', 'CAM', '30')")
	refusedNaming("today", "2026-01-01")
	refusedNaming(pgtest.Day, "2026-01-01")
	refusedNaming("2026-01-02", "2026-01-01")
	refusedNaming("2026-02-01", "2026-01-01")
	if err := ask("2026-01-01"); err != nil {
		t.Errorf("the latest day: %v", err)
	}
	super.Must("DELETE FROM patronctl.setting")

	returned := `
		UPDATE lms.loan SET returned_at = '2026-01-31T11:59:00Z'
		WHERE id = (SELECT max(id) FROM lms.loan WHERE patron = 36 AND returned_at IS NULL)
		RETURNING id`
	for _, day := range []string{"today", pgtest.Day} {
		id := super.Must("%s", returned)
		if _, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory,
			people.AnonymizeOptions{Before: pgtest.Date(t, day)}); err != nil {
			t.Fatal(err)
		}
		if left := super.Must("SELECT count(*) FROM lms.loan WHERE id = %s", id); left != "0" {
			t.Errorf("before %s: a loan returned an hour ago stayed", day)
		}
	}
}

// What is owed stays with its loan, unless told otherwise; then the fee stays alone. A fee of nothing goes along.
func TestFeesOfMovedLoans(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	super.Must("DELETE FROM lms.payment WHERE patron = 23; DELETE FROM lms.fee WHERE patron = 23; DELETE FROM lms.loan WHERE patron = 23")
	loan := func(amounts ...string) (id string) {
		id = super.Must(`
			INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
			VALUES (23, 50, 'CAM', 'CAM-CEN', '2025-01-01', '2025-02-01')
			RETURNING id`)
		for _, amount := range amounts {
			fee, paid, _ := strings.Cut(amount, "-")
			number := super.Must(`
				INSERT INTO lms.fee (patron, authority, kind, amount, raised_on, loan)
				VALUES (23, 'CAM', 'overdue', %s, '2026-01-30', %s)
				RETURNING id`, fee, id)
			if paid != "" {
				super.Must("INSERT INTO lms.payment (patron, fee, amount, paid_on) VALUES (23, %s, %s, '2026-01-30')", number, paid)
			}
		}
		return id
	}
	nothing, free, paid, owing := loan(), loan("0"), loan("5-5", "0"), loan("5-4", "0")
	unpaid := loan("3-0") // an empty payment
	run := func(owing bool) string {
		outcome, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardNoBirthDate,
			people.AnonymizeOptions{Before: pgtest.Date(t, "2025-06-01"), IncludeOwing: owing})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(outcome.Loans, outcome.ZeroFees, outcome.FeesUnlinked, outcome.Skipped)
	}
	if got := run(false); got != "3 2 1 [{unpaid_fee 2}]" {
		t.Errorf("loans, zero fees, unlinked, skipped: %s", got)
	}
	if left := super.Must("SELECT array_agg(id ORDER BY id) = ARRAY[%s, %s]::bigint[] FROM lms.loan WHERE patron = 23", owing,
		unpaid); left != "t" {
		t.Errorf("not only the loans that are owed for stayed (%s %s %s moved)", nothing, free, paid)
	}
	if got := run(true); got != "2 1 2 []" {
		t.Errorf("including what is owed: %s", got)
	}
	fees := super.Must("SELECT patron, amount, loan IS NULL FROM lms.fee WHERE patron = 23 ORDER BY id")
	if fees != "23\n5.00\nt\n23\n5.00\nt\n23\n3.00\nt" {
		t.Errorf("fees left: %q", fees)
	}
	if paid := super.Must("SELECT string_agg(amount::text, ' ' ORDER BY fee) FROM lms.payment WHERE patron = 23"); paid != "5.00 4.00 0.00" {
		t.Errorf("paid: %s", paid)
	}
}

// A dry run takes no number of a transaction, because it writes nothing at all.
func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	before := contents(super)
	for _, flags := range []string{"FALSE, FALSE", "TRUE, TRUE"} {
		id := clerk.Open("history anonymize", pgtest.Bookworm)
		clerk.Must("BEGIN")
		forecast := clerk.Must("SELECT desk.anonymize_history(%s, '2026-01-31', %s, TRUE)", id, flags)
		if !strings.Contains(forecast, `"dry_run": true`) || strings.Contains(forecast, `"loans": 0`) {
			t.Errorf("forecast: %s", forecast)
		}
		if wrote := clerk.Must("SELECT pg_current_xact_id_if_assigned() IS NOT NULL"); wrote != "f" {
			t.Error("a dry run wrote something")
		}
		clerk.Must("COMMIT")
	}
	if after := contents(super); after != before {
		t.Errorf("contents were\n%sand are\n%s", before, after)
	}
}

// contents fingerprints every table but the access records.
func contents(super *pgtest.Session) string {
	var all strings.Builder
	tables, err := super.Run(`
		SELECT oid::regclass
		FROM pg_class
		WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('lms', 'patronctl') AND relname <> 'access'
		ORDER BY 1`)
	if err != nil {
		super.T.Fatal(err)
	}
	for _, table := range tables {
		fmt.Fprintln(&all, table, super.Must("SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM %s AS r", table))
	}
	return all.String()
}
