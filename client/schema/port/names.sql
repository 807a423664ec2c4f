-- Looking people up by what they were called: in the dictionary of distinct folded words, where misspelt words are looked for among
-- some hundred thousand words instead of among all people.

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
    SELECT d.id, 0.8
    FROM lms.slips(CASE WHEN fuzzy AND length(n.name) BETWEEN 3 AND 30 THEN n.name END) AS slip
    JOIN lms.word AS d ON d.word = slip
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
    FROM (
      SELECT c.word, c.score
      FROM unnest(parts, words, scores) AS c(part, word, score)
      WHERE c.part = drive
      ORDER BY c.score DESC, c.word
    ) AS d
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
