-- The dictionary of distinct folded words that names are found through: misspelt words are looked for among some hundred
-- thousand words instead of among all people. It is personal data like the names.

-- Without case, accents, width and invisible characters: 'Císařová' and full-width forms become plain letters. The bodies
-- of these three are bound when they are created, so they need no search_path, whose setting would cost more than they do.
CREATE FUNCTION lms.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN value ~ '^[ -~]*$' THEN lower(value)
  ELSE lower(lms.unaccent('lms.unaccent', regexp_replace(normalize(value, NFKD),
    '[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]', '', 'g')))
END;

-- The words of a name. An apostrophe is no border, so that O'Brien is found as obrien.
CREATE FUNCTION lms.name_words(value text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT word
  FROM regexp_split_to_table(translate(lms.fold(value), '''’`´', ''), '[^[:alnum:]]+') AS word
  WHERE word <> '';
END;

-- The last nine digits, which a number keeps with and without its country code; NULL for what is no number.
CREATE FUNCTION lms.phone_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(right(regexp_replace(value, '[^0-9]', '', 'g'), 9), '');

CREATE INDEX identity_email ON lms.identity (lower(email));
CREATE INDEX identity_phone ON lms.identity (lms.phone_key(phone));
CREATE INDEX identity_birth_date ON lms.identity (birth_date);

CREATE TABLE lms.word (
  id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  word text COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX word_similar ON lms.word USING gin (word lms.gin_trgm_ops);

CREATE TABLE lms.named (
  patron  bigint NOT NULL,
  word    integer NOT NULL REFERENCES lms.word,
  surname boolean NOT NULL,
  PRIMARY KEY (patron, word, surname)
);
CREATE INDEX named_word ON lms.named (word, surname DESC, patron);

-- Statistics would keep sample values of people in pg_statistic, where no erasure reaches.
ALTER TABLE lms.word
  ALTER COLUMN word SET STATISTICS 0;
ALTER TABLE lms.card
  ALTER COLUMN number SET STATISTICS 0;

CREATE FUNCTION lms.name_added() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Names repeat, so each is taken apart once. One order for everybody: two of these cannot deadlock.
  INSERT INTO lms.word (word)
  SELECT DISTINCT w
  FROM (SELECT surname FROM new_rows UNION SELECT forenames FROM new_rows) AS n(name), lms.name_words(n.name) AS w
  ORDER BY w
  ON CONFLICT DO NOTHING;
  WITH part AS MATERIALIZED (
    SELECT n.name, d.id
    FROM (SELECT surname FROM new_rows UNION SELECT forenames FROM new_rows) AS n(name), lms.name_words(n.name) AS w
    JOIN lms.word AS d ON d.word = w
  )
  INSERT INTO lms.named (patron, word, surname)
  SELECT r.patron, p.id, TRUE FROM new_rows AS r JOIN part AS p ON p.name = r.surname
  UNION ALL
  SELECT r.patron, p.id, FALSE FROM new_rows AS r JOIN part AS p ON p.name = r.forenames
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;

-- A word that no longer names anybody leaves the dictionary with the last person who had it.
CREATE FUNCTION lms.name_removed() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  gone integer[];
BEGIN
  WITH removed AS (
    DELETE FROM lms.named AS n
    USING old_rows AS o
    WHERE n.patron = o.patron
    RETURNING n.word
  )
  SELECT array_agg(DISTINCT word) INTO gone FROM removed;
  DELETE FROM lms.word AS d
  WHERE d.id = ANY (gone)
    AND NOT EXISTS (SELECT FROM lms.named AS n WHERE n.word = d.id);
  RETURN NULL;
END
$$;

CREATE TRIGGER a_name_removed AFTER DELETE ON lms.identity
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_removed();
CREATE TRIGGER a_name_changed_from AFTER UPDATE ON lms.identity
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_removed();
CREATE TRIGGER b_name_changed_to AFTER UPDATE ON lms.identity
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_added();
CREATE TRIGGER b_name_added AFTER INSERT ON lms.identity
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_added();
