INSERT INTO pg_temp.warning
SELECT 'payment', 'more paid than the fee', count(*)
FROM (
  SELECT f.id
  FROM lms.fee AS f
  JOIN lms.payment AS y ON (y.patron, y.fee) = (f.patron, f.id)
  WHERE f.id IN (
    SELECT m.id FROM pg_temp.payment AS s JOIN patronctl.imported_fee AS m ON m.source = s.fee
  )
  GROUP BY f.patron, f.id
  HAVING sum(y.amount) > f.amount
) AS overpaid
HAVING count(*) > 0;

-- Who is charged for somebody else's loan, such as a parent, owes all the same.
INSERT INTO pg_temp.warning
SELECT 'fee', 'for a loan of somebody else, kept without the loan', count(*)
FROM pg_temp.fee AS s
JOIN patronctl.imported_loan AS l ON l.source = s.loan AND l.id IS NOT NULL
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN patronctl.imported_fee AS m ON m.source = s.id
JOIN lms.fee AS f ON (f.patron, f.id) = (p.id, m.id) AND f.loan IS NULL
HAVING count(*) > 0;

-- Statistics for everything that grew. Columns that hold values about people have none, from their creation on. Those of
-- identity are named: a session that has just made a partition does not know yet that the expressions in its indexes
-- have none either.
ANALYZE lms.branch, lms.category, lms.item, lms.patron, lms.identity (patron, authority), lms.address, lms.special, lms.credential,
  lms.card,
  lms.membership, lms.consent, lms.block, lms.loan, lms.hold, lms.fee, lms.payment, lms.word, lms.named;
