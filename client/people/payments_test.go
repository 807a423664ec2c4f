package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// A debt is paid whoever paid it, and wherever it is asked for.
func TestWhoeverPaysADebtPaysIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	// Patron 20 pays what patron 23 owes for a lost book, in two parts.
	super.Must(`
		DELETE FROM lms.payment
		WHERE patron = 23 OR fee IN (SELECT id FROM lms.fee WHERE patron IN (20, 23));
		DELETE FROM lms.fee WHERE patron IN (20, 23);
		DELETE FROM lms.loan WHERE patron = 23`)
	loan := super.Must(`
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		VALUES (23, 50, 'CAM', 'CAM-CEN', '2025-01-01', '2025-02-01')
		RETURNING id`)
	fee := super.Must(`
		INSERT INTO lms.fee (patron, authority, kind, amount, raised_on, loan)
		VALUES (23, 'CAM', 'lost', 64, '2025-02-01', %s)
		RETURNING id`, loan)
	pay := func(amount string) {
		super.Must("INSERT INTO lms.payment (patron, paid_by, fee, amount, paid_on) VALUES (23, 20, %s, %s, '2025-03-01')", fee, amount)
	}
	owes := func(want string, verdict people.Verdict) {
		t.Helper()
		alone, err := people.CheckDebt(t.Context(), clerk, client.Why{}, sample.CardNoBirthDate, false)
		if err != nil {
			t.Fatal(err)
		}
		list := checkAll(t, clerk, sample.CardNoBirthDate)
		both := checkAll(t, clerk, sample.CardParent, sample.CardNoBirthDate)
		shown, err := people.Show(t.Context(), clerk, client.Why{}, sample.CardNoBirthDate, people.ShowOptions{Fees: true})
		if err != nil {
			t.Fatal(err)
		}
		found, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{sample.CardNoBirthDate}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{
			"alone":            outstanding(alone.Debts),
			"in a list":        outstanding(list[0].Debts),
			"beside the payer": outstanding(both[1].Debts),
			"shown":            outstanding(shown.Debts),
			"found":            outstanding(found[0].Debts),
		}
		for where, said := range got {
			if said != want {
				t.Errorf("%s: owes %s, want %s", where, said, want)
			}
		}
		fees := ""
		for _, f := range shown.Fees {
			fees += "CAM " + string(f.Outstanding)
		}
		if fees != want {
			t.Errorf("fees: %s, want %s", fees, want)
		}
		if payer := outstanding(both[0].Debts); payer != "" {
			t.Errorf("the payer owes %s", payer)
		}
		for where, said := range map[string]people.Verdict{
			"alone": alone.Verdict, "in a list": list[0].Verdict,
			"beside the payer": both[1].Verdict, "shown": shown.Verdict, "found": found[0].Verdict,
		} {
			if said != verdict {
				t.Errorf("%s: %s, want %s", where, said, verdict)
			}
		}
	}
	anonymize := func() string {
		moved, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardNoBirthDate,
			people.AnonymizeOptions{Before: pgtest.Date(t, "2025-06-01"), DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(moved.Loans, moved.FeesUnlinked, moved.Skipped)
	}
	owes("CAM 64.00", people.Refuse)
	pay("60")
	owes("CAM 4.00", people.Clear)
	if got := anonymize(); got != "0 0 [{unpaid_fee 1}]" {
		t.Errorf("anonymizing with 4.00 unpaid: %s", got)
	}
	pay("4")
	owes("", people.Clear)
	if got := anonymize(); got != "1 1 []" {
		t.Errorf("anonymizing when all is paid: %s", got)
	}
}

func outstanding(debts []people.Debt) string {
	var said []string
	for _, d := range debts {
		said = append(said, d.Authority+" "+string(d.Outstanding))
	}
	return strings.Join(said, ", ")
}

// checkAll is a list of cards as the command line checks one.
func checkAll(t *testing.T, c *client.Client, refs ...string) (checks []people.DebtCheck) {
	t.Helper()
	given := func(yield func(string, error) bool) {
		for _, ref := range refs {
			if !yield(ref, nil) {
				return
			}
		}
	}
	for check, err := range people.CheckDebts(t.Context(), c, client.Why{}, given, false, nil) {
		if err != nil {
			t.Fatal(err)
		}
		checks = append(checks, check)
	}
	if len(checks) != len(refs) {
		t.Fatalf("%d answers for %d cards", len(checks), len(refs))
	}
	return checks
}

// Payments are accounting records: a fee of nothing that somebody paid and got back keeps them. One without goes, and
// no mapping of an import leads to it or to its payments of nothing.
func TestFeesOfNothingWithPayments(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	super.Must(`DELETE FROM lms.payment WHERE patron = 23; DELETE FROM lms.fee WHERE patron = 23; DELETE FROM lms.loan WHERE patron = 23;
		DELETE FROM patronctl.imported_fee; DELETE FROM patronctl.imported_payment`)
	loan := super.Must(`
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		VALUES (23, 50, 'CAM', 'CAM-CEN', '2025-01-01', '2025-02-01')
		RETURNING id`)
	fee := func(loan string, payments ...string) string {
		id := super.Must(`
			INSERT INTO lms.fee (patron, authority, kind, amount, raised_on, loan)
			VALUES (23, 'CAM', 'service', 0, '2025-02-01', %s)
			RETURNING id`, loan)
		super.Must("INSERT INTO patronctl.imported_fee VALUES (%s, %[1]s)", id)
		for _, amount := range payments {
			payment := super.Must(`
				INSERT INTO lms.payment (patron, fee, amount, paid_on)
				VALUES (23, %s, %s, '2025-02-01')
				RETURNING id`, id, amount)
			super.Must("INSERT INTO patronctl.imported_payment VALUES (%s, %[1]s)", payment)
		}
		return id
	}
	stays := []string{fee("NULL", "5", "-5"), fee(loan, "5", "-5")}
	fee("NULL", "0")
	fee(loan)
	for _, dry := range []bool{true, false} {
		moved, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardNoBirthDate,
			people.AnonymizeOptions{Before: pgtest.Date(t, "today"), DryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(moved.Loans, moved.ZeroFees, moved.FeesUnlinked); got != "1 2 1" {
			t.Errorf("dry %t: loans, zero fees, unlinked: %s", dry, got)
		}
	}
	if left, err := super.Run("SELECT id FROM lms.fee WHERE patron = 23 AND loan IS NULL ORDER BY id"); err != nil ||
		!slices.Equal(left, stays) {
		t.Errorf("fees left: %s, %v, want %s", left, err, stays)
	}
	if paid := super.Must("SELECT array_agg(amount ORDER BY id) FROM lms.payment WHERE patron = 23"); paid != "{5.00,-5.00,5.00,-5.00}" {
		t.Errorf("payments left: %s", paid)
	}
	for _, relation := range []string{"fee", "payment"} {
		gone := super.Must(`
			SELECT count(*)
			FROM patronctl.imported_%[1]s AS m
			WHERE m.id IS NOT NULL AND m.id NOT IN (SELECT id FROM lms.%[1]s)`, relation)
		seen := super.Must("SELECT count(*) || ' ' || count(id) FROM patronctl.imported_%s", relation)
		if want := map[string]string{"fee": "4 2", "payment": "5 4"}[relation]; gone != "0" || seen != want {
			t.Errorf("%s: %s mappings lead to what is gone; seen and kept %s, want %s", relation, gone, seen, want)
		}
	}
}
