INSERT INTO pg_temp.bad
SELECT 'fee', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.fee AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.fee GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.fee AS s
USING patronctl.imported_fee AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'fee', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.fee AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'fee', s.line, 'loan', 'unknown loan ' || s.loan
FROM pg_temp.fee AS s
WHERE s.loan IS NOT NULL
  AND NOT EXISTS (SELECT FROM patronctl.imported_loan AS l WHERE l.source = s.loan)
  AND NOT EXISTS (SELECT FROM patronctl.seen_loan AS l WHERE l.source = s.loan)
UNION ALL
SELECT 'fee', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.fee AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.fee AS s
USING pg_temp.bad AS b
WHERE b.relation = 'fee' AND b.line = s.line;

DELETE FROM pg_temp.fee AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron AND p.id IS NULL;

INSERT INTO patronctl.imported_fee (source, id)
SELECT n.id, nextval('lms.fee_id_seq')
FROM (SELECT s.id FROM pg_temp.fee AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_fee;

INSERT INTO pg_temp.warning
SELECT 'fee', 'raised in the future', count(*)
FROM pg_temp.fee AS s
WHERE s.raised_on > (SELECT patronctl.today(NULL))
HAVING count(*) > 0;
