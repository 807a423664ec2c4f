package people_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// After anonymizing nothing in any table says which loan, hold or fee was whose: neither its number, nor when it was
// lent beside the patron.
func TestNothingLeadsBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	// Numbers that occur nowhere else, and moments that nobody else shares.
	const mark = "770000"
	super.Must(`SET session_replication_role = replica;
		UPDATE lms.loan SET id = id + 770000000000, lent_at = lent_at + interval '77.007007 seconds' WHERE patron = 36;
		UPDATE lms.hold SET id = id + 770000000000, placed_at = placed_at + interval '77.007007 seconds' WHERE patron = 36;
		UPDATE lms.fee SET loan = loan + 770000000000 WHERE patron = 36 AND loan IS NOT NULL;
		UPDATE lms.fee SET id = id + 770000000000 WHERE patron = 36;
		UPDATE lms.payment SET fee = fee + 770000000000 WHERE patron = 36;
		DELETE FROM patronctl.imported_loan; DELETE FROM patronctl.imported_hold; DELETE FROM patronctl.imported_fee;
		INSERT INTO patronctl.imported_loan SELECT row_number() OVER (ORDER BY id), id FROM lms.loan;
		INSERT INTO patronctl.imported_hold SELECT row_number() OVER (ORDER BY id), id FROM lms.hold;
		INSERT INTO patronctl.imported_fee SELECT row_number() OVER (ORDER BY id), id FROM lms.fee;
		RESET session_replication_role`)
	holds := super.Must("SELECT count(*) FROM lms.hold WHERE patron = 36 AND closed_at IS NOT NULL")
	if found := pgtest.RowsWith(super, mark); len(found) < 200 {
		t.Fatalf("only %d rows with the numbers before: this test shows nothing", len(found))
	}
	seen := super.Must(`
		SELECT (SELECT count(*) FROM patronctl.imported_loan) + (SELECT count(*) FROM patronctl.seen_loan),
			(SELECT count(*) FROM patronctl.imported_hold), (SELECT count(*) FROM patronctl.imported_fee)`)
	before := numbers(super, `
		SELECT id FROM lms.loan WHERE patron = 36
		UNION ALL SELECT id FROM lms.hold WHERE patron = 36
		UNION ALL SELECT id FROM lms.fee WHERE patron = 36`)

	c := db.Client(t, "officer.cam")
	if _, err := exchange.Open(t.Context(), c, client.Why{}, sample.CardLongHistory, exchange.FullAccess); err != nil {
		t.Fatal(err)
	}
	if _, _, err := people.ShowHistory(t.Context(), c, client.Why{Reason: "ticket 4711"}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	moved, err := people.AnonymizeHistory(t.Context(), c, client.Why{}, sample.CardLongHistory,
		people.AnonymizeOptions{Before: pgtest.Date(t, "today"), IncludeOwing: true})
	if err != nil {
		t.Fatal(err)
	}
	if moved.Loans != 240 || strconv.Itoa(moved.Holds) != holds || moved.ZeroFees == 0 || moved.FeesUnlinked == 0 {
		t.Fatalf("moved %s", pgtest.Text(t, moved))
	}

	after := numbers(super, `
		SELECT id FROM lms.loan WHERE patron = 36
		UNION ALL SELECT id FROM lms.hold WHERE patron = 36
		UNION ALL SELECT id FROM lms.fee WHERE patron = 36`)
	for _, row := range pgtest.RowsWith(super, mark) {
		for number := range before {
			if !after[number] && strings.Contains(row, number) {
				t.Errorf("the number of a moved row is left: %s", row)
			}
		}
	}
	// The moments of moved rows stand with the anonymous, who have neither a number nor the patron's.
	for _, row := range pgtest.RowsWith(super, ".007007") {
		if strings.HasPrefix(row, "lms.anonymous_") {
			continue
		}
		var open bool
		for number := range after {
			open = open || strings.Contains(row, number)
		}
		if !open {
			t.Errorf("the moment of a moved row is left: %s", row)
		}
	}
	for _, row := range pgtest.RowsWith(super, "\"anonymous_patron\"") {
		if strings.HasPrefix(row, "lms.anonymous_") &&
			(strings.Contains(row, mark) || strings.Contains(row, "\"patron\"") || strings.Contains(row, "\"id\"")) {
			t.Errorf("an anonymous row holds a number: %s", row)
		}
	}
	if still := super.Must(`
		SELECT (SELECT count(*) FROM patronctl.imported_loan) + (SELECT count(*) FROM patronctl.seen_loan),
			(SELECT count(*) FROM patronctl.imported_hold), (SELECT count(*) FROM patronctl.imported_fee)`); still != seen {
		t.Errorf("seen sources were %s, are %s: an import would bring rows back", seen, still)
	}
	want := fmt.Sprintf("%d,%d,%d,%d", moved.Loans, moved.Holds, moved.ZeroFees, moved.FeesUnlinked)
	if result := super.Must(`
		SELECT concat_ws(',', counts->'loans', counts->'holds', counts->'zero_fees', counts->'fees_unlinked')
		FROM patronctl.result
		WHERE access = %d`, moved.Access); result != want {
		t.Errorf("the result holds %s, want the counts %s", result, want)
	}
	// Nobody who may ask learns of them, either.
	export, err := exchange.Open(t.Context(), c, client.Why{}, sample.CardLongHistory, exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	for relation := range export.Relations {
		for row, err := range relation.Rows {
			if err != nil {
				t.Fatal(err)
			}
			for number := range before {
				if !after[number] && strings.Contains(string(row), number) {
					t.Errorf("exported: %s %s", relation.Name, row)
				}
			}
		}
	}
}

func numbers(super *pgtest.Session, query string) map[string]bool {
	values, err := super.Run("%s", query)
	if err != nil {
		super.T.Fatal(err)
	}
	found := map[string]bool{}
	for _, value := range values {
		found[value] = true
	}
	return found
}
