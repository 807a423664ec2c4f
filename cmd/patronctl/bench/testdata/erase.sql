-- What the rule erases, as one would type it.
BEGIN;
CREATE TEMP TABLE lapsed ON COMMIT DROP AS
SELECT p.id, p.authority FROM lms.patron AS p WHERE p.status = 'active' AND p.expires_on < current_date - interval '20 years';
ANALYZE lapsed;
UPDATE lms.patron AS p SET status = 'erased', guardian_patron = NULL, keeps_history = FALSE, login = 'local' FROM lapsed AS l
WHERE p.id = l.id;
DELETE FROM lms.special AS r USING lapsed AS l WHERE r.patron = l.id;
DELETE FROM lms.address AS r USING lapsed AS l WHERE r.patron = l.id;
DELETE FROM lms.card AS r USING lapsed AS l WHERE r.patron = l.id;
DELETE FROM lms.consent AS r USING lapsed AS l WHERE r.patron = l.id;
DELETE FROM lms.credential AS r USING lapsed AS l WHERE r.patron = l.id;
DELETE FROM lms.identity AS r USING lapsed AS l WHERE r.patron = l.id;
UPDATE patronctl.imported_patron AS m SET id = NULL FROM lapsed AS l WHERE m.id = l.id;
INSERT INTO patronctl.erasure (number, patron, authority, rule, at)
SELECT row_number() OVER (ORDER BY l.id), l.id, l.authority, 'typed', now() FROM lapsed AS l;
COMMIT;
