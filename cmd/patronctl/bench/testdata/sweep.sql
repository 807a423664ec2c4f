-- What the rule of the sweep moves, as one would type it: returned loans, closed holds and zero fees older than :days days
-- at each home, except loans with an unpaid fee and the people who keep their history.
BEGIN;
CREATE TEMP TABLE home ON COMMIT DROP AS
SELECT p.id AS patron, p.authority, p.branch, p.category, p.birth_year,
  (now() AT TIME ZONE a.time_zone)::date - :days AS day,
   ((now() AT TIME ZONE a.time_zone)::date - :days)::timestamp AT TIME ZONE a.time_zone AS moment
FROM lms.patron AS p
JOIN lms.authority AS a ON a.code = p.authority
WHERE NOT p.keeps_history;
ANALYZE home;

INSERT INTO lms.anonymous_patron (authority, branch, category, birth_year)
SELECT DISTINCT authority, branch, category, birth_year FROM home
ON CONFLICT DO NOTHING;
CREATE TEMP TABLE stand_in ON COMMIT DROP AS
SELECT h.patron, h.day, h.moment, a.id
FROM home AS h
JOIN lms.anonymous_patron AS a
  ON (a.authority, a.branch, a.category, coalesce(a.birth_year, 0)) = (h.authority, h.branch, h.category, coalesce(h.birth_year, 0));
ANALYZE stand_in;

CREATE TEMP TABLE moving ON COMMIT DROP AS
SELECT l.id
FROM lms.loan AS l
JOIN stand_in AS s ON s.patron = l.patron
LEFT JOIN (
  SELECT DISTINCT f.loan
  FROM lms.fee AS f
  LEFT JOIN (SELECT y.fee, sum(y.amount) AS amount FROM lms.payment AS y GROUP BY y.fee) AS paid ON paid.fee = f.id
  WHERE f.amount > coalesce(paid.amount, 0)
) AS owed ON owed.loan = l.id
WHERE l.returned_at < s.moment AND owed.loan IS NULL;
ANALYZE moving;
CREATE TEMP TABLE zero ON COMMIT DROP AS
SELECT f.id
FROM lms.fee AS f
JOIN stand_in AS s ON s.patron = f.patron
LEFT JOIN moving AS m ON m.id = f.loan
WHERE f.amount = 0
  AND (f.raised_on < s.day OR m.id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM lms.payment AS y WHERE y.fee = f.id AND y.amount <> 0);
ANALYZE zero;

DELETE FROM lms.payment AS y USING zero AS z WHERE y.fee = z.id;
WITH moved AS (
  DELETE FROM lms.fee AS f USING zero AS z, stand_in AS s WHERE f.id = z.id AND s.patron = f.patron
  RETURNING s.id AS stand_in, f.authority, f.kind, f.amount, f.raised_on
)
INSERT INTO lms.anonymous_fee SELECT * FROM moved;
UPDATE lms.fee AS f SET loan = NULL FROM moving AS m WHERE f.loan = m.id;
WITH moved AS (
  DELETE FROM lms.loan AS l USING moving AS m, stand_in AS s WHERE l.id = m.id AND s.patron = l.patron
  RETURNING s.id AS stand_in, l.item, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
)
INSERT INTO lms.anonymous_loan SELECT * FROM moved;
WITH moved AS (
  DELETE FROM lms.hold AS h USING stand_in AS s WHERE s.patron = h.patron AND h.closed_at < s.moment
  RETURNING s.id AS stand_in, h.kind, h.item, h.authority, h.branch, h.placed_at, h.ready_at, h.closed_at, h.outcome
)
INSERT INTO lms.anonymous_hold SELECT * FROM moved;
COMMIT;
