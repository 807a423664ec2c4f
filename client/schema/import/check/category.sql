INSERT INTO pg_temp.bad
SELECT 'category', s.line, 'code', 'duplicate code ' || s.code
FROM pg_temp.category AS s
JOIN (SELECT code, min(line) AS first FROM pg_temp.category GROUP BY code HAVING count(*) > 1) AS d USING (code)
WHERE s.line > d.first;

DELETE FROM pg_temp.category AS s
WHERE EXISTS (SELECT FROM pg_temp.bad AS b WHERE b.relation = 'category' AND b.line = s.line)
   OR EXISTS (SELECT FROM lms.category AS r WHERE r.code = s.code);
