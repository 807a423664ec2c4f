-- One person registered twice, and texts that speak about people.

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
          EXISTS (
            SELECT FROM lms.name_words(concat_ws(' ', i.surname, i.forenames)) AS w
            WHERE length(w) > 2 AND w IN (SELECT lms.name_words(value))
          )
          OR strpos(value, to_char(i.birth_date, 'YYYY-MM-DD')) > 0
          OR EXISTS (
            SELECT FROM unnest(lms.phone_keys(i.phones)) AS k WHERE strpos(regexp_replace(value, '[^0-9]', '', 'g'), k) > 0
          )
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
