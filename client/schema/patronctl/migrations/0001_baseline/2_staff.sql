-- Who staff are, the logins they have, and what is set.

-- Where and since when somebody is staff. Without an authority: for the whole consortium.
CREATE TABLE patronctl.staff (
  login        text NOT NULL,
  authority    text,
  role         text NOT NULL CHECK (role IN ('clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor', 'opac')),
  valid_from   date NOT NULL,
  valid_to     date,
  kind         text NOT NULL DEFAULT 'employee' CHECK (kind IN ('employee', 'volunteer', 'partner')),
  organisation text, -- whose people partners are
  agreement    text, -- the number of the agreement with it
  UNIQUE NULLS NOT DISTINCT (login, authority, role),
  CONSTRAINT staff_guests_leave CHECK (kind = 'employee' OR valid_to IS NOT NULL),
  CONSTRAINT staff_partners_agreed CHECK (kind <> 'partner' OR organisation IS NOT NULL AND agreement IS NOT NULL)
);

-- What is known of a login beside its registrations.
CREATE TABLE patronctl.login (
  login       text PRIMARY KEY,
  made_as     oid, -- the role that staff add made; NULL when it was there before
  external    boolean NOT NULL DEFAULT FALSE, -- logs in by a certificate, LDAP or GSSAPI, without a password here
  disabled_at timestamptz
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

-- What is known of each operation: desk/gate/operations.sql tells what stands in a row. A session finds a row in an index sooner
-- than it reads so long a list.
CREATE TABLE patronctl.operation (
  name      text PRIMARY KEY,
  asked_by  jsonb NOT NULL CHECK (jsonb_typeof(asked_by) = 'object'),
  purpose   text NOT NULL,
  marks     text[] NOT NULL,
  functions text[] NOT NULL
);

CREATE TABLE patronctl.rights (
  operation    text NOT NULL REFERENCES patronctl.operation,
  role         text NOT NULL,
  reach        text NOT NULL CHECK (reach IN ('any', 'home', 'rows', 'facts', 'own', 'logins', 'id')),
  needs_reason boolean NOT NULL,
  PRIMARY KEY (operation, role)
);
