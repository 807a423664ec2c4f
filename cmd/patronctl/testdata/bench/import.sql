-- The files as they are, straight into the tables.
BEGIN;
\copy lms.branch FROM csv/branch.csv (FORMAT csv, HEADER match)
\copy lms.category FROM csv/category.csv (FORMAT csv, HEADER match)
\copy lms.item FROM csv/item.csv (FORMAT csv, HEADER match)
\copy lms.patron FROM csv/patron.csv (FORMAT csv, HEADER match)
\copy lms.identity FROM csv/identity.csv (FORMAT csv, HEADER match)
\copy lms.address FROM csv/address.csv (FORMAT csv, HEADER match)
\copy lms.special FROM csv/special.csv (FORMAT csv, HEADER match)
\copy lms.credential FROM csv/credential.csv (FORMAT csv, HEADER match)
\copy lms.card FROM csv/card.csv (FORMAT csv, HEADER match)
\copy lms.membership FROM csv/membership.csv (FORMAT csv, HEADER match)
\copy lms.consent FROM csv/consent.csv (FORMAT csv, HEADER match)
\copy lms.block FROM csv/block.csv (FORMAT csv, HEADER match)
\copy lms.loan FROM csv/loan.csv (FORMAT csv, HEADER match)
\copy lms.hold FROM csv/hold.csv (FORMAT csv, HEADER match)
\copy lms.fee FROM csv/fee.csv (FORMAT csv, HEADER match)
\copy lms.payment FROM csv/payment.csv (FORMAT csv, HEADER match)
COMMIT;
