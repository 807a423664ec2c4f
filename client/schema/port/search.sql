-- Looking people up by anything: a name, or what identifies them.

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
    AND NOT EXISTS (
      SELECT FROM unnest(words) AS w
      WHERE w ~ '^\d{4}-\d{2}-\d{2}$' OR EXISTS (SELECT FROM lms.card AS c WHERE c.number = w)
    ) THEN
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
    RETURN ARRAY(SELECT i.patron FROM lms.identity AS i WHERE lms.email_keys(i.emails) @> ARRAY[lower(word)] LIMIT 200);
  ELSIF word ~ '^\d{4}-\d{2}-\d{2}$' AND lms.is_day(word) THEN
    RETURN ARRAY(SELECT i.patron FROM lms.identity AS i WHERE i.birth_date = word::date);
  END IF;
  SELECT ARRAY[c.patron] INTO found FROM lms.card AS c WHERE c.number = word;
  IF found IS NULL AND word ~ '^[-+()./0-9]{7,}$' THEN
    digits := lms.phone_key(word);
    found := ARRAY(SELECT i.patron FROM lms.identity AS i WHERE lms.phone_keys(i.phones) @> ARRAY[digits] LIMIT 200);
  END IF;
  RETURN found;
END
$$;

CREATE FUNCTION lms.is_day(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM value::date;
  RETURN TRUE;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
  RETURN FALSE;
END
$$;
