package people_test

import (
	"testing"

	"patronctl/client/localpg/pgtest"
)

// What is owed and paid is about one person: a fee is of the debtor's own loan, a payment of the debtor's own fee. Who paid for
// somebody else is written beside it, is told of it in the own export, and is nobody once erased.
func TestFeesAndPaymentsAreTheDebtors(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`DELETE FROM lms.payment WHERE 23 IN (patron, paid_by);
		DELETE FROM lms.fee WHERE patron = 23;
		DELETE FROM lms.loan WHERE patron = 23`)
	loan := super.Must(`INSERT INTO lms.loan (patron, item, authority, branch, lent_at, returned_at)
		VALUES (23, 50, 'CAM', 'CAM-CEN', '2025-01-01', '2025-02-01') RETURNING id`)
	const charge = `INSERT INTO lms.fee (patron, authority, kind, amount, raised_on, loan)
		VALUES (%s, 'CAM', 'lost', 64, '2025-02-01', %s) RETURNING id`
	if _, err := super.Run(charge, "20", loan); pgtest.Code(err) != "23503" {
		t.Errorf("a fee for somebody else's loan: %v", err)
	}
	fee := super.Must(charge, "23", loan)
	const pay = `INSERT INTO lms.payment (patron, paid_by, fee, amount, paid_on) VALUES (%s, %s, %s, 64, '2025-03-01')`
	if _, err := super.Run(pay, "20", "NULL", fee); pgtest.Code(err) != "23503" {
		t.Errorf("a payment of somebody else's fee: %v", err)
	}
	super.Must(pay, "23", "20", fee)
	super.Must("DELETE FROM lms.loan WHERE patron = 23")
	if left := super.Must("SELECT loan IS NULL FROM lms.fee WHERE (patron, id) = (23, %s)", fee); left != "t" {
		t.Error("a fee is gone with its loan, or still names it")
	}
	super.Must("SELECT lms.erase_patrons('{20}')")
	if payer := super.Must("SELECT paid_by IS NULL FROM lms.payment WHERE (patron, fee) = (23, %s)", fee); payer != "t" {
		t.Error("who paid for somebody else was erased, and is still named")
	}
	super.Must("SELECT lms.settle_fees('{23}', '{%s}')", fee)
	settled := super.Must(`SELECT concat_ws(' ', f.amount, y.amount,
			(SELECT count(*) FROM lms.fee WHERE id = f.id), (SELECT count(*) FROM lms.payment WHERE id = y.id))
		FROM lms.settled_fee AS f JOIN lms.settled_payment AS y ON y.fee = f.id`)
	if settled != "64.00 64.00 0 0" {
		t.Errorf("settled: %s", settled)
	}
}
