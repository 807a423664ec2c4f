INSERT INTO pg_temp.bad
SELECT 'block', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.block AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.block GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.block AS s
USING patronctl.imported_block AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'block', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.block AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'block', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.block AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.block AS s
USING pg_temp.bad AS b
WHERE b.relation = 'block' AND b.line = s.line;

DELETE FROM pg_temp.block AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron AND p.id IS NULL;

INSERT INTO patronctl.imported_block (source, id)
SELECT n.id, nextval('lms.block_id_seq')
FROM (SELECT s.id FROM pg_temp.block AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_block;

INSERT INTO pg_temp.warning
SELECT 'block', 'lifted before it was placed', count(*)
FROM pg_temp.block AS s
WHERE s.lifted_on < s.placed_on
HAVING count(*) > 0;
