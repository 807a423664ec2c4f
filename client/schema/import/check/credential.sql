INSERT INTO pg_temp.bad
SELECT 'credential', s.line, 'patron', 'duplicate patron ' || s.patron
FROM pg_temp.credential AS s
JOIN (SELECT patron, min(line) AS first FROM pg_temp.credential GROUP BY patron HAVING count(*) > 1) AS d USING (patron)
WHERE s.line > d.first
UNION ALL
SELECT 'credential', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.credential AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron);

DELETE FROM pg_temp.credential AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.credential AS r WHERE r.patron = p.id));

INSERT INTO pg_temp.bad
SELECT 'credential', s.line, 'authority', format('not %s, the home of patron %s', home.authority, s.patron)
FROM pg_temp.credential AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN pg_temp.patron AS n ON n.id = s.patron
LEFT JOIN lms.patron AS o ON o.id = p.id,
  LATERAL (SELECT coalesce(n.authority, o.authority)) AS home(authority)
WHERE s.authority <> home.authority;

DELETE FROM pg_temp.credential AS s
USING pg_temp.bad AS b
WHERE b.relation = 'credential' AND b.line = s.line;

UPDATE pg_temp.credential AS s
SET must_change = coalesce(s.must_change, FALSE), failed_attempts = coalesce(s.failed_attempts, 0);
