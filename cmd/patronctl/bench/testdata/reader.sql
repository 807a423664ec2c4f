-- 100,000 more loans for the patron with the card :card: of every item in turn, one a minute.
SELECT count(*) AS items FROM lms.item \gset
INSERT INTO lms.loan (patron, item, authority, branch, lent_at, due_at, returned_at, renewals)
SELECT c.patron, i.id, 'CAM', 'CAM-CEN', timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-02-01',
  timestamptz '2020-01-20', n % 3
FROM lms.card AS c, generate_series(1, 100000) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM lms.item) AS i ON i.place = n % :items + 1
WHERE c.number = :'card'
ORDER BY n;
ANALYZE lms.loan;
