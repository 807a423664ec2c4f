-- Looking people up. Names are found through a dictionary of distinct folded words: misspelt words are looked for
-- among some hundred thousand words instead of among all people. The dictionary is personal data like the names.

-- Without case, accents, width and invisible characters: 'Císařová' and full-width forms become plain letters.
CREATE FUNCTION lms.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN value ~ '^[ -~]*$' THEN lower(value)
    ELSE lower(lms.unaccent('lms.unaccent', regexp_replace(normalize(value, NFKD),
      '[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]', '', 'g')))
  END
$$;

-- The words of a name. An apostrophe is no border, so that O'Brien is found as obrien.
CREATE FUNCTION lms.name_words(value text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT word
  FROM regexp_split_to_table(translate(lms.fold(value), '''’`´', ''), '[^[:alnum:]]+') AS word
  WHERE word <> ''
$$;

-- The last nine digits, which a number keeps with and without its country code; NULL for what is no number.
CREATE FUNCTION lms.phone_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT nullif(right(regexp_replace(value, '[^0-9]', '', 'g'), 9), '')
$$;

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
  INSERT INTO lms.word (word)
  SELECT DISTINCT w
  FROM new_rows AS n, lms.name_words(concat_ws(' ', n.surname, n.forenames)) AS w
  ORDER BY w -- one order for everybody: two imports cannot deadlock
  ON CONFLICT DO NOTHING;
  INSERT INTO lms.named (patron, word, surname)
  SELECT n.patron, d.id, n.surname
  FROM (
    SELECT r.patron, w AS word, TRUE AS surname FROM new_rows AS r, lms.name_words(r.surname) AS w
    UNION ALL
    SELECT r.patron, w, FALSE FROM new_rows AS r, lms.name_words(r.forenames) AS w
  ) AS n
  JOIN lms.word AS d USING (word)
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

-- The patrons that every word leads to, best first. A word is an e-mail address, a birth date or a phone number by its
-- shape, a card number if one is known, else part of a name: whole, as a beginning, or similar. Exact names end the
-- search early; the others are looked for only when those do not fill the answer.
CREATE FUNCTION lms.search(words text[], home text, most integer) RETURNS TABLE (patron bigint, rank real)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, lms, pg_temp
SET pg_trgm.similarity_threshold = 0.4
AS $$
#variable_conflict use_column
DECLARE
  raw     text;
  names   text[] := '{}';
  keyed   bigint[]; -- who the words that are no names lead to; NULL while there is none
  found   bigint[];
  digits  text := lms.phone_key(array_to_string(words, ''));
  entries integer[];
  drive   integer;
BEGIN
  IF array_to_string(words, '') ~ '^[-+()./0-9]{7,}$' AND cardinality(words) > 1 THEN
    words := ARRAY[array_to_string(words, '')]; -- one phone number typed with spaces
  END IF;
  FOREACH raw IN ARRAY words LOOP
    found := NULL;
    IF raw LIKE '%@%' THEN
      SELECT array_agg(i.patron) INTO found
      FROM (SELECT i.patron FROM lms.identity AS i WHERE lower(i.email) = lower(raw) LIMIT 200) AS i;
      found := coalesce(found, '{}');
    ELSIF raw ~ '^\d{4}-\d{2}-\d{2}$' AND lms.is_day(raw) THEN
      SELECT array_agg(i.patron) INTO found FROM lms.identity AS i WHERE i.birth_date = raw::date;
      found := coalesce(found, '{}');
    ELSE
      SELECT ARRAY[c.patron] INTO found FROM lms.card AS c WHERE c.number = raw;
      IF found IS NULL AND raw ~ '^[-+()./0-9]{7,}$' THEN
        digits := lms.phone_key(raw);
        SELECT array_agg(i.patron) INTO found
        FROM (SELECT i.patron FROM lms.identity AS i WHERE lms.phone_key(i.phone) = digits LIMIT 200) AS i;
        found := coalesce(found, '{}');
      END IF;
    END IF;
    IF found IS NULL THEN
      names := names || ARRAY(SELECT lms.name_words(raw));
    ELSIF keyed IS NULL THEN
      keyed := found;
    ELSE
      keyed := ARRAY(SELECT unnest(keyed) INTERSECT SELECT unnest(found));
    END IF;
  END LOOP;

  names := ARRAY(SELECT DISTINCT unnest(names));
  IF EXISTS (
    SELECT FROM unnest(names) AS n
    WHERE length(n) < 2
      OR length(n) = 2 AND NOT EXISTS (
        SELECT FROM lms.named AS x JOIN lms.word AS d ON d.id = x.word WHERE d.word = n AND x.surname
      )
  ) OR cardinality(names) = 0 AND keyed IS NULL THEN
    RAISE EXCEPTION 'a name needs three letters, or two that are a whole surname'
      USING ERRCODE = 'LB400', HINT = 'give more of the name, a card number, an e-mail address, a phone number or a birth date';
  END IF;

  IF cardinality(names) = 0 THEN
    RETURN QUERY
      SELECT p.id, 1::real FROM lms.patron AS p
      WHERE p.id = ANY (keyed) AND (home IS NULL OR p.authority = home)
      ORDER BY p.id LIMIT most;
    RETURN;
  END IF;

  -- Whole words. The rarest drives, the others are probed for its people, and the first `most` end the search.
  entries := ARRAY(
    SELECT d.id FROM lms.word AS d
    WHERE d.word = ANY (names)
    ORDER BY (SELECT count(*) FROM (SELECT FROM lms.named AS x WHERE x.word = d.id LIMIT 2000) AS few)
  );
  IF cardinality(entries) = cardinality(names) THEN
    found := ARRAY(
      SELECT n.patron
      FROM lms.named AS n
      JOIN lms.patron AS p ON p.id = n.patron
      WHERE n.word = entries[1]
        AND (keyed IS NULL OR n.patron = ANY (keyed))
        AND (home IS NULL OR p.authority = home)
        AND NOT EXISTS (
          SELECT FROM unnest(entries[2:]) AS other
          WHERE NOT EXISTS (SELECT FROM lms.named AS x WHERE x.patron = n.patron AND x.word = other)
        )
      ORDER BY n.surname DESC, n.patron
      LIMIT most
    );
    RETURN QUERY SELECT u, max(1::real) FROM unnest(found) AS u GROUP BY u;
    IF cardinality(found) = most THEN
      RETURN;
    END IF;
  END IF;

  -- Beginnings and similar words: each word of the query has its candidates, the one with fewest people drives.
  RETURN QUERY
    WITH candidate AS MATERIALIZED (
      SELECT n.ordinality AS part, c.id, max(c.score) AS score
      FROM unnest(names) WITH ORDINALITY AS n(name, ordinality)
      CROSS JOIN LATERAL (
        SELECT d.id, 1::real AS score FROM lms.word AS d WHERE d.word = n.name
        UNION ALL
        (SELECT d.id, 0.9 FROM lms.word AS d
         WHERE d.word >= n.name AND d.word < n.name || chr(1114111)
         ORDER BY length(d.word), d.word LIMIT 40)
        UNION ALL
        (SELECT d.id, lms.similarity(d.word, n.name) FROM lms.word AS d
         WHERE d.word OPERATOR(lms.%) n.name
         ORDER BY 2 DESC, 1 LIMIT 40)
      ) AS c(id, score)
      GROUP BY 1, 2
    ), size AS (
      SELECT c.part, sum((SELECT count(*) FROM (SELECT FROM lms.named AS x WHERE x.word = c.id LIMIT 200) AS few)) AS people
      FROM candidate AS c GROUP BY c.part
    ), driver AS (
      SELECT c.id, c.score FROM candidate AS c
      WHERE c.part = (SELECT s.part FROM size AS s ORDER BY s.people, s.part LIMIT 1)
        AND (SELECT count(*) FROM size) = cardinality(names)
    ), hit AS (
      SELECT h.patron, d.score
      FROM (SELECT * FROM driver ORDER BY score DESC, id) AS d
      CROSS JOIN LATERAL (
        SELECT n.patron
        FROM lms.named AS n
        JOIN lms.patron AS p ON p.id = n.patron
        WHERE n.word = d.id
          AND n.patron <> ALL (coalesce(found, '{}'))
          AND (keyed IS NULL OR n.patron = ANY (keyed))
          AND (home IS NULL OR p.authority = home)
          AND cardinality(names) = (
            SELECT count(DISTINCT c.part)
            FROM lms.named AS x JOIN candidate AS c ON c.id = x.word
            WHERE x.patron = n.patron
          )
        ORDER BY n.surname DESC, n.patron
        LIMIT most
      ) AS h
      LIMIT most * 5
    )
    SELECT r.patron, r.rank::real
    FROM (
      SELECT h.patron, (
          SELECT avg(best)
          FROM (
            SELECT max(c.score) AS best
            FROM lms.named AS x JOIN candidate AS c ON c.id = x.word
            WHERE x.patron = h.patron GROUP BY c.part
          ) AS parts
        ) * 0.99 AS rank
      FROM (SELECT DISTINCT hit.patron FROM hit) AS h
    ) AS r
    ORDER BY r.rank DESC, r.patron
    LIMIT most - coalesce(cardinality(found), 0);
END
$$;
