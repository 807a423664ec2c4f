-- What is known of each operation: desk/gate/operations.sql tells what stands in a row. A session finds a row in an index sooner
-- than it reads so long a list.
CREATE TABLE patronctl.operation (
  name      text PRIMARY KEY,
  asked_by  jsonb NOT NULL CHECK (jsonb_typeof(asked_by) = 'object'),
  purpose   text NOT NULL,
  marks     text[] NOT NULL CHECK (marks <@ '{writes,erases,pages,texts,by-members,in-quarantine,tells-erased,untold,shows,look,debts,releases,secret}'),
  functions text[] NOT NULL
);
DELETE FROM patronctl.rights;
ALTER TABLE patronctl.rights
  ADD FOREIGN KEY (operation) REFERENCES patronctl.operation,
  ADD CHECK (role IN ('clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor', 'opac')),
  ADD CHECK (reach IN ('any', 'home', 'rows', 'facts', 'own', 'logins', 'id'));
INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'operation', 'name', 'fact'),
  ('patronctl', 'operation', 'asked_by', 'fact'),
  ('patronctl', 'operation', 'purpose', 'fact'),
  ('patronctl', 'operation', 'marks', 'fact'),
  ('patronctl', 'operation', 'functions', 'fact');
