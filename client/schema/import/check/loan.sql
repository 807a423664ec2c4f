INSERT INTO pg_temp.bad
SELECT 'loan', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.loan AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.loan GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.loan AS s
USING patronctl.imported_loan AS seen
WHERE seen.source = s.id;

DELETE FROM pg_temp.loan AS s
USING patronctl.seen_loan AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'loan', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.loan AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'loan', s.line, 'item', 'unknown item ' || s.item
FROM pg_temp.loan AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_item AS i WHERE i.source = s.item)
UNION ALL
SELECT 'loan', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.loan AS s
WHERE s.authority IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority)
UNION ALL
SELECT 'loan', s.line, 'authority', 'empty, as is the branch'
FROM pg_temp.loan AS s
WHERE s.authority IS NULL
  AND s.branch IS NULL
UNION ALL
SELECT 'loan', s.line, 'branch', 'unknown branch ' || s.branch
FROM pg_temp.loan AS s
WHERE s.branch IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = s.branch);

DELETE FROM pg_temp.loan AS s
USING pg_temp.bad AS b
WHERE b.relation = 'loan' AND b.line = s.line;

DELETE FROM pg_temp.loan AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron AND p.id IS NULL;

INSERT INTO patronctl.imported_loan (source, id)
SELECT n.id, nextval('lms.loan_id_seq')
FROM (SELECT s.id FROM pg_temp.loan AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_loan;

INSERT INTO pg_temp.warning
SELECT 'loan', w.warning, w.count
FROM (
  SELECT count(*) FILTER (WHERE s.returned_at < s.lent_at) AS returned,
    count(*) FILTER (WHERE s.due_at < s.lent_at) AS due,
    count(*) FILTER (WHERE s.lent_at > (SELECT patronctl.clock())) AS lent
  FROM pg_temp.loan AS s
) AS found
CROSS JOIN LATERAL (VALUES
  ('returned before it was lent', found.returned),
  ('due before it was lent', found.due),
  ('lent in the future', found.lent)
) AS w(warning, count)
WHERE w.count > 0;
