INSERT INTO pg_temp.bad
SELECT 'membership', s.line, 'basis', format('duplicate %s membership of patron %s', s.basis, s.patron)
FROM pg_temp.membership AS s
JOIN (
  SELECT patron, authority, basis, min(line) AS first
  FROM pg_temp.membership GROUP BY patron, authority, basis HAVING count(*) > 1
) AS d USING (patron, authority, basis)
WHERE s.line > d.first
UNION ALL
SELECT 'membership', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.membership AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'membership', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.membership AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.membership AS s
USING pg_temp.bad AS b
WHERE b.relation = 'membership' AND b.line = s.line;

DELETE FROM pg_temp.membership AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (
    SELECT FROM lms.membership AS r WHERE r.patron = p.id AND r.authority = s.authority AND r.basis = s.basis
  ));

INSERT INTO pg_temp.warning
SELECT 'membership', 'expires before it was joined', count(*)
FROM pg_temp.membership AS s
WHERE s.expires_on < s.joined_on
HAVING count(*) > 0;
