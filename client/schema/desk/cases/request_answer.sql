-- What is done for a request, its end, and what nothing may be done to meanwhile.

-- What is granted was done: the export or the erasure is linked, or the ground says that it was done otherwise.
CREATE FUNCTION desk.close_request(access bigint, request bigint, outcome text, ground text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'close_request', TRUE);
  r patronctl.request := desk.require_open_request(request, 'request decide');
BEGIN
  PERFORM desk.require_word('the outcome of a request', outcome, '{granted,refused,withdrawn}');
  IF outcome = 'refused' THEN
    PERFORM desk.require_word('the ground of a refusal (--ground)', ground,
      '{unfounded,excessive,identity,not-held,not-applicable,others-rights,legal-duty,public-task,claims,overriding-grounds}');
  ELSIF ground IS NOT NULL AND NOT (outcome = 'granted' AND ground = 'other-means') THEN
    PERFORM desk.fail('LB400', CASE outcome
        WHEN 'granted' THEN 'a request is granted without a ground, or with other-means'
        ELSE 'a request is {outcome} without a ground'
      END, params => jsonb_build_object('outcome', outcome));
  ELSIF outcome = 'granted' AND ground IS NULL AND r.patron IS NOT NULL AND r.kind IN ('access', 'portability', 'erasure')
    AND NOT EXISTS (SELECT FROM patronctl.request_step AS s WHERE s.request = r.id AND s.step IN ('export', 'erase')) THEN
    PERFORM desk.fail('LB409', 'nothing was done for request {request} yet', CASE r.kind
        WHEN 'erasure' THEN 'do it first: patronctl patron erase id:{patron} --request {request}; '
        ELSE 'do it first: patronctl export id:{patron} --request {request} --scope {kind} --to FILE; '
      END || 'what was done otherwise is closed with --ground other-means',
      jsonb_build_object('request', r.id, 'patron', r.patron, 'kind', r.kind));
  END IF;
  PERFORM desk.add_step(r, a.id, 'close', patronctl.today(r.authority), ground, outcome);
  RETURN desk.decided(r, a.id, jsonb_build_object('step', 'close', 'outcome', outcome, 'ground', ground));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the request could not be closed', SQLSTATE);
END
$$;

-- Refuses to do something for a request that is about somebody else or something else, closed, or paused. Whoever may do it
-- to the person may do it for the request.
CREATE FUNCTION desk.require_answerable(number bigint, patron bigint, kinds text[]) RETURNS patronctl.request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.request;
  c record;
BEGIN
  SELECT * INTO r FROM patronctl.request AS q WHERE q.id = number FOR UPDATE;
  IF r.id IS NULL THEN
    PERFORM desk.fail('LB404', 'no request {number}',
      'see patronctl request list', jsonb_build_object('number', number));
  ELSIF r.patron IS DISTINCT FROM require_answerable.patron THEN
    PERFORM desk.fail('LB409', 'request {request} is not about this person',
      'see patronctl request list', jsonb_build_object('request', r.id));
  ELSIF r.kind <> ALL (kinds) THEN
    PERFORM desk.fail('LB409', 'request {request} is about {kind}, and this would answer {kinds}',
      'see patronctl request show {request}',
      jsonb_build_object('request', r.id, 'kind', r.kind, 'kinds', array_to_string(kinds, ' or ')));
  END IF;
  c := desk.request_clock(r);
  IF c.state <> 'open' THEN
    PERFORM desk.fail('LB409', 'request {request} is {state}', CASE c.state
        WHEN 'paused' THEN 'it waits for {because}; then: patronctl request resume {request}'
        ELSE 'open another one'
      END, jsonb_build_object('request', r.id, 'state', c.state, 'because', c.waits_for));
  END IF;
  RETURN r;
END
$$;

-- Links an export to the request it was made for, once it is written; a dry run tells beforehand whether that can be done.
CREATE FUNCTION desk.answer_request(access bigint, request bigint, scope text, dry_run boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'answer_request', dry_run IS NOT TRUE);
  r patronctl.request;
BEGIN
  PERFORM desk.require_word('the scope of an export', scope, '{access,portability}');
  r := desk.require_answerable(request, a.patrons[1], ARRAY[scope]);
  IF dry_run THEN
    RETURN desk.request_json(r);
  END IF;
  PERFORM desk.add_step(r, a.id, 'export', patronctl.today(r.authority), NULL, NULL);
  RETURN desk.decided(r, a.id, jsonb_build_object('scope', scope));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the export could not be linked', SQLSTATE);
END
$$;

-- What preserves accounts: open requests, but the one that something is done for, and disclosures that a second officer must
-- agree to.
CREATE FUNCTION desk.preserving(done_for bigint) RETURNS TABLE (patron bigint, reason text, number bigint, kind text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.patron, 'request ' || r.authority, r.id, r.kind
  FROM patronctl.request AS r
  WHERE r.patron IS NOT NULL
    AND r.id IS DISTINCT FROM done_for
    AND NOT EXISTS (SELECT FROM patronctl.request_step AS s WHERE s.request = r.id AND s.step = 'close')
  UNION ALL
  SELECT d.patron, 'disclosure ' || d.authority, d.id, 'disclosure'
  FROM patronctl.disclosure AS d
  WHERE d.needs_second
    AND NOT EXISTS (SELECT FROM patronctl.disclosure_step AS s WHERE s.disclosure = d.id)
$$;

-- The same, one row a patron.
CREATE FUNCTION desk.preserved() RETURNS TABLE (patron bigint, reasons text[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT k.patron, array_agg(DISTINCT k.reason ORDER BY k.reason)
  FROM desk.preserving(NULL) AS k
  GROUP BY k.patron
$$;

-- Refuses to take away by hand what somebody has asked to see, or what is about to be disclosed. A request to be erased, to be
-- corrected or an objection forbids no desk to anonymize a history; rules leave everybody alone who has asked for anything.
CREATE FUNCTION desk.require_history_free(patron bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k record;
BEGIN
  SELECT * INTO k
  FROM desk.preserving(NULL) AS o
  WHERE o.patron = require_history_free.patron AND o.kind IN ('access', 'portability', 'disclosure')
  ORDER BY o.number
  LIMIT 1;
  IF FOUND AND k.kind = 'disclosure' AND NOT EXISTS (SELECT FROM desk.my_rights('disclosure list')) THEN
    PERFORM desk.fail('LB409', 'the history is kept for now', 'ask an officer'); -- and nobody is warned
  ELSIF FOUND THEN
    PERFORM desk.fail('LB409', 'the history is kept for {matter} {number}',
      'an officer deals with it first: patronctl {matter} show {number}',
      jsonb_build_object('matter', split_part(k.reason, ' ', 1), 'number', k.number));
  END IF;
END
$$;
