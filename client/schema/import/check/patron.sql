INSERT INTO pg_temp.bad
SELECT 'patron', s.line, 'id', 'duplicate id ' || s.id
FROM pg_temp.patron AS s
JOIN (SELECT id, min(line) AS first FROM pg_temp.patron GROUP BY id HAVING count(*) > 1) AS d USING (id)
WHERE s.line > d.first;

DELETE FROM pg_temp.patron AS s
USING patronctl.imported_patron AS seen
WHERE seen.source = s.id;

INSERT INTO pg_temp.bad
SELECT 'patron', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.patron AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority)
UNION ALL
SELECT 'patron', s.line, 'branch', 'unknown branch ' || s.branch
FROM pg_temp.patron AS s
WHERE NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = s.branch)
UNION ALL
SELECT 'patron', s.line, 'category', 'unknown category ' || s.category
FROM pg_temp.patron AS s
WHERE NOT EXISTS (SELECT FROM lms.category AS c WHERE c.code = s.category);

-- A guardian may stand anywhere in the file; whoever is set aside takes the wards along.
WITH RECURSIVE unguarded AS (
  SELECT s.line, s.id, s.guardian_patron
  FROM pg_temp.patron AS s
  WHERE s.guardian_patron IS NOT NULL
    AND NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.guardian_patron)
    AND NOT EXISTS (
      SELECT FROM pg_temp.patron AS g
      WHERE g.id = s.guardian_patron
        AND NOT EXISTS (SELECT FROM pg_temp.bad AS b WHERE b.relation = 'patron' AND b.line = g.line)
    )
  UNION
  SELECT s.line, s.id, s.guardian_patron
  FROM unguarded AS u
  JOIN pg_temp.patron AS s ON s.guardian_patron = u.id
)
INSERT INTO pg_temp.bad
SELECT 'patron', u.line, 'guardian_patron', 'unknown patron ' || u.guardian_patron
FROM unguarded AS u;

DELETE FROM pg_temp.patron AS s
USING pg_temp.bad AS b
WHERE b.relation = 'patron' AND b.line = s.line;

INSERT INTO patronctl.imported_patron (source, id)
SELECT n.id, nextval('lms.patron_number')
FROM (SELECT s.id FROM pg_temp.patron AS s ORDER BY s.id) AS n;

ANALYZE patronctl.imported_patron;

INSERT INTO pg_temp.warning
SELECT 'patron', w.warning, count(*)
FROM pg_temp.patron AS s
CROSS JOIN LATERAL (VALUES
  ('expires before it was registered', s.expires_on < s.registered_on),
  ('registered in the future', s.registered_on > (SELECT patronctl.today(NULL))),
  ('branch of another authority', s.authority <> (SELECT b.authority FROM lms.branch AS b WHERE b.code = s.branch))
) AS w(warning, holds)
WHERE w.holds
GROUP BY w.warning;
