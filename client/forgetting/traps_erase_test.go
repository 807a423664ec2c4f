package forgetting_test

import (
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// ready makes patron 41 of CAM somebody with nothing that blocks erasing, who expired long ago.
const ready = `
	UPDATE patronctl.staff SET valid_from = '2000-01-01';
	DELETE FROM lms.payment WHERE patron = 41 OR fee IN (SELECT id FROM lms.fee WHERE patron = 41); DELETE FROM lms.fee WHERE patron = 41;
	DELETE FROM lms.loan WHERE patron = 41; DELETE FROM lms.hold WHERE patron = 41; DELETE FROM lms.membership WHERE patron = 41;
	UPDATE lms.patron SET guardian_patron = NULL, status = 'active' WHERE id = 21;
	UPDATE lms.patron
	SET status = 'active', expires_on = '2024-01-01', deleted_on = NULL, last_fee_on = NULL, birth_year = 1966,
		protected = FALSE
	WHERE id = 41;
	UPDATE patronctl.rule SET age = '18 months', counted_from = 'expired', despite = '{}' WHERE name = 'lapsed';
	UPDATE patronctl.rule SET age = '365 days', counted_from = 'deleted', despite = '{memberships}' WHERE name = 'deleted';
	UPDATE patronctl.installation SET clock_offset = timestamptz '2026-01-31 12:00+00' - clock_timestamp();
	`

// onPlan is where patron 41 is on the newest plan: nowhere, to do, or left out for reasons.
func onPlan(super *pgtest.Session) string {
	super.T.Helper()
	found := super.Must(`
		SELECT coalesce(array_to_string(reasons, ', '), 'to do')
		FROM patronctl.plan_item
		WHERE patron = 41 AND plan = (SELECT max(id) FROM patronctl.plan)`)
	if found == "" {
		return "nowhere"
	}
	return found
}

// TestWhomLapsedAndDeletedErase makes situations of one person and looks what a plan says about them.
func TestWhomLapsedAndDeletedErase(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	const (
		fee     = "INSERT INTO lms.fee (id, patron, authority, kind, amount, raised_on) VALUES (900001, 41, '%s', 'overdue', %s, '2023-01-01');"
		payment = "INSERT INTO lms.payment (patron, paid_by, fee, amount, paid_on) VALUES (41, nullif(%s, 41), 900001, %s, '2023-01-02');"
		loan    = "INSERT INTO lms.loan (patron, item, authority, branch, lent_at) VALUES (41, 50, 'KEN', 'KEN-CEN', '2023-01-01');"
		hold    = "INSERT INTO lms.hold (patron, kind, item, authority, placed_at) VALUES (41, '%s', 50, 'KEN', '2023-01-01');"
		member  = "INSERT INTO lms.membership VALUES (41, '%s', 'work', '2020-01-01', %s);"
		is      = "UPDATE lms.patron SET %s WHERE id = 41;"
		lapsed  = "UPDATE patronctl.rule SET %s WHERE name = 'lapsed';"
		deleted = "UPDATE patronctl.rule SET %s WHERE name = 'deleted';"
		today   = "UPDATE patronctl.installation SET clock_offset = timestamptz '%s' - clock_timestamp();"
		waive   = "UPDATE patronctl.rule SET despite = '{loans,reservations,orders,fees,memberships}' WHERE name = 'lapsed';"
	)
	with := func(text string, args ...string) string {
		for _, arg := range args {
			text = strings.Replace(text, "%s", arg, 1)
		}
		return text
	}
	for _, at := range []struct{ rule, name, made, want string }{
		{"lapsed", "nothing blocks", "", "to do"},
		{"lapsed", "debt elsewhere", with(fee, "KEN", "5"), "fees KEN"},
		{"lapsed", "debt elsewhere, waived at home", with(fee, "KEN", "5") + waive, "fees KEN"},
		{"lapsed", "debt at home", with(fee, "CAM", "5"), "fees CAM"},
		{"lapsed", "debt at home, waived", with(fee, "CAM", "5") + waive, "to do"},
		{"lapsed", "debt half paid", with(fee, "CAM", "5") + with(payment, "41", "4.99"), "fees CAM"},
		{"lapsed", "debt paid by somebody else", with(fee, "KEN", "5") + with(payment, "36", "5"), "to do"},
		{"lapsed", "credit at home", with(fee, "CAM", "5") + with(payment, "41", "6"), "credit CAM"},
		{"lapsed", "credit elsewhere, waived at home", with(fee, "KEN", "5") + with(payment, "41", "6") + waive, "credit KEN"},
		{"lapsed", "a fee of zero with a payment", with(fee, "CAM", "0") + with(payment, "41", "1"), "credit CAM"},
		{"lapsed", "a fee of zero", with(fee, "CAM", "0"), "to do"},
		{"lapsed", "loan elsewhere", loan, "loans KEN"},
		{"lapsed", "loan elsewhere, waived at home", loan + waive, "loans KEN"},
		{"lapsed", "reservation elsewhere", with(hold, "reservation"), "reservations KEN"},
		{"lapsed", "order elsewhere", with(hold, "order"), "orders KEN"},
		{"lapsed", "membership elsewhere until today", with(member, "KEN", "'2026-01-31'"), "memberships KEN"},
		{"lapsed", "membership elsewhere without end", with(member, "KEN", "NULL"), "memberships KEN"},
		{"lapsed", "membership elsewhere until yesterday", with(member, "KEN", "'2026-01-30'"), "to do"},
		{"lapsed", "membership at home", with(member, "CAM", "NULL"), "memberships CAM"},
		{
			"lapsed", "everything at once",
			loan + with(hold, "order") + with(fee, "CAM", "5") + with(is, "protected = TRUE") + with(member, "KEN", "NULL"),
			"fees CAM, loans KEN, memberships KEN, orders KEN, protected",
		},
		{"lapsed", "guardian of an active child", "UPDATE lms.patron SET guardian_patron = 41 WHERE id = 21", "guardian"},
		{"lapsed", "guardian of a child who left", "UPDATE lms.patron SET guardian_patron = 41, status = 'deleted' WHERE id = 21", "to do"},
		{"lapsed", "protected", with(is, "protected = TRUE"), "protected"},
		{"lapsed", "protected, waived", with(is, "protected = TRUE") + waive, "protected"},
		{"lapsed", "no birth date", with(is, "birth_year = NULL"), "to do"},
		{"lapsed", "no date", with(is, "expires_on = NULL"), "no_date"},
		{
			"lapsed", "no date but the last fee's",
			with(is, "expires_on = NULL, last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "to do",
		},
		{"lapsed", "no last fee", with(lapsed, "counted_from = 'last-fee'"), "to do"},
		{"lapsed", "the last fee was lately", with(is, "last_fee_on = '2025-12-01'") + with(lapsed, "counted_from = 'last-fee'"), "nowhere"},
		{
			"lapsed", "the last fee long ago, but it can be reactivated",
			with(is, "expires_on = '2024-08-01', last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "reactivation",
		},
		{
			"lapsed", "the last fee long ago, and valid until today",
			with(is, "expires_on = '2026-01-31', last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "memberships CAM",
		},
		{
			"lapsed", "the last fee long ago, and valid until yesterday",
			with(is, "expires_on = '2026-01-30', last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "reactivation",
		},
		{
			"lapsed", "the last fee long ago, and it could be reactivated until today",
			with(is, "expires_on = '2024-07-31', last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "to do",
		},
		{
			"lapsed", "the last fee long ago, and still valid",
			with(is, "expires_on = '2026-08-01', last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'last-fee'"), "memberships CAM",
		},
		{
			"lapsed", "the last fee long ago, and valid for ever",
			with(is, "expires_on = NULL, last_fee_on = '2020-01-01'") + with(lapsed, "counted_from = 'deleted'"), "no_date",
		},
		{"lapsed", "18 months today", with(is, "expires_on = '2024-07-31'"), "to do"},
		{"lapsed", "18 months tomorrow", with(is, "expires_on = '2024-08-01'"), "nowhere"},
		{"lapsed", "deleted", with(is, "status = 'deleted', deleted_on = '2020-01-01'"), "nowhere"},
		{"lapsed", "leap day and 18 months, a day before", with(is, "expires_on = '2024-02-29'") + with(today, "2025-08-28 12:00+00"), "nowhere"},
		{"lapsed", "leap day and 18 months", with(is, "expires_on = '2024-02-29'") + with(today, "2025-08-29 12:00+00"), "to do"},
		{
			"lapsed", "leap day and 2 years, a day before",
			with(is, "expires_on = '2024-02-29'") + with(lapsed, "age = '2 years'") + with(today, "2026-02-27 12:00+00"), "nowhere",
		},
		{
			"lapsed", "leap day and 2 years",
			with(is, "expires_on = '2024-02-29'") + with(lapsed, "age = '2 years'") + with(today, "2026-02-28 12:00+00"), "to do",
		},
		{
			"lapsed", "leap day and 4 years, on a leap day",
			with(is, "expires_on = '2020-02-29'") + with(lapsed, "age = '4 years'") + with(today, "2024-02-29 12:00+00"), "to do",
		},
		{
			"lapsed", "the day begins at midnight in London, in summer: not yet",
			with(is, "expires_on = '2024-01-01'") + with(today, "2025-06-30 22:59:00+00"), "nowhere",
		},
		{
			"lapsed", "the day begins at midnight in London, in summer",
			with(is, "expires_on = '2024-01-01'") + with(today, "2025-06-30 23:00:10+00"), "to do",
		},
		{"deleted", "a year today", with(is, "status = 'deleted', deleted_on = '2025-01-31'"), "to do"},
		{"deleted", "a year tomorrow", with(is, "status = 'deleted', deleted_on = '2025-02-01'"), "nowhere"},
		{"deleted", "nobody knows when, expired long ago", with(is, "status = 'deleted'"), "to do"},
		{"deleted", "nobody knows when, expired lately", with(is, "status = 'deleted', expires_on = '2025-12-01'"), "nowhere"},
		{"deleted", "no date at all", with(is, "status = 'deleted', expires_on = NULL"), "no_date"},
		{"deleted", "membership at home", with(is, "status = 'deleted'") + with(member, "CAM", "NULL"), "to do"},
		{"deleted", "membership elsewhere", with(is, "status = 'deleted'") + with(member, "KEN", "NULL"), "memberships KEN"},
		{
			"deleted", "guardian of an active child", with(is, "status = 'deleted'") + "UPDATE lms.patron SET guardian_patron = 41 WHERE id = 21",
			"to do",
		},
		{
			"deleted", "leap day and a year, a day before",
			with(is, "status = 'deleted', deleted_on = '2024-02-29'") + with(deleted, "age = '1 year'") + with(today, "2025-02-27 12:00+00"),
			"nowhere",
		},
		{
			"deleted", "leap day and a year",
			with(is, "status = 'deleted', deleted_on = '2024-02-29'") + with(deleted, "age = '1 year'") + with(today, "2025-02-28 12:00+00"),
			"to do",
		},
		{"deleted", "active", "", "nowhere"},
	} {
		super.Must("%s", ready+at.made)
		if _, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{at.rule}); err != nil {
			t.Fatalf("%s, %s: %v", at.rule, at.name, err)
		}
		if got := onPlan(super); got != at.want {
			t.Errorf("%s, %s: %s, want %s", at.rule, at.name, got, at.want)
		}
	}
}

// Who changed between plan and run is left out with the reason; the rest is done.
func TestRunsLookAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	for name, at := range map[string]struct{ then, want string }{
		"renewed": {"UPDATE lms.patron SET expires_on = '2027-01-01' WHERE id = 41", "changed"},
		"deleted": {"UPDATE lms.patron SET status = 'deleted' WHERE id = 41", "changed"},
		"borrowing elsewhere": {`
			INSERT INTO lms.loan (patron, item, authority, branch, lent_at)
			VALUES (41, 50, 'KEN', 'KEN-CEN', '2026-01-31')`, "loans KEN"},
		"joining": {"INSERT INTO lms.membership VALUES (41, 'PBK', 'work', '2026-01-31', NULL)", "memberships PBK"},
		"paying too much": {`
			INSERT INTO lms.fee (id, patron, authority, kind, amount, raised_on)
			VALUES (900001, 41, 'CAM', 'service', 1, '2026-01-31');
			INSERT INTO lms.payment (patron, fee, amount, paid_on) VALUES (41, 900001, 2, '2026-01-31')`, "credit CAM"},
		"becoming a guardian":  {"UPDATE lms.patron SET guardian_patron = 41 WHERE id = 21", "guardian"},
		"being protected":      {"UPDATE lms.patron SET protected = TRUE WHERE id = 41", "protected"},
		"moving to another":    {"UPDATE lms.patron SET authority = 'KEN', branch = 'KEN-CEN' WHERE id = 41", "changed"},
		"the rule is stricter": {"UPDATE patronctl.rule SET age = '9 years' WHERE name = 'lapsed'", ""}, // plans that exist do not change
		"the rule is removed":  {"DELETE FROM patronctl.rule WHERE name = 'lapsed'", ""},
	} {
		db := db
		if name == "the rule is removed" { // others need it
			db = pgtest.New(t)
			super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
			lookAgain(t, super, officer, name, at.then, at.want)
			continue
		}
		lookAgain(t, super, officer, name, at.then, at.want)
	}
}

func lookAgain(t *testing.T, super *pgtest.Session, officer *client.Client, name, then, want string) {
	t.Helper()
	// Everybody else is protected, so that 41 is the only one.
	super.Must(`
		UPDATE lms.patron SET status = 'active', authority = 'CAM', branch = 'CAM-CEN' WHERE id = 41;
		%s UPDATE lms.patron SET protected = TRUE WHERE id <> 41;
		DELETE FROM patronctl.erasure`, ready)
	plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"lapsed"})
	if err != nil || plan.Todo != 1 {
		t.Fatalf("%s: %+v %v", name, plan, err)
	}
	super.Must("%s", then)
	done, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 100, Progress: func(forgetting.Run) {}})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got := super.Must("SELECT coalesce(array_to_string(left_out, ', '), '') FROM patronctl.plan_item WHERE patron = 41 AND plan = %d", plan.ID)
	erased := super.Must("SELECT status = 'erased' FROM lms.patron WHERE id = 41") == "t"
	if got != want || erased != (want == "") || done.Done+done.Skipped != 1 || (done.Skipped == 1) != (want != "") {
		t.Errorf("%s: left out for %q, want %q; erased: %v; %+v", name, got, want, erased, done)
	}
}
