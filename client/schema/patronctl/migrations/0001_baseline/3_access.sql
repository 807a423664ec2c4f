-- What patronctl itself must remember. People appear as patron numbers only: never a name, a card, an address or a word that
-- somebody searched for.

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
  nonce      bytea NOT NULL CHECK (length(nonce) = 16), -- random: the hash of a record that is gone must not be guessed back
  row_hash   bytea NOT NULL -- over what it says and this
);
-- The sealer takes finished transactions in the order of their numbers, for ids are handed out before the commit.
CREATE INDEX access_xid ON patronctl.access (xid, id);
-- The newest records of millions, of a day and of a login.
CREATE INDEX access_at ON patronctl.access (at, id);
CREATE INDEX access_login_at ON patronctl.access (login, at, id);
CREATE INDEX access_checked ON patronctl.access (login, at) WHERE operation = 'debt check' AND outcome = 'allowed';
CREATE INDEX access_patrons ON patronctl.access USING gin (patrons);
CREATE INDEX access_others ON patronctl.access USING gin (others);
CREATE CONSTRAINT TRIGGER access_commits AFTER INSERT ON patronctl.access
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION patronctl.access_commits();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.access
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();

-- What a write did, in the same transaction: counts, never values. Its key lets an access be used for one write only.
CREATE TABLE patronctl.result (
  access   bigint PRIMARY KEY REFERENCES patronctl.access,
  at       timestamptz NOT NULL,
  counts   jsonb NOT NULL,
  xid      xid8 NOT NULL,
  row_hash bytea NOT NULL
);
-- As of the access.
CREATE INDEX result_xid ON patronctl.result (xid, access);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.result
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();

-- Long exports may go on reading after the first page.
CREATE TABLE patronctl.paging (
  access bigint PRIMARY KEY REFERENCES patronctl.access,
  until  timestamptz NOT NULL
);

-- A salted hash of the folded name and the birth date, from the opening of an access until it was used or is too old to be.
CREATE TABLE patronctl.asked (
  access bigint PRIMARY KEY REFERENCES patronctl.access,
  salt   uuid NOT NULL,
  about  bytea NOT NULL
);
-- Statistics would keep samples of them for longer.
ALTER TABLE patronctl.asked
  ALTER COLUMN salt SET STATISTICS 0,
  ALTER COLUMN about SET STATISTICS 0;

-- The last registration at each authority. Whoever registers somebody there changes the row, and so waits for whoever does
-- it at the same time.
CREATE TABLE patronctl.registration (
  authority text PRIMARY KEY,
  access    bigint NOT NULL REFERENCES patronctl.access
);

-- One person, opened to one support engineer for a while.
CREATE TABLE patronctl.support_grant (
  access     bigint PRIMARY KEY REFERENCES patronctl.access, -- by which an officer gave it
  login      text NOT NULL,
  patron     bigint NOT NULL,
  until      timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX support_grant_patron ON patronctl.support_grant (patron, login);
