-- What registering somebody needs: whom an access was opened about who has no account yet, and whose turn it is.

-- A salted hash of the folded name and the birth date, from the opening of an access until it was used or is too old to be.
CREATE TABLE patronctl.asked (
  access bigint PRIMARY KEY REFERENCES patronctl.access,
  salt   uuid NOT NULL,
  about  bytea NOT NULL
);
-- Statistics would keep samples of them for longer.
ALTER TABLE patronctl.asked
  ALTER COLUMN salt SET STATISTICS 0,
  ALTER COLUMN about SET STATISTICS 0;

-- The last registration at each authority. Whoever registers somebody there changes the row, and so waits for whoever does
-- it at the same time.
CREATE TABLE patronctl.registration (
  authority text PRIMARY KEY,
  access    bigint NOT NULL REFERENCES patronctl.access
);

INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'asked', 'access', 'fact'),
  ('patronctl', 'asked', 'salt', 'fact'),
  ('patronctl', 'asked', 'about', 'pseudonym'),
  ('patronctl', 'registration', 'authority', 'fact'),
  ('patronctl', 'registration', 'access', 'fact');
