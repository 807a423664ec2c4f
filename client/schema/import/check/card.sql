-- The number of a card is a person's: reasons do not quote it.
INSERT INTO pg_temp.bad
SELECT 'card', s.line, 'number', 'duplicate card number, first in line ' || d.first
FROM pg_temp.card AS s
JOIN (SELECT number, min(line) AS first FROM pg_temp.card GROUP BY number HAVING count(*) > 1) AS d USING (number)
WHERE s.line > d.first
UNION ALL
SELECT 'card', s.line, 'patron', 'unknown patron ' || s.patron
FROM pg_temp.card AS s
WHERE NOT EXISTS (SELECT FROM patronctl.imported_patron AS p WHERE p.source = s.patron);

DELETE FROM pg_temp.card AS s
USING patronctl.imported_patron AS p
WHERE p.source = s.patron
  AND (p.id IS NULL OR EXISTS (SELECT FROM lms.card AS c WHERE c.number = s.number AND c.patron = p.id));

INSERT INTO pg_temp.bad
SELECT 'card', s.line, 'number', 'card number of another patron'
FROM pg_temp.card AS s
WHERE EXISTS (SELECT FROM lms.card AS c WHERE c.number = s.number);

DELETE FROM pg_temp.card AS s
USING pg_temp.bad AS b
WHERE b.relation = 'card' AND b.line = s.line;

INSERT INTO pg_temp.warning
SELECT 'card', 'issued in the future', count(*)
FROM pg_temp.card AS s
WHERE s.issued_on > (SELECT patronctl.today(NULL))
HAVING count(*) > 0;
