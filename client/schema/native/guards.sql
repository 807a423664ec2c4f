-- What the triggers of these tables do. Triggers depend on them, so they are replaced in place.

CREATE OR REPLACE FUNCTION lms.name_added() RETURNS trigger
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
CREATE OR REPLACE FUNCTION lms.name_removed() RETURNS trigger
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

-- The history of consents proves what was agreed to, so not even its owner changes it by mistake: a consent is withdrawn
-- once, and leaves with the person.
CREATE OR REPLACE FUNCTION lms.refuse_consent_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'a consent is withdrawn once and never changed or deleted' USING ERRCODE = 'LB403';
END
$$;

CREATE OR REPLACE FUNCTION lms.refuse_consent_loss() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off -- some people among everybody: by the key
AS $$
BEGIN
  IF EXISTS (SELECT FROM gone AS g JOIN lms.patron AS p ON p.id = g.patron WHERE p.status <> 'erased') THEN
    RAISE EXCEPTION 'a consent is withdrawn once and never changed or deleted' USING ERRCODE = 'LB403';
  END IF;
  RETURN NULL;
END
$$;
