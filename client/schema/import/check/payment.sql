INSERT INTO pg_temp.bad
SELECT 'payment', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.payment AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.payment GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.payment AS s
USING patronctl.imported_payment AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'payment', s.line, 'fee', 'unknown fee ' || s.fee
FROM pg_temp.payment AS s
WHERE s.fee IS NOT NULL
  AND NOT EXISTS (SELECT FROM patronctl.imported_fee AS f WHERE f.source = s.fee)
UNION ALL
SELECT 'payment', s.line, 'patron', 'empty, as is the fee'
FROM pg_temp.payment AS s
WHERE s.fee IS NULL
  AND s.patron IS NULL
UNION ALL
SELECT 'payment', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.payment AS s
WHERE s.patron IS NOT NULL
  AND NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'payment', s.line, 'paid_by', 'unknown patron ' || s.paid_by
FROM pg_temp.payment AS s
WHERE s.paid_by IS NOT NULL
  AND NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.paid_by)
UNION ALL
SELECT 'payment', s.line, 'branch', 'unknown branch ' || s.branch
FROM pg_temp.payment AS s
WHERE s.branch IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = s.branch);

DELETE FROM pg_temp.payment AS s
USING pg_temp.bad AS b
WHERE b.relation = 'payment' AND b.line = s.line;

DELETE FROM pg_temp.payment AS s
USING patronctl.imported_fee AS f
WHERE f.source = s.fee AND f.id IS NULL;

DELETE FROM pg_temp.payment AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron AND p.id IS NULL;

INSERT INTO patronctl.imported_payment (source, id)
SELECT n.id, nextval('lms.payment_id_seq')
FROM (SELECT s.id FROM pg_temp.payment AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_payment;

INSERT INTO pg_temp.warning
SELECT 'payment', 'paid in the future', count(*)
FROM pg_temp.payment AS s
WHERE s.paid_on > (SELECT patronctl.today(NULL))
HAVING count(*) > 0;
