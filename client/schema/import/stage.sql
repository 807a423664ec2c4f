-- The files as they are, typed but not yet checked, in the columns of the tables that they are for: `line` is where the row
-- begins in its file. The tables belong to the login, who lends them to the tool's owner, and are gone with the transaction.
RESET ROLE;
SET LOCAL work_mem = '128MB';
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL jit = off; -- compiling takes longer than these statements gain

CREATE TEMP TABLE bad (relation text, line bigint, column_name text, reason text) ON COMMIT DROP;
CREATE TEMP TABLE warning (relation text, warning text, count bigint) ON COMMIT DROP;

CREATE TEMP TABLE authority ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.authority AS r WITH NO DATA;
CREATE TEMP TABLE branch ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.branch AS r WITH NO DATA;
CREATE TEMP TABLE category ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.category AS r WITH NO DATA;
CREATE TEMP TABLE item ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.item AS r WITH NO DATA;
CREATE TEMP TABLE patron ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.patron AS r WITH NO DATA;
CREATE TEMP TABLE identity ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.identity AS r WITH NO DATA;
CREATE TEMP TABLE address ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.address AS r WITH NO DATA;
CREATE TEMP TABLE special ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.special AS r WITH NO DATA;
CREATE TEMP TABLE credential ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.credential AS r WITH NO DATA;
CREATE TEMP TABLE card ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.card AS r WITH NO DATA;
CREATE TEMP TABLE membership ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.membership AS r WITH NO DATA;
CREATE TEMP TABLE consent ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.consent AS r WITH NO DATA;
CREATE TEMP TABLE block ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.block AS r WITH NO DATA;
CREATE TEMP TABLE loan ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.loan AS r WITH NO DATA;
CREATE TEMP TABLE hold ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.hold AS r WITH NO DATA;
CREATE TEMP TABLE fee ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.fee AS r WITH NO DATA;
CREATE TEMP TABLE payment ON COMMIT DROP AS SELECT NULL::bigint AS line, r.* FROM lms.payment AS r WITH NO DATA;

GRANT ALL ON ALL TABLES IN SCHEMA pg_temp TO patronctl_owner;
