-- Copies of the patron with the card :card, with all loans, holds, fees and payments, and with cards bench-1 to
-- bench-:copies. They are known to the memory of imports as if they had come from files.
BEGIN;
CREATE TEMP TABLE original ON COMMIT DROP AS
SELECT p.* FROM lms.patron AS p JOIN lms.card AS c ON c.patron = p.id WHERE c.number = :'card';
CREATE TEMP TABLE copy ON COMMIT DROP AS
SELECT n, nextval('lms.patron_number') AS patron FROM generate_series(1, :copies) AS n;

INSERT INTO lms.patron (id, authority, branch, category, birth_year, registered_on, expires_on)
SELECT c.patron, o.authority, o.branch, o.category, o.birth_year, o.registered_on, o.expires_on FROM copy AS c, original AS o;
INSERT INTO lms.card (number, patron) SELECT 'bench-' || c.n, c.patron FROM copy AS c;

CREATE TEMP TABLE loan_copy ON COMMIT DROP AS
SELECT c.patron, l.id AS original, nextval(pg_get_serial_sequence('lms.loan', 'id')) AS id
FROM copy AS c, lms.loan AS l JOIN original AS o ON l.patron = o.id ORDER BY c.n, l.id;
INSERT INTO lms.loan
SELECT m.id, m.patron, l.item, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
FROM loan_copy AS m JOIN lms.loan AS l ON l.id = m.original AND l.patron IN (SELECT id FROM original) ORDER BY m.id;

CREATE TEMP TABLE hold_copy ON COMMIT DROP AS
SELECT c.patron, h.id AS original, nextval(pg_get_serial_sequence('lms.hold', 'id')) AS id
FROM copy AS c, lms.hold AS h JOIN original AS o ON h.patron = o.id ORDER BY c.n, h.id;
INSERT INTO lms.hold
SELECT m.id, m.patron, h.kind, h.item, h.title, h.authority, h.branch, h.placed_at, h.ready_at, h.closed_at, h.outcome
FROM hold_copy AS m JOIN lms.hold AS h ON h.id = m.original AND h.patron IN (SELECT id FROM original);

CREATE TEMP TABLE fee_copy ON COMMIT DROP AS
SELECT c.patron, f.id AS original, nextval(pg_get_serial_sequence('lms.fee', 'id')) AS id
FROM copy AS c, lms.fee AS f JOIN original AS o ON f.patron = o.id ORDER BY c.n, f.id;
INSERT INTO lms.fee
SELECT m.id, m.patron, f.authority, f.kind, f.amount, f.raised_on, l.id
FROM fee_copy AS m JOIN lms.fee AS f ON f.id = m.original AND f.patron IN (SELECT id FROM original)
LEFT JOIN loan_copy AS l ON l.original = f.loan AND l.patron = m.patron;
INSERT INTO lms.payment (patron, fee, amount, paid_on)
SELECT m.patron, m.id, y.amount, y.paid_on
FROM fee_copy AS m JOIN lms.payment AS y ON y.fee = m.original AND y.patron IN (SELECT id FROM original);

INSERT INTO patronctl.imported_loan SELECT -id, id FROM loan_copy;
INSERT INTO patronctl.imported_hold SELECT -id, id FROM hold_copy;
INSERT INTO patronctl.imported_fee SELECT -id, id FROM fee_copy;
COMMIT;
