INSERT INTO pg_temp.bad
SELECT 'authority', s.line, 'code', 'duplicate code ' || s.code
FROM pg_temp.authority AS s
JOIN (SELECT code, min(line) AS first FROM pg_temp.authority GROUP BY code HAVING count(*) > 1) AS d USING (code)
WHERE s.line > d.first
UNION ALL
SELECT 'authority', s.line, 'code', 'not up to 16 capital letters, digits and underscores, beginning with a letter'
FROM pg_temp.authority AS s
WHERE s.code !~ '^[A-Z][A-Z0-9_]{0,15}$'
UNION ALL
SELECT 'authority', s.line, 'name', 'empty'
FROM pg_temp.authority AS s
WHERE s.name !~ '\S'
UNION ALL
SELECT 'authority', s.line, 'currency', 'not three capital letters such as EUR'
FROM pg_temp.authority AS s
WHERE s.currency !~ '^[A-Z]{3}$'
UNION ALL
SELECT 'authority', s.line, 'time_zone', 'unknown time zone, use a name such as Europe/London'
FROM pg_temp.authority AS s
WHERE NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = s.time_zone);

DELETE FROM pg_temp.authority AS s
WHERE EXISTS (SELECT FROM pg_temp.bad AS b WHERE b.relation = 'authority' AND b.line = s.line)
   OR EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.code);
