-- What an UPDATE in place would cost: the oldest :loans loans get another patron.
BEGIN;
SET LOCAL session_replication_role = replica; -- their fees would lead to nobody's loan
INSERT INTO lms.patron (authority, branch, category) SELECT authority, branch, category FROM lms.patron LIMIT 1
RETURNING id AS somebody \gset
UPDATE lms.loan SET patron = :somebody WHERE id <= (SELECT id FROM lms.loan ORDER BY id OFFSET :loans - 1 LIMIT 1);
COMMIT;
