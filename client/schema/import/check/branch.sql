INSERT INTO pg_temp.bad
SELECT 'branch', s.line, 'code', 'duplicate code ' || s.code
FROM pg_temp.branch AS s
JOIN (SELECT code, min(line) AS first FROM pg_temp.branch GROUP BY code HAVING count(*) > 1) AS d USING (code)
WHERE s.line > d.first
UNION ALL
SELECT 'branch', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.branch AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.branch AS s
WHERE EXISTS (SELECT FROM pg_temp.bad AS b WHERE b.relation = 'branch' AND b.line = s.line)
   OR EXISTS (SELECT FROM lms.branch AS r WHERE r.code = s.code);
