-- Forgetting people for good.

-- The relations that hold personal, special or secret values about patrons, special categories first. The catalogue names
-- them, so a new one cannot be missed.
CREATE FUNCTION lms.personal_relations() RETURNS TABLE (schema_name text, relation text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT k.schema_name, k.relation
    FROM patronctl.catalogue AS k
    WHERE k.class IN ('personal', 'special', 'secret')
      AND EXISTS (
        SELECT FROM patronctl.catalogue AS p
        WHERE (p.schema_name, p.relation, p.column_name) = (k.schema_name, k.relation, 'patron')
      )
    GROUP BY k.schema_name, k.relation
    ORDER BY bool_or(k.class = 'special') DESC, k.relation;
END
$$;

-- Takes people as guardians out of others' rows: where the account is named, and where only the name is written down and
-- the ward shares the address, or the surname while nobody else has that name: as sure as a name can be.
CREATE FUNCTION lms.forget_guardians(patrons bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off -- some names among everybody's guardians: by the index
AS $$
  UPDATE lms.identity AS w
  SET guardian = NULL
  FROM lms.patron AS p
  WHERE p.guardian_patron = ANY (patrons)
    AND w.patron = p.id
    AND w.guardian IS NOT NULL;
  WITH gone AS MATERIALIZED (
    SELECT n.patron,
      string_agg(DISTINCT d.word, ' ' ORDER BY d.word) COLLATE "default" AS name, -- as lms.name_key has it, for its index
      coalesce(min(n.word) FILTER (WHERE n.surname), min(n.word)) AS first,
      array_agg(DISTINCT n.word) AS words
    FROM lms.named AS n
    JOIN lms.word AS d ON d.id = n.word
    WHERE n.patron = ANY (patrons)
    GROUP BY n.patron
  ), told AS MATERIALIZED ( -- who names one of them, and no account
    SELECT w.patron, w.authority, o.patron AS guardian, o.first, o.words, lms.fold(w.surname) = lms.fold(g.surname) AS same_surname
    FROM gone AS o
    JOIN lms.identity AS w ON lms.name_key(w.guardian) = o.name AND w.guardian IS NOT NULL
    JOIN lms.patron AS p ON p.id = o.patron
    JOIN lms.identity AS g ON g.patron = p.id AND g.authority = p.authority
    WHERE (SELECT u.guardian_patron IS NULL FROM lms.patron AS u WHERE u.id = w.patron)
  ), alone AS MATERIALIZED ( -- the first namesake ends the search, which among many who share the first word comes soon
    SELECT t.guardian
    FROM (SELECT DISTINCT guardian, first, words FROM told WHERE same_surname) AS t
    WHERE NOT EXISTS (
      SELECT FROM lms.named AS n
      WHERE n.word = t.first
        AND t.words <@ ARRAY(SELECT x.word FROM lms.named AS x WHERE x.patron = n.patron)
        AND n.patron NOT IN (SELECT u FROM unnest(patrons) AS u)
    )
  ), ward AS MATERIALIZED (
    SELECT t.patron, t.authority
    FROM told AS t
    WHERE t.same_surname AND t.guardian IN (SELECT a.guardian FROM alone AS a)
      OR EXISTS (
        SELECT FROM lms.address AS a
        JOIN lms.address AS b ON lms.fold(b.lines) = lms.fold(a.lines)
        WHERE a.patron = t.guardian AND b.patron = t.patron AND b.authority = t.authority
      )
  )
  UPDATE lms.identity AS w
  SET guardian = NULL
  FROM ward AS o
  WHERE w.patron = o.patron AND w.authority = o.authority;
  UPDATE lms.patron SET guardian_patron = NULL WHERE guardian_patron = ANY (patrons);
$$;

-- Forgets people for good: every row that holds personal, special or secret values about them, and what others' rows say of
-- them as guardians. The dictionary of names follows by its triggers. The account is marked first: consents leave with an erased
-- person only. The names of relations are no input: they come from the catalogue.
CREATE FUNCTION lms.erase_patrons(patrons bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  holder record;
BEGIN
  PERFORM lms.forget_guardians(patrons); -- by their names, which are still there
  UPDATE lms.patron
  SET status = 'erased', guardian_patron = NULL, keeps_history = FALSE, login = 'local'
  WHERE id = ANY (patrons);
  UPDATE lms.payment SET paid_by = NULL WHERE paid_by = ANY (patrons);
  FOR holder IN
    SELECT * FROM lms.personal_relations()
  LOOP
    EXECUTE format('DELETE FROM %I.%I AS r WHERE r.patron = ANY ($1)', holder.schema_name, holder.relation) USING patrons;
  END LOOP;
END
$$;

-- How many rows about a patron erasing takes away, by relation.
CREATE FUNCTION lms.personal_rows(patron bigint) RETURNS TABLE (relation text, held bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  holder record;
BEGIN
  FOR holder IN
    SELECT * FROM lms.personal_relations()
  LOOP
    relation := holder.relation;
    EXECUTE format('SELECT count(*) FROM %I.%I AS r WHERE r.patron = $1', holder.schema_name, holder.relation) INTO held USING patron;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Makes somebody at an authority whose every personal text is the canary, to be erased at once: what a search of the files
-- finds of it afterwards, it would find of a person. NULL where there is no branch, and so nobody.
CREATE FUNCTION lms.plant_canary(authority text, canary text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  planted bigint;
BEGIN
  INSERT INTO lms.patron (authority, branch, category)
  SELECT b.authority, b.code, c.code
  FROM lms.branch AS b, lms.category AS c
  WHERE b.authority = plant_canary.authority
  LIMIT 1
  RETURNING id INTO planted;
  IF planted IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO lms.identity (patron, authority, surname, forenames, title, emails, phones, document_number, guardian, language)
  VALUES (planted, authority, canary, canary, canary, ARRAY[canary], ARRAY[canary], canary, canary, canary);
  INSERT INTO lms.address (patron, authority, kind, place, lines, town, postcode, country)
  VALUES (planted, authority, 'permanent', 1, canary, canary, canary, canary);
  INSERT INTO lms.special (patron, authority, faith, sexuality, disability, ethnic_origin)
  VALUES (planted, authority, canary, canary, canary, canary);
  INSERT INTO lms.credential (patron, authority, secret_hash) VALUES (planted, authority, canary);
  INSERT INTO lms.card (number, patron) VALUES (canary, planted);
  INSERT INTO lms.consent (patron, authority, purpose, channel, given_at, source)
  VALUES (planted, authority, 'service', canary, clock_timestamp(), canary);
  RETURN planted;
END
$$;

-- The erased canaries leave no row behind that a statistic would count.
CREATE FUNCTION lms.remove_canaries(patrons bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM lms.patron WHERE id = ANY (patrons)
$$;
