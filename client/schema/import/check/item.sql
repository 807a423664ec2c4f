INSERT INTO pg_temp.bad
SELECT 'item', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.item AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.item GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.item AS s
USING patronctl.imported_item AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'item', s.line, 'barcode', 'duplicate barcode ' || s.barcode
FROM pg_temp.item AS s
JOIN (SELECT barcode, min(line) AS first FROM pg_temp.item GROUP BY barcode HAVING count(*) > 1) AS d USING (barcode)
WHERE s.line > d.first
UNION ALL
SELECT 'item', s.line, 'barcode', 'barcode of another item ' || s.barcode
FROM pg_temp.item AS s
WHERE EXISTS (SELECT FROM lms.item AS i WHERE i.barcode = s.barcode)
UNION ALL
SELECT 'item', s.line, 'branch', 'unknown branch ' || s.branch
FROM pg_temp.item AS s
WHERE NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = s.branch);

DELETE FROM pg_temp.item AS s
USING pg_temp.bad AS b
WHERE b.relation = 'item' AND b.line = s.line;

INSERT INTO patronctl.imported_item (source, id)
SELECT n.id, nextval('lms.item_id_seq')
FROM (SELECT s.id FROM pg_temp.item AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_item;
