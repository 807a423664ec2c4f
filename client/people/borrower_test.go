package people_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// Who had an item last: nobody once that loan is anonymous, for the loan before it was another reader's.
func TestTheLastBorrower(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, c := pgtest.Connect(t, db, "postgres"), db.Client(t, "supervisor.cam")
	super.Must("INSERT INTO lms.item (id, barcode, title, branch) VALUES (880088, '880088', 'A book', 'CAM-CEN')")
	lend := func(patron, lent, returned string) {
		super.Must(`
			INSERT INTO lms.loan (patron, item, authority, branch, lent_at, due_at, returned_at)
			VALUES (%s, 880088, 'CAM', 'CAM-CEN', '%s', '%[2]s', %s)`, patron, lent, returned)
	}
	show := func() *people.Item {
		t.Helper()
		item, err := people.ShowItem(t.Context(), c, client.Why{Reason: "ticket 4711"}, "880088", true)
		if err != nil {
			t.Fatal(err)
		}
		return item
	}
	named := func(b *people.Borrower) int64 {
		if b == nil {
			return 0
		}
		return b.Patron
	}
	if item := show(); item.Status != "available" || item.Borrower != nil || item.LastBorrower != nil {
		t.Errorf("never lent: %s", pgtest.Text(t, item))
	}
	lend("23", "2025-01-01", "'2025-02-01'")
	lend("36", "2025-03-01", "'2025-04-01'")
	lend("20", "2026-01-01", "NULL")
	item := show()
	if item.Status != "on_loan" || item.Title != "A book" || named(item.Borrower) != 20 || item.LentAt == nil || !item.Overdue ||
		item.Borrower.Card != sample.CardParent {
		t.Errorf("the present loan is not told: %s", pgtest.Text(t, item))
	}
	if named(item.LastBorrower) != 36 || item.ReturnedAt == nil || item.ReturnedAt.Format("2006-01-02") > "2025-04-01" ||
		item.LastBorrower.Surname != "Bookworm" {
		t.Errorf("the last borrower: %s", pgtest.Text(t, item))
	}
	if _, err := people.AnonymizeHistory(t.Context(), db.Client(t, "clerk.cam"), client.Why{}, sample.CardLongHistory,
		people.AnonymizeOptions{Before: pgtest.Date(t, "today")}); err != nil {
		t.Fatal(err)
	}
	item = show()
	if item.LastBorrower != nil || item.ReturnedAt != nil {
		t.Errorf("the loan is anonymous, yet somebody is named: %s", pgtest.Text(t, item))
	}
	if named(item.Borrower) != 20 {
		t.Errorf("the present borrower is gone: %s", pgtest.Text(t, item))
	}
	if opened := super.Must("SELECT patrons FROM patronctl.access WHERE id = %d", item.Access); opened != "{}" {
		t.Errorf("the access opened %s", opened)
	}
	// A loan after the anonymous one has a borrower again.
	super.Must("UPDATE lms.loan SET returned_at = '2026-01-30' WHERE item = 880088 AND patron = 20")
	if item = show(); named(item.LastBorrower) != 20 || item.Borrower != nil || item.Status != "available" {
		t.Errorf("returned since: %s", pgtest.Text(t, item))
	}
	// What is out now is told even beside an anonymous loan that began later: somebody forgot to book a return.
	super.Must("UPDATE lms.loan SET returned_at = NULL, lent_at = '2024-06-01' WHERE item = 880088 AND patron = 20")
	if item = show(); named(item.Borrower) != 20 || item.Status != "on_loan" {
		t.Errorf("on loan since before the anonymous loan: %s", pgtest.Text(t, item))
	}
}
