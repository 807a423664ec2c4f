-- Checking debts: one card at the desk, an applicant, or a long list of cards.

CREATE FUNCTION desk.other_registrations(patrons bigint[]) RETURNS TABLE (subject bigint, patron bigint, certainty text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT i.patron, m.patron, m.certainty
  FROM lms.identity AS i
  CROSS JOIN LATERAL lms.same_person(i.surname, i.forenames, i.birth_date) AS m
  WHERE i.patron = ANY (patrons)
    AND i.surname IS NOT NULL
    AND m.patron <> i.patron
$$;

-- Registrations as an answer lists them; names and cards only where names may be shown.
CREATE FUNCTION desk.match_json(patron bigint, certainty text, names boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'patron', p.id, 'authority', p.authority, 'certainty', match_json.certainty,
    'debts', desk.debts_json(p.id),
    'card', CASE WHEN names THEN coalesce(desk.cards(p.id) #>> '{0,number}', '') ELSE '' END,
    'surname', CASE WHEN names THEN coalesce(i.surname, '') ELSE '' END,
    'forenames', CASE WHEN names THEN coalesce(i.forenames, '') ELSE '' END)
  FROM lms.patron AS p
  LEFT JOIN lms.identity AS i ON i.patron = p.id AND i.authority = p.authority
  WHERE p.id = match_json.patron
$$;

-- One patron, with the name and, when they were opened, other registrations of the same person.
CREATE FUNCTION desk.check_debt(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'check_debt');
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'patron', p.id,
      'card', CASE WHEN a.facts THEN '' ELSE coalesce(desk.cards(p.id) #>> '{0,number}', '') END,
      'surname', CASE WHEN a.facts THEN '' ELSE coalesce(i.surname, '') END,
      'forenames', CASE WHEN a.facts THEN '' ELSE coalesce(i.forenames, '') END,
      'verdict', v.verdict,
      'reasons', v.reasons,
      'debts', v.debts,
      'possible_matches', (
        SELECT coalesce(jsonb_agg(desk.match_json(m.patron, m.certainty, NOT a.facts)), '[]')
        FROM desk.other_registrations(ARRAY[p.id]) AS m
        WHERE m.patron = ANY (a.others)))
    FROM lms.patron AS p
    LEFT JOIN lms.identity AS i ON i.patron = p.id AND i.authority = p.authority
    JOIN desk.verdicts(ARRAY[p.id], a.authority, desk.at_places(a.patrons, a.lost_cards)) AS v ON v.patron = p.id
    WHERE p.id = a.patrons[1]
  );
END
$$;

-- Registrations of somebody who asks to join.
CREATE FUNCTION desk.check_applicant(access bigint, surname text, forenames text, born date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'check_applicant');
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(desk.match_json(m.patron, m.certainty, NOT a.facts)), '[]')
    FROM lms.same_person(check_applicant.surname, check_applicant.forenames, check_applicant.born) AS m
    WHERE m.patron = ANY (a.patrons)
  );
END
$$;

-- Many cards, in the order they were opened; never a name. A card nobody has is a row with the verdict not_found.
CREATE FUNCTION desk.check_debts(access bigint)
RETURNS TABLE (place bigint, patron bigint, verdict text, reasons text[], debts jsonb, possible_matches jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  a              patronctl.access := desk.use_access(access, 'check_debts');
  people         bigint[] := array_remove(a.patrons, NULL);
  with_lost_card bigint[] := desk.at_places(a.patrons, a.lost_cards);
BEGIN
  RETURN QUERY
    SELECT asked.ordinality, coalesce(asked.patron, 0),
      coalesce(w.verdict, v.verdict, 'not_found'), coalesce(w.reasons, v.reasons, '{}'),
      coalesce(v.debts, '[]'), coalesce(m.matches, '[]')
    FROM (
      SELECT u.patron, u.ordinality, u.ordinality = ANY (a.lost_cards) AS lost
      FROM unnest(a.patrons) WITH ORDINALITY AS u(patron, ordinality)
    ) AS asked
    LEFT JOIN desk.verdicts(people, a.authority, '{}') AS v ON v.patron = asked.patron
    LEFT JOIN desk.verdicts(with_lost_card, a.authority, with_lost_card) AS w ON asked.lost AND w.patron = asked.patron
    LEFT JOIN (
      SELECT o.subject, jsonb_agg(desk.match_json(o.patron, o.certainty, FALSE)) AS matches
      FROM desk.other_registrations(CASE WHEN a.others <> '{}' THEN people END) AS o
      WHERE o.patron = ANY (a.others)
      GROUP BY o.subject
    ) AS m ON m.subject = asked.patron
    ORDER BY asked.ordinality;
END
$$;
