-- What patronctl itself must remember. People appear as patron numbers only: never a name, a card, an address or a
-- word that somebody searched for.

-- The clock that rules ask. The age of an access never does.
CREATE FUNCTION patronctl.clock() RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT clock_timestamp() + clock_offset FROM patronctl.installation
$$;

CREATE FUNCTION patronctl.set_clock_offset(clock_offset interval) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE patronctl.installation SET clock_offset = set_clock_offset.clock_offset
$$;

-- The day it is at an authority; without one, in UTC.
CREATE FUNCTION patronctl.today(authority text) RETURNS date
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (patronctl.clock() AT TIME ZONE coalesce((SELECT a.time_zone FROM lms.authority AS a WHERE a.code = today.authority), 'UTC'))::date
$$;

-- Where and since when somebody is staff. Without an authority: for the whole consortium.
CREATE TABLE patronctl.staff (
  login      text NOT NULL,
  authority  text,
  role       text NOT NULL CHECK (role IN ('clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor')),
  valid_from date NOT NULL,
  valid_to   date,
  UNIQUE NULLS NOT DISTINCT (login, authority, role)
);

CREATE TABLE patronctl.setting (
  name      text NOT NULL,
  authority text,
  value     text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (name, authority)
);

-- Why data may be opened. Purposes that need consent belong to the authority that asks for it.
CREATE TABLE patronctl.purpose (
  name          text NOT NULL,
  authority     text,
  needs_consent boolean NOT NULL,
  UNIQUE NULLS NOT DISTINCT (name, authority)
);
INSERT INTO patronctl.purpose (name, needs_consent) VALUES
  ('service', FALSE),
  ('debt', FALSE),
  ('subject-request', FALSE),
  ('legal', FALSE),
  ('support', FALSE),
  ('maintenance', FALSE);

-- Who opened what, why, about whom, and whether it was allowed. `patrons` keeps the order of the question, with NULL
-- for a card nobody has; `others` are further registrations that the answer names.
CREATE TABLE patronctl.access (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid        xid8 NOT NULL,
  written_at pg_lsn NOT NULL, -- the end of the log just before this record
  at         timestamptz NOT NULL,
  login      text NOT NULL,
  client     inet,
  authority  text,
  role       text,
  operation  text NOT NULL,
  purpose    text NOT NULL,
  reason     text,
  outcome    text NOT NULL CHECK (outcome IN ('allowed', 'denied', 'not_found')),
  because    text,
  facts      boolean NOT NULL, -- only facts may be shown, no personal value
  patrons    bigint[] NOT NULL,
  others     bigint[] NOT NULL DEFAULT '{}',
  lost_cards integer[] NOT NULL DEFAULT '{}', -- places in patrons that a card led to which is reported lost
  subject    bigint, -- the item or access record asked for, when it is no patron
  row_hash   bytea NOT NULL
);
-- An access must be on disk before its data is seen, whatever the caller set synchronous_commit to: a commit that does
-- not wait for the disk could be lost in a crash. Set at the very end of the transaction, it cannot be set back. SET
-- CONSTRAINTS could call this too early, and PREPARE TRANSACTION leaves the end to others; so only a COMMIT passes, or
-- a SELECT that is a transaction of its own.
CREATE FUNCTION patronctl.access_commits() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  said text := coalesce(current_query(), '');
BEGIN
  IF said ~* '^\s*(commit|end)(\s+(work|transaction))?\s*;?\s*$'
    OR said ~* '^\s*select\s[^;]*;?\s*$' AND transaction_timestamp() = statement_timestamp() THEN
    IF current_setting('synchronous_commit') = 'off' THEN
      PERFORM set_config('synchronous_commit', 'on', TRUE);
    END IF;
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'an access is committed by COMMIT alone' USING ERRCODE = '42501';
END
$$;
CREATE CONSTRAINT TRIGGER access_commits AFTER INSERT ON patronctl.access
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION patronctl.access_commits();
CREATE INDEX access_login ON patronctl.access (login, id);
CREATE INDEX access_checked ON patronctl.access (login, at) WHERE operation = 'debt check' AND outcome = 'allowed';
CREATE INDEX access_patrons ON patronctl.access USING gin (patrons);
CREATE INDEX access_others ON patronctl.access USING gin (others);

-- What a write did, in the same transaction: counts, never values. Its key lets an access be used for one write only.
CREATE TABLE patronctl.result (
  access bigint PRIMARY KEY REFERENCES patronctl.access,
  at     timestamptz NOT NULL,
  counts jsonb NOT NULL
);

-- Long exports may go on reading after the first page.
CREATE TABLE patronctl.paging (
  access bigint PRIMARY KEY REFERENCES patronctl.access,
  until  timestamptz NOT NULL
);

-- What the numbers of imported files became. No id: seen, but moved to the anonymous or erased since.
CREATE TABLE patronctl.imported_item    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_patron  (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_loan    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_hold    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_fee     (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_payment (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_block   (source bigint PRIMARY KEY, id bigint);
CREATE INDEX imported_patron_id ON patronctl.imported_patron (id) WHERE id IS NOT NULL;
CREATE INDEX imported_loan_id   ON patronctl.imported_loan (id) WHERE id IS NOT NULL;
CREATE INDEX imported_hold_id   ON patronctl.imported_hold (id) WHERE id IS NOT NULL;
CREATE INDEX imported_fee_id    ON patronctl.imported_fee (id) WHERE id IS NOT NULL;
CREATE INDEX imported_payment_id ON patronctl.imported_payment (id) WHERE id IS NOT NULL;
