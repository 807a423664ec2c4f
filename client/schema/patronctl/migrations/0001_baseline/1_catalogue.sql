-- What every column of every table holds:
--   personal   a value about a person, emptied when the person is erased
--   special    a special category (GDPR article 9), emptied first
--   secret     opens an account, never shown to anybody
--   pseudonym  a number or login that leads to a person only through another table
--   fact       everything else
-- Erasing, exporting and auditing are derived from this; a column without a class fails a test. Partitions follow their
-- parent. The list is catalogue.csv; a library's own columns are added by hand.
CREATE TABLE patronctl.catalogue (
  schema_name text NOT NULL,
  relation    text NOT NULL,
  column_name text NOT NULL,
  class       text NOT NULL CHECK (class IN ('personal', 'special', 'secret', 'pseudonym', 'fact')),
  place       integer NOT NULL DEFAULT 0, -- in the list, which is the order of an export
  exported_as text, -- the name that it has in an export, where it has one
  PRIMARY KEY (schema_name, relation, column_name)
);
