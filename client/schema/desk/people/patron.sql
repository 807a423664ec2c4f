-- Looking patrons up and showing one.

-- What a find opened, in the order of the search.
CREATE FUNCTION desk.find_patrons(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'find_patrons');
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(
      desk.patron_core(p, i, a.facts)
        || jsonb_build_object(
          'verdict', v.verdict,
          'reasons', v.reasons,
          'cards', CASE WHEN a.facts THEN '[]' ELSE desk.cards(p.id) END,
          'debts', v.debts,
          'access', a.id)
      ORDER BY array_position(a.patrons, p.id)), '[]')
    FROM lms.patron AS p
    LEFT JOIN lms.identity AS i ON i.patron = p.id AND i.authority = p.authority
    JOIN desk.verdicts(a.patrons, a.authority, desk.at_places(a.patrons, a.lost_cards)) AS v ON v.patron = p.id
    WHERE p.id = ANY (a.patrons)
  );
END
$$;

-- What find and show have in common. Facts leave out every personal value; the birth year is one of the facts.
CREATE FUNCTION desk.patron_core(p lms.patron, i lms.identity, facts boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
      'patron', p.id, 'authority', p.authority, 'branch', p.branch, 'category', p.category,
      'birth_year', p.birth_year, 'status', p.status, 'registered_on', p.registered_on, 'expires_on', p.expires_on,
      'protected', p.protected, 'keeps_history', p.keeps_history, 'facts', facts)
    || CASE WHEN facts THEN '{}' ELSE jsonb_build_object(
      'surname', coalesce(i.surname, ''), 'forenames', coalesce(i.forenames, ''), 'title', coalesce(i.title, ''),
      'birth_date', i.birth_date, 'emails', coalesce(i.emails, '{}'), 'phones', coalesce(i.phones, '{}'))
    END
$$;

-- The name as a question to the staff says it.
CREATE FUNCTION desk.full_name(p lms.patron) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT concat_ws(' ', i.forenames, i.surname)
  FROM lms.identity AS i
  WHERE i.patron = p.id AND i.authority = p.authority
$$;

-- Cards, the one to use first.
CREATE FUNCTION desk.cards(patron bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('number', c.number, 'issued_on', c.issued_on, 'status', c.status)
    ORDER BY c.status = 'active' DESC, c.issued_on DESC NULLS LAST, c.number), '[]')
  FROM lms.card AS c
  WHERE c.patron = cards.patron
$$;

-- What opens the account, never the secret itself.
CREATE FUNCTION desk.password_state(patron bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'state', CASE
      WHEN p.login = 'external' THEN 'external'
      WHEN c.locked_until > patronctl.clock() THEN 'locked'
      WHEN c.one_time_until IS NOT NULL THEN 'one_time'
      WHEN c.secret_hash IS NOT NULL THEN 'own'
      ELSE 'card'
    END,
    'since', c.set_at,
    'expires_at', c.one_time_until,
    'expired', coalesce(c.one_time_until < patronctl.clock(), FALSE))
  FROM lms.patron AS p
  LEFT JOIN lms.credential AS c ON c.patron = p.id AND c.authority = p.authority
  WHERE p.id = password_state.patron
$$;

-- Everything the desk needs about one patron. with_fees adds every fee that is still owed.
CREATE FUNCTION desk.show_patron(access bigint, with_fees boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'show_patron');
  p lms.patron;
  i lms.identity;
BEGIN
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  IF p.status = 'erased' THEN
    RETURN jsonb_build_object(
      'patron', p.id, 'authority', p.authority, 'branch', p.branch, 'category', p.category, 'status', p.status,
      'verdict', 'refuse', 'reasons', ARRAY['erased'], 'erasure', desk.erasure_json(p.id), 'facts', a.facts, 'access', a.id);
  END IF;
  SELECT * INTO i FROM lms.identity AS r WHERE r.patron = p.id AND r.authority = p.authority;
  RETURN desk.patron_core(p, i, a.facts)
    || (SELECT jsonb_build_object('verdict', v.verdict, 'reasons', v.reasons, 'debts', v.debts)
        FROM desk.verdicts(a.patrons, a.authority, desk.at_places(a.patrons, a.lost_cards)) AS v)
    || jsonb_build_object(
      'memberships', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'authority', m.authority, 'basis', m.basis, 'joined_on', m.joined_on, 'expires_on', m.expires_on
        ) ORDER BY m.authority, m.basis), '[]')
        FROM lms.membership AS m WHERE m.patron = p.id),
      'blocks', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', b.id, 'authority', b.authority, 'level', b.level, 'reason_code', b.reason_code, 'placed_on', b.placed_on
        ) ORDER BY b.placed_on, b.id), '[]')
        FROM lms.block AS b
        WHERE b.patron = p.id AND (b.lifted_on IS NULL OR b.lifted_on > patronctl.today(b.authority))),
      'loans', desk.active_loans(p.id, a.facts),
      'password', desk.password_state(p.id),
      'joining_consent', desk.joining_consent(p, coalesce(a.authority, p.authority)),
      'access', a.id)
    || CASE WHEN a.facts THEN jsonb_build_object('cards', '[]'::jsonb, 'addresses', '[]'::jsonb) ELSE jsonb_build_object(
      'cards', desk.cards(p.id),
      'addresses', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'kind', d.kind, 'place', d.place, 'lines', coalesce(d.lines, ''), 'town', coalesce(d.town, ''),
          'postcode', coalesce(d.postcode, ''), 'country', coalesce(d.country, '')
        ) ORDER BY d.kind, d.place), '[]')
        FROM lms.address AS d WHERE d.patron = p.id AND d.authority = p.authority),
      'guardian', coalesce(i.guardian, ''),
      'language', coalesce(i.language, ''),
      'document_number', coalesce(i.document_number, ''))
    END
    || CASE WHEN with_fees THEN jsonb_build_object('fees', desk.owed_fees(p.id)) ELSE '{}' END;
END
$$;

-- What somebody has borrowed now. A title is no personal value, but which title somebody has is: facts leave it out.
CREATE FUNCTION desk.active_loans(patron bigint, facts boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', l.id, 'barcode', CASE WHEN facts THEN '' ELSE t.barcode END, 'title', CASE WHEN facts THEN '' ELSE t.title END,
    'authority', l.authority, 'branch', l.branch, 'lent_at', l.lent_at, 'due_at', l.due_at, 'renewals', l.renewals,
    'overdue', coalesce(l.due_at < patronctl.clock(), FALSE)
  ) ORDER BY l.due_at, l.id), '[]')
  FROM lms.loan AS l
  JOIN lms.item AS t ON t.id = l.item
  WHERE l.patron = active_loans.patron
    AND l.returned_at IS NULL
$$;

CREATE FUNCTION desk.owed_fees(patron bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', f.id, 'authority', f.authority, 'currency', c.currency, 'kind', f.kind, 'amount', f.amount::text,
    'outstanding', (f.amount - f.paid)::numeric(12, 2)::text, 'raised_on', f.raised_on
  ) ORDER BY f.raised_on, f.id), '[]')
  FROM (
    SELECT r.*, coalesce((SELECT sum(y.amount) FROM lms.payment AS y WHERE (y.patron, y.fee) = (r.patron, r.id)), 0) AS paid
    FROM lms.fee AS r
    WHERE r.patron = owed_fees.patron
  ) AS f
  JOIN lms.authority AS c ON c.code = f.authority
  WHERE f.amount <> f.paid
$$;
