-- Most desks connect anew for each call. What a new session must read and plan is most of what such a call costs.

-- A session finds a right in an index sooner than it reads so long a list.
CREATE TABLE patronctl.rights (
  operation    text NOT NULL,
  role         text NOT NULL,
  reach        text NOT NULL,
  needs_reason boolean NOT NULL,
  PRIMARY KEY (operation, role)
);
INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'rights', 'operation', 'fact'),
  ('patronctl', 'rights', 'role', 'fact'),
  ('patronctl', 'rights', 'reach', 'fact'),
  ('patronctl', 'rights', 'needs_reason', 'fact');

-- How often sealed rows had been touched when the newest head was signed: a start compares numbers, not records.
ALTER TABLE patronctl.tree ADD COLUMN touched bigint;
INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'tree', 'touched', 'fact');

-- The same clock and day as before, in plpgsql: a session plans that once. A function in SQL that reads a table is planned
-- anew by every query that calls it, and these two are called by nearly all.

CREATE OR REPLACE FUNCTION patronctl.clock() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT clock_timestamp() + i.clock_offset FROM patronctl.installation AS i);
END
$$;

CREATE OR REPLACE FUNCTION patronctl.today(authority text) RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (patronctl.clock() AT TIME ZONE coalesce((SELECT a.time_zone FROM lms.authority AS a WHERE a.code = today.authority), 'UTC'))::date;
END
$$;
