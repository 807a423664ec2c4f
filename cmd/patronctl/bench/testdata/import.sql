-- The files as they are, straight into the tables.
\cd :files
BEGIN;
\copy lms.branch FROM branch.csv (FORMAT csv, HEADER match)
\copy lms.category FROM category.csv (FORMAT csv, HEADER match)
\copy lms.item FROM item.csv (FORMAT csv, HEADER match)
\copy lms.patron FROM patron.csv (FORMAT csv, HEADER match)
CREATE TEMP TABLE people (LIKE lms.identity) ON COMMIT DROP;
ALTER TABLE people ALTER COLUMN emails TYPE text, ALTER COLUMN phones TYPE text;
\copy people FROM identity.csv (FORMAT csv, HEADER match)
INSERT INTO lms.identity
SELECT patron, authority, surname, forenames, title, birth_date, string_to_array(emails, '; '), string_to_array(phones, '; '),
  document_number, guardian, language
FROM people;
\copy lms.address FROM address.csv (FORMAT csv, HEADER match)
\copy lms.special FROM special.csv (FORMAT csv, HEADER match)
\copy lms.credential FROM credential.csv (FORMAT csv, HEADER match)
\copy lms.card FROM card.csv (FORMAT csv, HEADER match)
\copy lms.membership FROM membership.csv (FORMAT csv, HEADER match)
\copy lms.consent FROM consent.csv (FORMAT csv, HEADER match)
\copy lms.block FROM block.csv (FORMAT csv, HEADER match)
\copy lms.loan FROM loan.csv (FORMAT csv, HEADER match)
\copy lms.hold FROM hold.csv (FORMAT csv, HEADER match)
\copy lms.fee FROM fee.csv (FORMAT csv, HEADER match)
\copy lms.payment (id, patron, fee, amount, paid_on, method, branch, taken_by) FROM payment.csv (FORMAT csv, HEADER match)
COMMIT;
