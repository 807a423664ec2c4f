INSERT INTO pg_temp.bad
SELECT 'credential', s.line, 'patron', 'duplicate patron ' || s.patron
FROM pg_temp.credential AS s
JOIN (SELECT patron, min(line) AS first FROM pg_temp.credential GROUP BY patron HAVING count(*) > 1) AS d USING (patron)
WHERE s.line > d.first
UNION ALL
SELECT 'credential', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.credential AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'credential', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.credential AS s
WHERE s.authority IS NOT NULL
  AND NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.credential AS s
USING pg_temp.bad AS b
WHERE b.relation = 'credential' AND b.line = s.line;

DELETE FROM pg_temp.credential AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.credential AS r WHERE r.patron = p.id));
