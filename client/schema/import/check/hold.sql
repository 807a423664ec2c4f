INSERT INTO pg_temp.bad
SELECT 'hold', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.hold AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.hold GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.hold AS s
USING patronctl.imported_hold AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'hold', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.hold AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'hold', s.line, 'item', 'unknown item ' || s.item
FROM pg_temp.hold AS s
WHERE s.item IS NOT NULL
  AND NOT EXISTS (SELECT FROM patronctl.imported_item AS i WHERE i.source = s.item)
UNION ALL
SELECT 'hold', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.hold AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority)
UNION ALL
SELECT 'hold', s.line, 'branch', 'unknown branch ' || s.branch
FROM pg_temp.hold AS s
WHERE s.branch IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = s.branch);

DELETE FROM pg_temp.hold AS s
USING pg_temp.bad AS b
WHERE b.relation = 'hold' AND b.line = s.line;

DELETE FROM pg_temp.hold AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron AND p.id IS NULL;

INSERT INTO patronctl.imported_hold (source, id)
SELECT n.id, nextval('lms.hold_id_seq')
FROM (SELECT s.id FROM pg_temp.hold AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_hold;

INSERT INTO pg_temp.warning
SELECT 'hold', 'closed before it was placed', count(*)
FROM pg_temp.hold AS s
WHERE s.closed_at < s.placed_at
HAVING count(*) > 0;
