INSERT INTO pg_temp.bad
SELECT 'identity', s.line, 'patron', 'duplicate patron ' || s.patron
FROM pg_temp.identity AS s
JOIN (SELECT patron, min(line) AS first FROM pg_temp.identity GROUP BY patron HAVING count(*) > 1) AS d USING (patron)
WHERE s.line > d.first
UNION ALL
SELECT 'identity', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.identity AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron);

DELETE FROM pg_temp.identity AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.identity AS r WHERE r.patron = p.id));

INSERT INTO pg_temp.bad
SELECT 'identity', s.line, 'authority', format('not %s, the home of patron %s', home.authority, s.patron)
FROM pg_temp.identity AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN pg_temp.patron AS n ON n.id = s.patron
LEFT JOIN lms.patron AS o ON o.id = p.id,
  LATERAL (SELECT coalesce(n.authority, o.authority)) AS home(authority)
WHERE s.authority <> home.authority;

DELETE FROM pg_temp.identity AS s
USING pg_temp.bad AS b
WHERE b.relation = 'identity' AND b.line = s.line;

INSERT INTO pg_temp.warning
SELECT 'identity', w.warning, count(*)
FROM pg_temp.identity AS s
LEFT JOIN pg_temp.patron AS p ON p.id = s.patron
CROSS JOIN LATERAL (VALUES
  ('born in the future', s.birth_date > (SELECT patronctl.today(NULL))),
  ('birth date and birth year differ', extract(year FROM s.birth_date) <> p.birth_year)
) AS w(warning, holds)
WHERE w.holds
GROUP BY w.warning;
