-- Which access counted logins last. Its result says until when, and is sealed with the counts.
CREATE TABLE patronctl.collected (
  singleton boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  access    bigint REFERENCES patronctl.access -- NULL before the first
);
INSERT INTO patronctl.collected DEFAULT VALUES;

INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'collected', 'singleton', 'fact'),
  ('patronctl', 'collected', 'access', 'fact');
