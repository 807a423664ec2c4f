-- What history anonymize --before today moves of the patron with the card :card, as one would type it.
BEGIN;
SELECT p.id AS patron FROM lms.patron AS p JOIN lms.card AS c ON c.patron = p.id WHERE c.number = :'card' FOR NO KEY UPDATE OF p \gset
INSERT INTO lms.anonymous_patron (authority, branch, category, birth_year)
SELECT authority, branch, category, birth_year FROM lms.patron WHERE id = :patron
ON CONFLICT DO NOTHING;
SELECT a.id AS anonymous
FROM lms.anonymous_patron AS a
JOIN lms.patron AS p ON (a.authority, a.branch, a.category, a.birth_year)
  IS NOT DISTINCT FROM (p.authority, p.branch, p.category, p.birth_year)
WHERE p.id = :patron \gset

CREATE TEMP TABLE moving ON COMMIT DROP AS
SELECT l.id
FROM lms.loan AS l
WHERE l.patron = :patron
  AND l.returned_at IS NOT NULL
  AND l.id NOT IN (
    SELECT f.loan
    FROM lms.fee AS f
    WHERE f.patron = :patron
      AND f.loan IS NOT NULL
      AND f.amount > (SELECT coalesce(sum(y.amount), 0) FROM lms.payment AS y WHERE (y.patron, y.fee) = (f.patron, f.id))
  );

INSERT INTO lms.anonymous_fee
SELECT :anonymous, authority, kind, amount, raised_on FROM lms.fee WHERE patron = :patron AND amount = 0;
DELETE FROM lms.fee WHERE patron = :patron AND amount = 0;
UPDATE lms.fee SET loan = NULL WHERE patron = :patron AND loan IN (SELECT id FROM moving);

INSERT INTO lms.anonymous_loan
SELECT :anonymous, item, authority, branch, lent_at, due_at, returned_at, renewals
FROM lms.loan WHERE patron = :patron AND id IN (SELECT id FROM moving);
DELETE FROM lms.loan WHERE patron = :patron AND id IN (SELECT id FROM moving);

INSERT INTO lms.anonymous_hold
SELECT :anonymous, kind, item, authority, branch, placed_at, ready_at, closed_at, outcome
FROM lms.hold WHERE patron = :patron AND closed_at IS NOT NULL;
DELETE FROM lms.hold WHERE patron = :patron AND closed_at IS NOT NULL;
COMMIT;
