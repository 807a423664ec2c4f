-- Looking people up: by what they were called, what identifies them, and as the same person registered twice.

-- The similarity threshold below is a parameter that the server knows only once the library is loaded.
SELECT lms.similarity('', '');

-- The spellings one slip away from a word: two letters swapped, one too many, one wrong, one missing. Short words share
-- too few trigrams with their misspellings to be found by those.
CREATE FUNCTION lms.slips(word text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT overlay(word PLACING reverse(substr(word, i, 2)) FROM i FOR 2) FROM generate_series(1, length(word) - 1) AS i
  UNION
  SELECT overlay(word PLACING '' FROM i FOR 1) FROM generate_series(1, length(word)) AS i
  UNION
  SELECT overlay(word PLACING chr(letter) FROM i FOR 1) FROM generate_series(1, length(word)) AS i, generate_series(97, 122) AS letter
  UNION
  SELECT overlay(word PLACING chr(letter) FROM i FOR 0) FROM generate_series(2, length(word) + 1) AS i, generate_series(97, 122) AS letter
$$;

-- The dictionary's words for each part of a name: the word itself, words that begin with it and, when fuzzy, those one
-- slip away and those with many trigrams in common.
CREATE FUNCTION lms.name_candidates(names text[], fuzzy boolean) RETURNS TABLE (part integer, word integer, score real)
LANGUAGE sql STABLE
SET search_path = pg_catalog, lms, pg_temp
SET pg_trgm.similarity_threshold = 0.4
AS $$
  SELECT n.part::integer, c.id, max(c.score)::real
  FROM unnest(names) WITH ORDINALITY AS n(name, part)
  CROSS JOIN LATERAL (
    SELECT d.id, 1.0 AS score FROM lms.word AS d WHERE d.word = n.name
    UNION ALL
    (SELECT d.id, 0.9 FROM lms.word AS d
     WHERE d.word > n.name AND d.word < n.name || chr(1114111)
     ORDER BY length(d.word), d.word LIMIT CASE WHEN cardinality(names) > 1 THEN 1000 ELSE 40 END)
    UNION ALL
    SELECT d.id, 0.8 FROM lms.slips(CASE WHEN fuzzy AND length(n.name) BETWEEN 3 AND 30 THEN n.name END) AS slip JOIN lms.word AS d ON d.word = slip
    UNION ALL
    (SELECT d.id, lms.similarity(d.word, n.name) * 0.9 FROM lms.word AS d
     WHERE fuzzy AND d.word OPERATOR(lms.%) n.name
     ORDER BY 2 DESC, 1 LIMIT 20)
  ) AS c(id, score)
  GROUP BY 1, 2
$$;

-- People who have a word for every part of a name, best first. The part with the fewest people drives; of a part that
-- very many have, the 3,000 best are looked at.
CREATE FUNCTION lms.search_names(names text[], fuzzy boolean, keyed bigint[], home text, most integer)
RETURNS TABLE (patron bigint, rank real)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  parts  integer[];
  words  integer[];
  scores real[];
  drive  integer;
  other  integer;
  people bigint[];
BEGIN
  SELECT array_agg(c.part), array_agg(c.word), array_agg(c.score) INTO parts, words, scores
  FROM lms.name_candidates(names, fuzzy) AS c;
  IF (SELECT count(DISTINCT part) FROM unnest(parts) AS part) < cardinality(names) THEN
    RETURN;
  END IF;
  SELECT c.part INTO drive
  FROM (SELECT DISTINCT part FROM unnest(parts) AS part) AS c
  ORDER BY (
    SELECT count(*)
    FROM (
      SELECT FROM unnest(parts, words) AS w(part, word) JOIN lms.named AS n ON n.word = w.word WHERE w.part = c.part LIMIT 3001
    ) AS few
  ), c.part
  LIMIT 1;
  people := ARRAY(
    SELECT h.patron
    FROM (SELECT c.word, c.score FROM unnest(parts, words, scores) AS c(part, word, score) WHERE c.part = drive ORDER BY c.score DESC, c.word) AS d
    CROSS JOIN LATERAL (
      SELECT n.patron
      FROM lms.named AS n
      WHERE n.word = d.word
        AND (keyed IS NULL OR n.patron = ANY (keyed))
        AND (home IS NULL OR EXISTS (SELECT FROM lms.patron AS p WHERE p.id = n.patron AND p.authority = home))
      ORDER BY n.surname DESC, n.patron
      LIMIT 3000
    ) AS h
    LIMIT CASE WHEN cardinality(names) = 1 THEN most * 2 ELSE 3000 END
  );
  FOREACH other IN ARRAY ARRAY(SELECT DISTINCT part FROM unnest(parts) AS part WHERE part <> drive) LOOP
    people := ARRAY(
      SELECT DISTINCT n.patron
      FROM lms.named AS n
      WHERE n.patron = ANY (people)
        AND n.word = ANY (ARRAY(SELECT c.word FROM unnest(parts, words) AS c(part, word) WHERE c.part = other))
    );
  END LOOP;
  RETURN QUERY
    SELECT h.patron, avg(h.score)::real
    FROM (
      SELECT n.patron, c.part, max(c.score) AS score
      FROM lms.named AS n
      JOIN unnest(parts, words, scores) AS c(part, word, score) ON c.word = n.word
      WHERE n.patron = ANY (people)
      GROUP BY n.patron, c.part
    ) AS h
    GROUP BY h.patron
    ORDER BY 2 DESC, 1
    LIMIT most;
END
$$;

-- The patrons that all words lead to, best first, with rank 1 for what fits exactly. A word is an e-mail address, a
-- birth date or a phone number by its shape, a card number if one is known, else part of a name. Whole names end the
-- search when they fill the answer, names that begin so are added, and similar ones are looked for when there is nobody.
CREATE FUNCTION lms.search(words text[], home text, most integer) RETURNS TABLE (patron bigint, rank real)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  names text[] := '{}';
  keyed bigint[]; -- who the words that are no names lead to; NULL while there is none
  hits bigint[];
  raw   text;
BEGIN
  IF cardinality(words) > 1 AND array_to_string(words, '') ~ '^[-+()./0-9]{7,}$'
    AND NOT EXISTS (SELECT FROM unnest(words) AS w WHERE w ~ '^\d{4}-\d{2}-\d{2}$' OR EXISTS (SELECT FROM lms.card AS c WHERE c.number = w)) THEN
    words := ARRAY[array_to_string(words, '')]; -- one phone number typed with spaces
  END IF;
  FOREACH raw IN ARRAY words LOOP
    hits := lms.search_key(raw);
    IF hits IS NULL THEN
      names := names || ARRAY(SELECT lms.name_words(raw));
    ELSIF keyed IS NULL THEN
      keyed := hits;
    ELSE
      keyed := ARRAY(SELECT unnest(keyed) INTERSECT SELECT unnest(hits));
    END IF;
  END LOOP;
  names := ARRAY(SELECT DISTINCT unnest(names));
  PERFORM lms.require_names(names, keyed IS NOT NULL);

  IF cardinality(names) = 0 THEN
    RETURN QUERY
      SELECT p.id, 1::real FROM lms.patron AS p
      WHERE p.id = ANY (keyed) AND (home IS NULL OR p.authority = home)
      ORDER BY p.id LIMIT most;
    RETURN;
  END IF;
  hits := lms.search_whole(names, keyed, home, most);
  RETURN QUERY SELECT unnest(hits), 1::real;
  IF cardinality(hits) < most THEN
    RETURN QUERY
      SELECT s.patron, least(s.rank, 0.99)::real FROM lms.search_names(names, FALSE, keyed, home, most) AS s
      WHERE s.patron <> ALL (hits)
      LIMIT most - cardinality(hits);
    IF NOT FOUND AND cardinality(hits) = 0 THEN
      RETURN QUERY SELECT s.patron, least(s.rank, 0.98)::real FROM lms.search_names(names, TRUE, keyed, home, most) AS s;
    END IF;
  END IF;
END
$$;

-- Who a word leads to that is no name by its shape; NULL when it may be one.
CREATE FUNCTION lms.search_key(word text) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  digits text;
  found  bigint[];
BEGIN
  IF word LIKE '%@%' THEN
    RETURN ARRAY(SELECT i.patron FROM lms.identity AS i WHERE lower(i.email) = lower(word) LIMIT 200);
  ELSIF word ~ '^\d{4}-\d{2}-\d{2}$' AND lms.is_day(word) THEN
    RETURN ARRAY(SELECT i.patron FROM lms.identity AS i WHERE i.birth_date = word::date);
  END IF;
  SELECT ARRAY[c.patron] INTO found FROM lms.card AS c WHERE c.number = word;
  IF found IS NULL AND word ~ '^[-+()./0-9]{7,}$' THEN
    digits := lms.phone_key(word);
    found := ARRAY(SELECT i.patron FROM lms.identity AS i WHERE lms.phone_key(i.phone) = digits LIMIT 200);
  END IF;
  RETURN found;
END
$$;

-- Refuses words that are all too short to search by: one needs three letters, or two when they are a whole surname.
CREATE FUNCTION lms.require_names(names text[], others boolean) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT others AND NOT EXISTS (
    SELECT FROM unnest(names) AS n
    WHERE length(n) > 2
      OR length(n) = 2 AND EXISTS (
        SELECT FROM lms.word AS d JOIN lms.named AS x ON x.word = d.id WHERE d.word = n AND x.surname
      )
  ) THEN
    RAISE EXCEPTION 'a name needs three letters, or two that are a whole surname'
      USING ERRCODE = 'LB400', HINT = 'give more of the name, a card number, an e-mail address, a phone number or a birth date';
  END IF;
END
$$;

-- People who have every whole word, surnames first. The rarest word drives, the others are probed for its people, and
-- the first `most` end the search.
CREATE FUNCTION lms.search_whole(names text[], keyed bigint[], home text, most integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entries integer[] := ARRAY(
    SELECT d.id FROM lms.word AS d
    WHERE d.word = ANY (names)
    ORDER BY (SELECT count(*) FROM (SELECT FROM lms.named AS x WHERE x.word = d.id LIMIT 2000) AS few)
  );
BEGIN
  IF cardinality(entries) < cardinality(names) THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(
    SELECT h.patron
    FROM (
      SELECT n.patron, n.surname
      FROM lms.named AS n
      WHERE n.word = entries[1]
        AND (keyed IS NULL OR n.patron = ANY (keyed))
        AND (home IS NULL OR EXISTS (SELECT FROM lms.patron AS p WHERE p.id = n.patron AND p.authority = home))
        AND NOT EXISTS (
          SELECT FROM unnest(entries[2:]) AS other
          WHERE NOT EXISTS (SELECT FROM lms.named AS x WHERE x.patron = n.patron AND x.word = other)
        )
      ORDER BY n.surname DESC, n.patron
      LIMIT most * 2
    ) AS h
    GROUP BY h.patron
    ORDER BY bool_or(h.surname) DESC, h.patron
    LIMIT most
  );
END
$$;

-- Registrations that may be this person: the same name and birth date, a similar name with the same birth date, or the
-- same name where one of the birth dates is unknown.
CREATE FUNCTION lms.same_person(surname text, forenames text, born date) RETURNS TABLE (patron bigint, certainty text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, lms, pg_temp
AS $$
  WITH asked AS (
    SELECT lms.fold(concat_ws(' ', same_person.surname, same_person.forenames)) AS name,
      ARRAY(SELECT lms.name_words(same_person.surname)) AS surnames
  ), near AS (
    SELECT i.patron, i.birth_date, lms.fold(concat_ws(' ', i.surname, i.forenames)) AS name
    FROM lms.identity AS i
    WHERE i.birth_date = same_person.born
    UNION
    SELECT i.patron, i.birth_date, lms.fold(concat_ws(' ', i.surname, i.forenames))
    FROM asked AS q
    JOIN lms.word AS d ON d.word = q.surnames[1]
    JOIN lms.named AS n ON n.word = d.id AND n.surname
    JOIN lms.identity AS i ON i.patron = n.patron
    WHERE i.birth_date IS NULL OR same_person.born IS NULL
  ), judged AS (
    SELECT n.patron,
      CASE
        WHEN n.name = q.name AND n.birth_date = same_person.born THEN 'same_name_and_birth'
        WHEN n.birth_date = same_person.born AND lms.similarity(n.name, q.name) >= 0.45 THEN 'similar_name_same_birth'
        WHEN n.name = q.name AND (n.birth_date IS NULL OR same_person.born IS NULL) THEN 'same_name_birth_unknown'
      END AS certainty
    FROM near AS n, asked AS q
  )
  SELECT j.patron, j.certainty
  FROM judged AS j
  JOIN lms.patron AS p ON p.id = j.patron AND p.status <> 'erased'
  WHERE j.certainty IS NOT NULL
  ORDER BY array_position(ARRAY['same_name_and_birth', 'similar_name_same_birth', 'same_name_birth_unknown'], j.certainty), j.patron
  LIMIT 10
$$;

-- True when a text speaks about people: about one of these by a name, birth date, phone, address or card, about anybody
-- by surname and forename, or with an e-mail address.
CREATE FUNCTION lms.names_people(value text, patrons bigint[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT value LIKE '%@%'
    OR EXISTS (
      SELECT FROM lms.identity AS i
      WHERE i.patron = ANY (patrons[:20])
        AND (
          EXISTS (SELECT FROM lms.name_words(concat_ws(' ', i.surname, i.forenames)) AS w WHERE length(w) > 2 AND w IN (SELECT lms.name_words(value)))
          OR strpos(value, to_char(i.birth_date, 'YYYY-MM-DD')) > 0
          OR strpos(regexp_replace(value, '[^0-9]', '', 'g'), lms.phone_key(i.phone)) > 0
        )
    )
    OR EXISTS (
      SELECT FROM lms.address AS d
      WHERE d.patron = ANY (patrons[:20]) AND length(d.lines) > 4 AND strpos(lms.fold(value), lms.fold(d.lines)) > 0
    )
    OR EXISTS (
      SELECT FROM lms.card AS c
      WHERE c.patron = ANY (patrons[:20]) AND strpos(value, c.number) > 0
    )
    OR EXISTS (
      SELECT FROM lms.word AS d
      JOIN lms.named AS n ON n.word = d.id
      WHERE d.word IN (SELECT w FROM lms.name_words(value) AS w WHERE length(w) > 2)
      GROUP BY n.patron
      HAVING count(DISTINCT n.word) > 1 AND bool_or(n.surname) AND NOT bool_and(n.surname)
    )
$$;
