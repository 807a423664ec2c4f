INSERT INTO pg_temp.warning
SELECT 'payment', 'more paid than the fee', count(*)
FROM (
  SELECT f.id
  FROM lms.fee AS f
  JOIN lms.payment AS y ON y.fee = f.id
  WHERE f.id IN (
    SELECT m.id FROM pg_temp.payment AS s JOIN patronctl.imported_fee AS m ON m.source = s.fee
  )
  GROUP BY f.id
  HAVING sum(y.amount) > f.amount
) AS overpaid
HAVING count(*) > 0;

-- Statistics for everything that grew. Columns that hold values about people have none, from their creation on. Those of
-- identity are named: a session that has just made a partition does not know yet that the expressions in its indexes
-- have none either.
ANALYZE lms.branch, lms.category, lms.item, lms.patron, lms.identity (patron, authority), lms.address, lms.special, lms.credential,
  lms.card,
  lms.membership, lms.consent, lms.block, lms.loan, lms.hold, lms.fee, lms.payment, lms.word, lms.named;
