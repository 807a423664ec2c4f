INSERT INTO pg_temp.bad
SELECT 'special', s.line, 'patron', 'duplicate patron ' || s.patron
FROM pg_temp.special AS s
JOIN (SELECT patron, min(line) AS first FROM pg_temp.special GROUP BY patron HAVING count(*) > 1) AS d USING (patron)
WHERE s.line > d.first
UNION ALL
SELECT 'special', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.special AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'special', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.special AS s
WHERE s.authority IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.special AS s
USING pg_temp.bad AS b
WHERE b.relation = 'special' AND b.line = s.line;

DELETE FROM pg_temp.special AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.special AS r WHERE r.patron = p.id));
