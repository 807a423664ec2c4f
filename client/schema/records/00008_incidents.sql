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

INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'incident', 'id', 'fact'),
  ('patronctl', 'incident', 'kind', 'fact'),
  ('patronctl', 'incident', 'authority', 'fact'),
  ('patronctl', 'incident', 'noticed_at', 'fact'),
  ('patronctl', 'incident_entry', 'access', 'fact'),
  ('patronctl', 'incident_entry', 'incident', 'fact'),
  ('patronctl', 'incident_entry', 'action', 'fact'),
  ('patronctl', 'incident_entry', 'at', 'fact'),
  ('patronctl', 'incident_entry', 'login', 'pseudonym'),
  ('patronctl', 'incident_entry', 'authority', 'fact'),
  ('patronctl', 'incident_entry', 'categories', 'fact'),
  ('patronctl', 'incident_entry', 'people', 'fact'),
  ('patronctl', 'incident_entry', 'records', 'fact'),
  ('patronctl', 'incident_entry', 'consequences', 'fact'),
  ('patronctl', 'incident_entry', 'measures', 'fact'),
  ('patronctl', 'incident_entry', 'told', 'fact'),
  ('patronctl', 'incident_entry', 'notified', 'fact'),
  ('patronctl', 'incident_entry', 'not_notified', 'fact'),
  ('patronctl', 'incident_entry', 'people_told', 'fact'),
  ('patronctl', 'incident_entry', 'told_at', 'fact'),
  ('patronctl', 'incident_entry', 'accesses_of', 'pseudonym'),
  ('patronctl', 'incident_entry', 'accesses_from', 'fact'),
  ('patronctl', 'incident_entry', 'accesses_to', 'fact');
