UPDATE pg_temp.address AS s
SET place = 1
WHERE s.place IS NULL;

INSERT INTO pg_temp.bad
SELECT 'address', s.line, 'place', 'duplicate ' || s.kind || ' address ' || s.place || ' of patron ' || s.patron
FROM pg_temp.address AS s
JOIN (
  SELECT patron, kind, place, min(line) AS first FROM pg_temp.address GROUP BY patron, kind, place HAVING count(*) > 1
) AS d USING (patron, kind, place)
WHERE s.line > d.first
UNION ALL
SELECT 'address', s.line, 'place', 'the places of a kind begin with 1'
FROM pg_temp.address AS s
WHERE s.place < 1
UNION ALL
SELECT 'address', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.address AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron);

DELETE FROM pg_temp.address AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.address AS r WHERE r.patron = p.id AND (r.kind, r.place) = (s.kind, s.place)));

INSERT INTO pg_temp.bad
SELECT 'address', s.line, 'authority', format('not %s, the home of patron %s', home.authority, s.patron)
FROM pg_temp.address AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN pg_temp.patron AS n ON n.id = s.patron
LEFT JOIN lms.patron AS o ON o.id = p.id,
  LATERAL (SELECT coalesce(n.authority, o.authority)) AS home(authority)
WHERE s.authority <> home.authority;

DELETE FROM pg_temp.address AS s
USING pg_temp.bad AS b
WHERE b.relation = 'address' AND b.line = s.line;
