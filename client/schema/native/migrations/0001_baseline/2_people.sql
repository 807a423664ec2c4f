-- People and their anonymous stand-ins draw from one sequence, so that id:N names at most one of them.
CREATE SEQUENCE lms.patron_number;

CREATE TABLE lms.patron (
  id               bigint PRIMARY KEY DEFAULT nextval('lms.patron_number'),
  authority        text NOT NULL REFERENCES lms.authority,
  branch           text NOT NULL REFERENCES lms.branch,
  category         text NOT NULL REFERENCES lms.category,
  birth_year       smallint,
  status           text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'deleted', 'erased')),
  registered_on    date,
  expires_on       date,
  last_fee_on      date,
  deleted_on       date,
  last_activity_on date,
  keeps_history    boolean NOT NULL DEFAULT FALSE,
  login            text NOT NULL DEFAULT 'local' CHECK (login IN ('local', 'external')),
  protected        boolean NOT NULL DEFAULT FALSE,
  guardian_patron  bigint REFERENCES lms.patron
);
CREATE INDEX patron_group ON lms.patron (authority, category, birth_year, branch);
CREATE INDEX patron_guardian ON lms.patron (guardian_patron) WHERE guardian_patron IS NOT NULL;

-- The four relations that hold values about people and can be rewritten physically, an authority at a time.
CREATE TABLE lms.identity (
  patron          bigint NOT NULL REFERENCES lms.patron,
  authority       text NOT NULL,
  surname         text,
  forenames       text,
  title           text,
  birth_date      date,
  emails          text[],
  phones          text[],
  document_number text,
  guardian        text,
  language        text,
  PRIMARY KEY (patron, authority)
) PARTITION BY LIST (authority);
CREATE INDEX identity_emails ON lms.identity USING gin (lms.email_keys(emails)) WITH (fastupdate = off);
CREATE INDEX identity_phones ON lms.identity USING gin (lms.phone_keys(phones)) WITH (fastupdate = off);
CREATE INDEX identity_birth_date ON lms.identity (birth_date);
-- Guardians are often written down by name only.
CREATE INDEX identity_guardian ON lms.identity (lms.name_key(guardian)) WHERE guardian IS NOT NULL;

CREATE TABLE lms.address (
  patron    bigint NOT NULL REFERENCES lms.patron,
  authority text NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('permanent', 'temporary')),
  place     integer NOT NULL CHECK (place > 0), -- 1 … of a kind
  lines     text,
  town      text,
  postcode  text,
  country   text,
  PRIMARY KEY (patron, authority, kind, place)
) PARTITION BY LIST (authority);

CREATE TABLE lms.special (
  patron        bigint NOT NULL REFERENCES lms.patron,
  authority     text NOT NULL,
  faith         text,
  sexuality     text,
  disability    text,
  ethnic_origin text,
  PRIMARY KEY (patron, authority)
) PARTITION BY LIST (authority);

CREATE TABLE lms.credential (
  patron          bigint NOT NULL REFERENCES lms.patron,
  authority       text NOT NULL,
  secret_hash     text,
  set_at          timestamptz,
  one_time_until  timestamptz,
  must_change     boolean NOT NULL DEFAULT FALSE,
  failed_attempts integer NOT NULL DEFAULT 0,
  locked_until    timestamptz,
  PRIMARY KEY (patron, authority)
) PARTITION BY LIST (authority);

CREATE TABLE lms.card (
  number    text PRIMARY KEY,
  patron    bigint NOT NULL REFERENCES lms.patron,
  issued_on date,
  status    text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'lost', 'expired'))
);
CREATE INDEX card_patron ON lms.card (patron) INCLUDE (status);

CREATE TABLE lms.membership (
  patron     bigint NOT NULL REFERENCES lms.patron,
  authority  text NOT NULL REFERENCES lms.authority,
  basis      text NOT NULL CHECK (basis IN ('resident', 'work', 'study')),
  joined_on  date,
  expires_on date,
  PRIMARY KEY (patron, authority, basis)
);

-- Append-only: what was agreed to, when, in which words, and until when.
CREATE TABLE lms.consent (
  patron       bigint NOT NULL REFERENCES lms.patron,
  authority    text NOT NULL REFERENCES lms.authority,
  purpose      text NOT NULL,
  channel      text,
  wording      text,
  given_at     timestamptz NOT NULL,
  withdrawn_at timestamptz,
  source       text
);
CREATE INDEX consent_patron ON lms.consent (patron);
-- Who agreed to a purpose at an authority, in the order in which lists are read.
CREATE INDEX consent_purpose ON lms.consent (authority, purpose, patron);

CREATE TRIGGER consent_is_withdrawn_once BEFORE UPDATE ON lms.consent
  FOR EACH ROW
  WHEN ( -- one by one: a comparison of rows would not be told alike after a dump
    OLD.withdrawn_at IS NOT NULL
    OR NEW.withdrawn_at IS NULL
    OR OLD.patron IS DISTINCT FROM NEW.patron
    OR OLD.authority IS DISTINCT FROM NEW.authority
    OR OLD.purpose IS DISTINCT FROM NEW.purpose
    OR OLD.channel IS DISTINCT FROM NEW.channel
    OR OLD.wording IS DISTINCT FROM NEW.wording
    OR OLD.given_at IS DISTINCT FROM NEW.given_at
    OR OLD.source IS DISTINCT FROM NEW.source
  )
  EXECUTE FUNCTION lms.refuse_consent_change();
CREATE TRIGGER consents_stay_together BEFORE TRUNCATE ON lms.consent
  FOR EACH STATEMENT
  EXECUTE FUNCTION lms.refuse_consent_change();

CREATE TRIGGER consent_leaves_with_the_person AFTER DELETE ON lms.consent
  REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION lms.refuse_consent_loss();

CREATE TABLE lms.block (
  id          bigint GENERATED BY DEFAULT AS IDENTITY,
  patron      bigint NOT NULL REFERENCES lms.patron,
  authority   text NOT NULL REFERENCES lms.authority,
  level       text NOT NULL CHECK (level IN ('warn', 'refuse')),
  reason_code text NOT NULL,
  placed_on   date,
  lifted_on   date,
  PRIMARY KEY (patron, id)
);
