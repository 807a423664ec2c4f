INSERT INTO pg_temp.bad
SELECT 'consent', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.consent AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron)
UNION ALL
SELECT 'consent', s.line, 'authority', 'unknown authority ' || s.authority
FROM pg_temp.consent AS s
WHERE NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = s.authority);

DELETE FROM pg_temp.consent AS s
USING pg_temp.bad AS b
WHERE b.relation = 'consent' AND b.line = s.line;

-- A consent has no number: it is the same one when everything is equal, but for a withdrawal since, which stays.
DELETE FROM pg_temp.consent AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (
    SELECT FROM lms.consent AS r
    WHERE r.patron = p.id AND r.authority = s.authority AND r.purpose = s.purpose AND r.given_at = s.given_at
      AND (r.channel, r.wording, r.source) IS NOT DISTINCT FROM (s.channel, s.wording, s.source)
  ));

INSERT INTO pg_temp.warning
SELECT 'consent', 'withdrawn before it was given', count(*)
FROM pg_temp.consent AS s
WHERE s.withdrawn_at < s.given_at
HAVING count(*) > 0;
