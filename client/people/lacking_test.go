package people_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// What other systems do not say is no reason to show or forget less, or more: a loan that is due on no day is not overdue, a fee
// of no day is older than none.
func TestWhatSourcesLack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, c := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	id := super.Patron("CAM", "77000001", "Lacking", "Lucy", "")
	super.Must(`
		INSERT INTO lms.item (id, title, branch) VALUES (880001, 'No barcode', 'CAM-CEN'), (880002, 'Nor this', 'CAM-CEN');
		INSERT INTO lms.loan (id, patron, item, authority, lent_at, returned_at)
		VALUES (880001, %s, 880001, 'CAM', '2024-01-01', '2024-01-02'), (880002, %[1]s, 880002, 'CAM', '2024-01-01', NULL);
		INSERT INTO lms.fee (id, patron, authority, kind, amount, loan)
		VALUES (880001, %[1]s, 'CAM', 'overdue', 0, 880001), (880002, %[1]s, 'CAM', 'service', 0, NULL),
			(880003, %[1]s, 'CAM', 'service', 2.50, NULL);
		INSERT INTO lms.payment (patron, fee, amount) VALUES (%[1]s, 880003, 1);
		INSERT INTO lms.payment (patron, amount, branch) VALUES (%[1]s, 0.25, NULL), (%[1]s, 3, 'KEN-CEN'); -- on account, at home and there
		INSERT INTO lms.block (patron, authority, level, reason_code) VALUES (%[1]s, 'CAM', 'warn', 'conduct')`, id)

	p, err := people.Show(t.Context(), c, client.Why{}, "77000001", people.ShowOptions{Fees: true})
	if err != nil || p.Verdict != people.Warn || len(p.Blocks) != 1 || p.Blocks[0].PlacedOn != nil || len(p.Loans) != 1 ||
		p.Loans[0].Overdue || p.Loans[0].Branch+p.Loans[0].Barcode != "" || len(p.Fees) != 1 || p.Fees[0].RaisedOn != nil ||
		len(p.Debts) != 2 || p.Debts[0].Outstanding != "1.25" || p.Debts[1].Outstanding != "-3.00" || p.Debts[0].OldestOn != nil ||
		p.Debts[0].OverdueItems != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	_, past, err := people.ShowHistory(t.Context(), c, client.Why{Reason: "ticket 1"}, "77000001")
	if err != nil || len(past) != 5 || past[4].From != "" || past[0].Branch+past[0].Barcode != "" {
		t.Errorf("%+v, %v", past, err)
	}
	before := people.AnonymizeOptions{Before: pgtest.Date(t, "2025-01-01")}
	moved, err := people.AnonymizeHistory(t.Context(), db.Client(t, "clerk.cam"), client.Why{}, "77000001", before)
	if err != nil || moved.Loans != 1 || moved.ZeroFees != 1 {
		t.Errorf("%+v, %v", moved, err)
	}
	if may := super.Must(`
		SELECT string_agg(reason, ' ' ORDER BY reason) FROM desk.obstacles(ARRAY[%s], '{}', NULL)
		WHERE reason ~ 'fees|credit'`, id); may != "credit KEN fees CAM" {
		t.Errorf("what forbids to erase: %s", may)
	}
	left := super.Must(`
		SELECT count(*) FROM lms.anonymous_loan WHERE branch IS NULL
		UNION ALL
		SELECT id FROM lms.fee WHERE patron = %s ORDER BY 1`, id)
	if left != "1\n880002\n880003" {
		t.Errorf("left: %q", left)
	}
}
