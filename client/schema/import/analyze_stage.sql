-- What the planner needs to know of the staged rows: sizes and numbers, never a sample of a person's values.
ANALYZE pg_temp.item (id, branch);
ANALYZE pg_temp.patron (id, authority, branch);
ANALYZE pg_temp.identity (patron);
ANALYZE pg_temp.address (patron);
ANALYZE pg_temp.special (patron);
ANALYZE pg_temp.credential (patron);
ANALYZE pg_temp.card (patron);
ANALYZE pg_temp.membership (patron);
ANALYZE pg_temp.consent (patron);
ANALYZE pg_temp.block (id, patron);
ANALYZE pg_temp.loan (id, patron, item);
ANALYZE pg_temp.hold (id, patron, item);
ANALYZE pg_temp.fee (id, patron, loan);
ANALYZE pg_temp.payment (id, patron, fee);

SET LOCAL ROLE patronctl_owner;
