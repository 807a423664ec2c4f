-- Requests of people about their data, and disclosures to others. What was asked is written once, and what came of it is added
-- step by step: nothing here is ever changed. Whoever did it, when, and for which matter stands in the access.

CREATE TABLE patronctl.request (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  access      bigint NOT NULL UNIQUE REFERENCES patronctl.access,
  patron      bigint, -- NULL: nobody the library knows
  authority   text NOT NULL, -- that was asked and answers
  kind        text NOT NULL CHECK (kind IN ('access', 'portability', 'erasure', 'rectification', 'objection')),
  law         text NOT NULL CHECK (law IN ('eu', 'uk')), -- of the authority when it was opened
  received_on date NOT NULL,
  opened_at   timestamptz NOT NULL
);
CREATE INDEX request_patron ON patronctl.request (patron) WHERE patron IS NOT NULL;

CREATE TABLE patronctl.request_step (
  request bigint NOT NULL REFERENCES patronctl.request,
  number  integer NOT NULL, -- from 1
  access  bigint NOT NULL UNIQUE REFERENCES patronctl.access,
  at      timestamptz NOT NULL,
  step    text NOT NULL CHECK (step IN ('pause', 'resume', 'extend', 'export', 'erase', 'close')),
  on_day  date NOT NULL, -- at the authority: a letter may have gone out before it is entered here
  because text, -- a code: what it waits for, why it takes longer, on which ground it is closed
  outcome text CHECK (outcome IN ('granted', 'refused', 'withdrawn')),
  PRIMARY KEY (request, number),
  CHECK ((step = 'close') = (outcome IS NOT NULL)),
  CHECK (CASE WHEN step IN ('pause', 'extend') OR outcome = 'refused' THEN because IS NOT NULL ELSE TRUE END)
);
CREATE UNIQUE INDEX request_closed ON patronctl.request_step (request) WHERE step = 'close';
CREATE UNIQUE INDEX request_extended ON patronctl.request_step (request) WHERE step = 'extend';

-- Who else asked for a person's data, with which power, and what they got. Organisations and their references, never the
-- name of whoever asked.
CREATE TABLE patronctl.disclosure (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  access       bigint NOT NULL UNIQUE REFERENCES patronctl.access,
  patron       bigint, -- NULL: it was about nobody in particular, or nobody the library knows
  authority    text NOT NULL, -- the patron's home, which decides
  recipient    text NOT NULL CHECK (recipient IN ('police', 'security-service', 'court', 'within-authority', 'partner')),
  organisation text NOT NULL,
  reference    text NOT NULL, -- theirs: of the form, warrant or order
  rank         text, -- of who signed for them
  power        text, -- the law that permits or demands it
  necessity    text, -- a code
  consent      text, -- the purpose that the patron consented to
  decision     text NOT NULL CHECK (decision IN ('release', 'refuse')),
  because      text, -- why it was refused: a code
  released     text[] NOT NULL DEFAULT '{}', -- the relations that were, or will be, handed over
  released_by  bigint REFERENCES patronctl.access, -- how they were read
  needs_second boolean NOT NULL, -- officer to agree
  at           timestamptz NOT NULL,
  CHECK (decision = 'refuse' OR num_nulls(patron, power, necessity) = 0 AND released <> '{}'),
  CHECK ((decision = 'refuse') = (because IS NOT NULL)),
  CHECK (decision = 'release' OR NOT needs_second AND released = '{}' AND released_by IS NULL)
);
CREATE INDEX disclosure_patron ON patronctl.disclosure (patron) WHERE patron IS NOT NULL;

-- What the second officer said.
CREATE TABLE patronctl.disclosure_step (
  disclosure bigint PRIMARY KEY REFERENCES patronctl.disclosure,
  access     bigint NOT NULL UNIQUE REFERENCES patronctl.access,
  at         timestamptz NOT NULL,
  step       text NOT NULL CHECK (step IN ('approve', 'decline')),
  because    text, -- a code
  CHECK ((step = 'decline') = (because IS NOT NULL))
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.request
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.request_step
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.disclosure
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.disclosure_step
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();

-- Incidents: breaches of personal data (GDPR articles 33 and 34) and of the agreement between the authorities. What is said of
-- one is about the matter, never about a person, and is never overwritten.
CREATE TABLE patronctl.incident (
  id         bigint PRIMARY KEY, -- without gaps: nothing is missing from the register
  kind       text NOT NULL CHECK (kind IN ('breach', 'agreement')),
  authority  text, -- of whoever reported it; NULL: of the whole consortium
  noticed_at timestamptz NOT NULL -- the clock of a breach runs from here
);

-- One thing said of an incident, or that somebody took note of it. The last of each column holds.
CREATE TABLE patronctl.incident_entry (
  access        bigint PRIMARY KEY REFERENCES patronctl.access, -- by which it was written
  incident      bigint NOT NULL REFERENCES patronctl.incident,
  action        text NOT NULL CHECK (action IN ('reported', 'updated', 'closed', 'acknowledged')),
  at            timestamptz NOT NULL,
  login         text NOT NULL,
  authority     text,
  categories    text, -- of people and records
  people        bigint, -- about so many
  records       bigint,
  consequences  text,
  measures      text,
  told          text[], -- member authorities
  notified      text, -- the supervisory authority: its file number
  not_notified  text, -- why it need not be told
  people_told   bigint, -- so many of those concerned
  told_at       timestamptz, -- when, all of these
  accesses_of   text, -- the login whose access records say whom it concerns
  accesses_from timestamptz,
  accesses_to   timestamptz
);
CREATE INDEX incident_entry_incident ON patronctl.incident_entry (incident, at, access);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.incident
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.incident_entry
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
