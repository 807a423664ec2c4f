INSERT INTO pg_temp.bad
SELECT 'special', s.line, 'patron', 'duplicate patron ' || s.patron
FROM pg_temp.special AS s
JOIN (SELECT patron, min(line) AS first FROM pg_temp.special GROUP BY patron HAVING count(*) > 1) AS d USING (patron)
WHERE s.line > d.first
UNION ALL
SELECT 'special', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.special AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron);

DELETE FROM pg_temp.special AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.special AS r WHERE r.patron = p.id));

INSERT INTO pg_temp.bad
SELECT 'special', s.line, 'authority', format('not %s, the home of patron %s', home.authority, s.patron)
FROM pg_temp.special AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN pg_temp.patron AS n ON n.id = s.patron
LEFT JOIN lms.patron AS o ON o.id = p.id,
  LATERAL (SELECT coalesce(n.authority, o.authority)) AS home(authority)
WHERE s.authority <> home.authority;

DELETE FROM pg_temp.special AS s
USING pg_temp.bad AS b
WHERE b.relation = 'special' AND b.line = s.line;
