package pgtest

import (
	"testing"
)

// Fingerprint returns a hash over what a database says about people and their history, however its rows came there:
// numbers of anonymous patrons, times and the order of rows do not matter.
func (db *DB) Fingerprint(t testing.TB) string {
	t.Helper()
	var sum string
	if err := db.Super(t).QueryRow(t.Context(), fingerprint).Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

const fingerprint = `
	WITH anonymous AS (
		SELECT a.id, concat_ws('|', a.authority, coalesce(a.branch, '-'), coalesce(a.category, '-'), a.birth_year) AS people
		FROM lms.anonymous_patron AS a
	), line AS (
		SELECT 'patron ' || r::text FROM lms.patron AS r
		UNION ALL SELECT 'identity ' || r::text FROM lms.identity AS r
		UNION ALL SELECT 'address ' || r::text FROM lms.address AS r
		UNION ALL SELECT 'special ' || r::text FROM lms.special AS r
		UNION ALL SELECT 'credential ' || r::text FROM lms.credential AS r
		UNION ALL SELECT 'card ' || r::text FROM lms.card AS r
		UNION ALL SELECT 'membership ' || r::text FROM lms.membership AS r
		UNION ALL SELECT 'consent ' || r::text FROM lms.consent AS r
		UNION ALL SELECT 'word ' || w.word || n.patron || n.surname FROM lms.word AS w LEFT JOIN lms.named AS n ON n.word = w.id
		UNION ALL SELECT 'loan ' || r::text FROM lms.loan AS r
		UNION ALL SELECT 'hold ' || r::text FROM lms.hold AS r
		UNION ALL SELECT 'fee ' || r::text FROM lms.fee AS r
		UNION ALL SELECT 'payment ' || r::text FROM lms.payment AS r
		UNION ALL SELECT 'settled fee ' || r::text FROM lms.settled_fee AS r
		UNION ALL SELECT 'settled payment ' || r::text FROM lms.settled_payment AS r
		UNION ALL SELECT concat_ws('|', 'anonymous loan', a.people, r.item, r.authority, r.branch, r.lent_at, r.due_at, r.returned_at, r.renewals)
			FROM lms.anonymous_loan AS r JOIN anonymous AS a ON a.id = r.anonymous_patron
		UNION ALL SELECT concat_ws('|', 'anonymous hold', a.people, r.kind, r.item, r.authority, r.branch, r.placed_at, r.ready_at,
			r.closed_at, r.outcome)
			FROM lms.anonymous_hold AS r JOIN anonymous AS a ON a.id = r.anonymous_patron
		UNION ALL SELECT concat_ws('|', 'anonymous fee', a.people, r.authority, r.kind, r.amount, r.raised_on)
			FROM lms.anonymous_fee AS r JOIN anonymous AS a ON a.id = r.anonymous_patron
		UNION ALL SELECT 'seen patron ' || r::text FROM patronctl.imported_patron AS r
		UNION ALL SELECT 'seen loan ' || r::text FROM patronctl.imported_loan AS r
		UNION ALL SELECT 'seen hold ' || r::text FROM patronctl.imported_hold AS r
		UNION ALL SELECT 'seen fee ' || r::text FROM patronctl.imported_fee AS r
		UNION ALL SELECT 'seen payment ' || r::text FROM patronctl.imported_payment AS r
		UNION ALL SELECT concat_ws('|', 'erased', r.patron, r.authority, r.rule) FROM patronctl.erasure AS r
		UNION ALL SELECT concat_ws('|', 'ledger', r.number) FROM patronctl.ledger AS r
	)
	SELECT count(*) || ' ' || md5(string_agg(text, E'\n' ORDER BY text COLLATE "C")) FROM line AS l(text)`
