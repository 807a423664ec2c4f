-- What every column of every table holds:
--   personal   a value about a person, emptied when the person is erased
--   special    a special category (GDPR article 9), emptied first
--   secret     opens an account, never shown to anybody
--   pseudonym  a number or login that leads to a person only through another table
--   fact       everything else
-- Erasing, exporting and auditing are derived from this; a column without a class fails a test. Partitions follow their
-- parent.
CREATE TABLE patronctl.catalogue (
  schema_name text NOT NULL,
  relation    text NOT NULL,
  column_name text NOT NULL,
  class       text NOT NULL CHECK (class IN ('personal', 'special', 'secret', 'pseudonym', 'fact')),
  PRIMARY KEY (schema_name, relation, column_name)
);
