-- Erasing people, and the ledger of it.

-- Erases patrons who are locked already, for a rule or a request, and enters them into the ledger. Its numbers have no gaps,
-- so that a restored backup can be told from the database it was taken of.
CREATE FUNCTION desk.erase(patrons bigint[], rule text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  head    bigint;
  entered bigint; -- not cardinality(patrons): a list may name somebody twice
BEGIN
  PERFORM lms.erase_patrons(patrons);
  UPDATE patronctl.imported_patron SET id = NULL WHERE id = ANY (patrons);
  SELECT l.number INTO STRICT head FROM patronctl.ledger AS l FOR UPDATE;
  INSERT INTO patronctl.erasure (number, patron, authority, rule, at)
  SELECT head + row_number() OVER (ORDER BY p.id), p.id, p.authority, erase.rule, (SELECT patronctl.clock())
  FROM lms.patron AS p
  WHERE p.id = ANY (patrons);
  GET DIAGNOSTICS entered = ROW_COUNT;
  UPDATE patronctl.ledger SET number = head + entered;
END
$$;

-- What erasing one person takes away, what the law keeps, and what would have forbidden it: waived, or a bar to rules only.
CREATE FUNCTION desk.erasure_forecast(patron bigint, request bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'patron', p.id, 'authority', p.authority,
    'goes', (
      SELECT coalesce(jsonb_object_agg(g.relation, g.held), '{}') FROM lms.personal_rows(p.id) AS g WHERE g.held > 0),
    'despite', (
      SELECT coalesce(jsonb_agg(o.reason ORDER BY o.reason), '[]') || CASE WHEN p.protected THEN '["protected"]' ELSE '[]' END::jsonb
      FROM desk.obstacles(ARRAY[p.id], '{}', NULL, request) AS o),
    'wards', (SELECT count(*) FROM lms.patron AS w WHERE w.guardian_patron = p.id),
    'stays', jsonb_build_object(
      'loans', (SELECT count(*) FROM lms.loan AS l WHERE l.patron = p.id),
      'holds', (SELECT count(*) FROM lms.hold AS h WHERE h.patron = p.id),
      'fees', (SELECT count(*) FROM lms.fee AS f WHERE f.patron = p.id),
      'payments', (SELECT count(*) FROM lms.payment AS y WHERE y.patron = p.id AND y.paid_by IS NULL OR y.paid_by = p.id)))
  FROM lms.patron AS p
  WHERE p.id = erasure_forecast.patron
$$;

-- Refuses to erase somebody, with every reason at once. The officer may waive what is owed to the home authority. A request
-- that it is done for must be one to be erased, or an objection, of that very person.
CREATE FUNCTION desk.require_erasable(patron bigint, waived text[], request bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  reasons text;
  owed    text; -- of these, what the home authority can waive
BEGIN
  IF NOT coalesce(waived <@ '{loans,reservations,orders,fees,memberships}', FALSE) THEN
    PERFORM desk.fail('LB400', 'what can be waived: loans, reservations, orders, fees, memberships');
  END IF;
  PERFORM desk.refuse_erased(patron);
  IF request IS NOT NULL THEN
    PERFORM desk.require_answerable(request, patron, '{erasure,objection}');
  END IF;
  SELECT string_agg(replace(o.reason, ' ', ' at '), ', ' ORDER BY o.reason),
    string_agg(DISTINCT replace(split_part(o.reason, ' ', 1), 'credit', 'fees'), ',') FILTER (
      WHERE split_part(o.reason, ' ', 2) = p.authority AND split_part(o.reason, ' ', 1) NOT IN ('request', 'disclosure'))
  INTO reasons, owed
  FROM lms.patron AS p, desk.obstacles(ARRAY[p.id], waived, p.authority, request) AS o
  WHERE p.id = require_erasable.patron;
  IF reasons IS NOT NULL THEN
    PERFORM desk.fail('LB409', 'this account cannot be erased: {reasons}', concat_ws('; ', 'settle these first',
        CASE WHEN reasons LIKE '%request at %' THEN 'or erase for the request: --request N' END,
        CASE WHEN owed <> '' THEN 'the home can waive its own: --despite {waived}' END),
      jsonb_build_object('reasons', reasons, 'waived', array_to_string(waived || nullif(owed, ''), ',')));
  END IF;
END
$$;

CREATE FUNCTION desk.preview_erase(access bigint, waived text[], request bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'preview_erase');
  p lms.patron;
BEGIN
  PERFORM desk.require_erasable(a.patrons[1], waived, request);
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  RETURN desk.erasure_forecast(p.id, request) || jsonb_build_object('name', desk.full_name(p), 'request', request, 'access', a.id);
END
$$;

-- Erases one person on request: the same work as a rule's, after a last look that waits for nobody. With the number of the
-- request, that request may be closed as granted.
CREATE FUNCTION desk.erase_patron(access bigint, waived text[], request bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'erase_patron', TRUE);
  forecast jsonb;
BEGIN
  IF NOT EXISTS (SELECT lms.lock_patrons(a.patrons, TRUE)) THEN
    PERFORM desk.fail('LB423', 'somebody else is working on this account', 'try again in a moment');
  END IF;
  PERFORM desk.require_erasable(a.patrons[1], waived, request);
  forecast := desk.erasure_forecast(a.patrons[1], request) || jsonb_build_object('request', request);
  PERFORM desk.erase(a.patrons, 'request');
  PERFORM desk.add_step(r, a.id, 'erase', patronctl.today(r.authority), NULL, NULL)
  FROM patronctl.request AS r
  WHERE r.id = erase_patron.request;
  PERFORM desk.record_result(a.id, forecast - 'patron');
  RETURN forecast || jsonb_build_object('erasure', desk.erasure_json(a.patrons[1]), 'access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the account could not be erased', SQLSTATE);
END
$$;

-- An account may be erased between the opening of an access and its use, and while a writing call waits for it.
CREATE FUNCTION desk.refuse_erased(patron bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM lms.patron AS p WHERE p.id = refuse_erased.patron AND p.status = 'erased') THEN
    PERFORM desk.fail('LB409', 'the account was erased and cannot be opened');
  END IF;
END
$$;

-- What remains to be told of an erased account: when and why, since when no file of the server holds the values, and the
-- day from which no backup does.
CREATE FUNCTION desk.erasure_json(patron bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'number', e.number, 'rule', e.rule, 'erased_at', e.at, 'scrubbed_at', e.scrubbed_at,
    'backups_clean_on', ((e.scrubbed_at AT TIME ZONE h.time_zone)::date + desk.setting('backup_days', p.authority)::integer))
  FROM lms.patron AS p
  JOIN lms.authority AS h ON h.code = p.authority
  LEFT JOIN patronctl.erasure AS e ON e.patron = p.id
  WHERE p.id = erasure_json.patron
$$;
