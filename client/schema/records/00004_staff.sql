-- Who staff are, the logins they have, what was opened to support for a while.

ALTER TABLE patronctl.staff
  ADD COLUMN kind text NOT NULL DEFAULT 'employee' CHECK (kind IN ('employee', 'volunteer', 'partner')),
  ADD COLUMN organisation text, -- whose people partners are
  ADD COLUMN agreement text, -- the number of the agreement with it
  DROP CONSTRAINT staff_role_check,
  ADD CONSTRAINT staff_role_check
    CHECK (role IN ('clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor', 'opac')),
  ADD CONSTRAINT staff_guests_leave CHECK (kind = 'employee' OR valid_to IS NOT NULL),
  ADD CONSTRAINT staff_partners_agreed CHECK (kind <> 'partner' OR organisation IS NOT NULL AND agreement IS NOT NULL);

-- What is known of a login beside its registrations.
CREATE TABLE patronctl.login (
  login       text PRIMARY KEY,
  made_as     oid, -- the role that staff add made; NULL when it was there before
  external    boolean NOT NULL DEFAULT FALSE, -- logs in by a certificate, LDAP or GSSAPI, without a password here
  disabled_at timestamptz
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

INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'staff', 'kind', 'fact'),
  ('patronctl', 'staff', 'organisation', 'fact'),
  ('patronctl', 'staff', 'agreement', 'fact'),
  ('patronctl', 'login', 'login', 'pseudonym'),
  ('patronctl', 'login', 'made_as', 'fact'),
  ('patronctl', 'login', 'external', 'fact'),
  ('patronctl', 'login', 'disabled_at', 'fact'),
  ('patronctl', 'support_grant', 'access', 'fact'),
  ('patronctl', 'support_grant', 'login', 'pseudonym'),
  ('patronctl', 'support_grant', 'patron', 'pseudonym'),
  ('patronctl', 'support_grant', 'until', 'fact'),
  ('patronctl', 'support_grant', 'revoked_at', 'fact');
