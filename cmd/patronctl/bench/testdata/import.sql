-- The files as they are, straight into the tables.
\cd :files
BEGIN;
\copy lms.branch FROM branch.csv (FORMAT csv, HEADER match)
\copy lms.category FROM category.csv (FORMAT csv, HEADER match)
\copy lms.item FROM item.csv (FORMAT csv, HEADER match)
\copy lms.patron FROM patron.csv (FORMAT csv, HEADER match)
\copy lms.identity FROM identity.csv (FORMAT csv, HEADER match)
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
\copy lms.payment FROM payment.csv (FORMAT csv, HEADER match)
COMMIT;
