-- Requests of people about their data: opened at a desk, decided by officers, each with the clock of its law.

-- A request as people read it.
CREATE FUNCTION desk.request_json(r patronctl.request) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'request', r.id, 'authority', r.authority, 'kind', r.kind, 'patron', r.patron,
      'home', coalesce((SELECT p.authority FROM lms.patron AS p WHERE p.id = r.patron), ''), 'law', r.law, 'received_on', r.received_on,
      'matter', coalesce(o.reason, ''), 'state', c.state, 'due_on', c.due_on, 'days_left', c.days_left,
      'overdue', coalesce(c.state = 'open' AND c.days_left < 0, FALSE), 'late', coalesce(c.closed_on > c.due_on, FALSE),
      'paused_days', c.paused_days, 'waits_for', coalesce(c.waits_for, ''), 'extended_because', coalesce(c.extended_because, ''),
      'closed_on', c.closed_on, 'outcome', coalesce(c.outcome, ''), 'ground', coalesce(c.ground, ''),
      'answers', (
        SELECT coalesce(jsonb_agg(s.access ORDER BY s.number), '[]')
        FROM patronctl.request_step AS s
        WHERE s.request = r.id AND s.step IN ('export', 'erase')))
    FROM desk.request_clock(r) AS c
    JOIN patronctl.access AS o ON o.id = r.access
  );
END
$$;

-- Everything that was done about a request: who, when, what, for which matter.
CREATE FUNCTION desk.request_history(r patronctl.request) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_agg(jsonb_build_object(
    'step', s.step, 'at', s.at, 'on', s.on_day, 'because', coalesce(s.because, ''), 'outcome', coalesce(s.outcome, ''),
    'login', a.login, 'matter', coalesce(a.reason, ''), 'access', s.access
  ) ORDER BY s.number)
  FROM (
    SELECT 0 AS number, r.access, r.opened_at AS at, 'open' AS step, r.received_on AS on_day, NULL AS because, NULL AS outcome
    UNION ALL
    SELECT t.number, t.access, t.at, t.step, t.on_day, t.because, t.outcome FROM patronctl.request_step AS t WHERE t.request = r.id
  ) AS s
  JOIN patronctl.access AS a ON a.id = s.access
$$;

CREATE FUNCTION desk.require_word(what text, word text, accepted text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT coalesce(word = ANY (accepted), FALSE) THEN
    PERFORM desk.fail('LB400', '{what}: use one of {accepted}',
      params => jsonb_build_object('what', what, 'accepted', array_to_string(accepted, ', ')));
  END IF;
END
$$;

-- A request that this login may see: at the authority that was asked, which decides it, and as an officer of the person's
-- home, where alone the export or the erasure that answers it can be made.
CREATE FUNCTION desk.require_request(number bigint, operation text) RETURNS patronctl.request
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.request;
BEGIN
  SELECT * INTO r FROM patronctl.request AS q WHERE q.id = number;
  IF r.id IS NOT NULL AND desk.administers(operation, r.authority) THEN
    RETURN r;
  ELSIF r.id IS NULL OR NOT desk.is_answered_by(r, desk.authorities_at('request decide', NULL)) THEN
    PERFORM desk.fail('LB404', 'no request {number} of your authority',
      'see patronctl request list --all', jsonb_build_object('number', number));
  ELSIF operation = 'request decide' THEN
    PERFORM desk.fail('LB403', 'request {request} was made to {authority}, whose officers decide it',
      'what it asks for is done here, with --request {request}: patronctl export, patronctl patron erase',
      jsonb_build_object('request', r.id, 'authority', r.authority));
  END IF;
  RETURN r;
END
$$;

-- Whether the person whom a request is about is at home at one of these authorities.
CREATE FUNCTION desk.is_answered_by(r patronctl.request, authorities text[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM lms.patron AS p WHERE p.id = r.patron AND p.authority = ANY (authorities))
$$;

-- One that is still open, held until the end of the transaction.
CREATE FUNCTION desk.require_open_request(number bigint, operation text) RETURNS patronctl.request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.request := desk.require_request(number, operation);
  c record;
BEGIN
  PERFORM FROM patronctl.request AS q WHERE q.id = r.id FOR UPDATE;
  c := desk.request_clock(r);
  IF c.state = 'closed' THEN
    PERFORM desk.fail('LB409', 'request {request} was closed on {day}',
      'see patronctl request show {request}', jsonb_build_object('request', r.id, 'day', c.closed_on));
  END IF;
  RETURN r;
END
$$;

CREATE FUNCTION desk.add_step(r patronctl.request, access bigint, step text, on_day date, because text, outcome text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.request_step (request, number, access, at, step, on_day, because, outcome)
  SELECT r.id, count(*) + 1, add_step.access, patronctl.clock(), add_step.step, add_step.on_day, add_step.because, add_step.outcome
  FROM patronctl.request_step AS s
  WHERE s.request = r.id
$$;

-- What a write about a request returns.
CREATE FUNCTION desk.decided(r patronctl.request, access bigint, counts jsonb) RETURNS jsonb
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT desk.record_result(access, jsonb_build_object('request', r.id) || counts);
  SELECT desk.request_json(r) || jsonb_build_object('receipt', desk.receipt(access));
$$;

-- Opens a request to an authority: the one given, else the patron's home, else the only one of this login. Whose home it is
-- does not matter: people ask where they are.
CREATE FUNCTION desk.open_request(access bigint, kind text, received date, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'open_request', TRUE);
  home  text := (SELECT p.authority FROM lms.patron AS p WHERE p.id = a.patrons[1]);
  code  text;
  day   date;
  known bigint;
  r     patronctl.request;
BEGIN
  PERFORM desk.require_word('the kind of a request', kind, '{access,portability,erasure,rectification,objection}');
  PERFORM desk.require_authority(authority);
  code := coalesce(authority, CASE WHEN home IS NOT NULL AND desk.administers(a.operation, home) THEN home END,
    desk.only_authority(a.operation));
  IF code IS NULL THEN
    PERFORM desk.fail('LB400', 'which authority was asked?', 'name it: --authority A');
  ELSIF NOT desk.administers(a.operation, code) THEN
    PERFORM desk.fail('LB403', 'requests to {authority} are opened by its own staff',
      params => jsonb_build_object('authority', code));
  ELSIF received IS NULL THEN
    PERFORM desk.fail('LB400', 'when was the request received?', 'say it: --received 2026-01-31, or today');
  END IF;
  day := desk.day_at(code, received, (patronctl.today(code) - interval '10 years')::date);
  IF a.patrons <> '{}' THEN
    PERFORM lms.lock_patron(a.patrons[1]);
    PERFORM desk.refuse_erased(a.patrons[1]); -- while this waited for the lock
  END IF;
  SELECT q.id INTO known
  FROM patronctl.request AS q
  WHERE q.patron = a.patrons[1] AND q.authority = code AND q.kind = open_request.kind AND q.received_on = day
    AND NOT EXISTS (SELECT FROM patronctl.request_step AS s WHERE s.request = q.id AND s.step = 'close');
  IF known IS NOT NULL THEN
    PERFORM desk.fail('LB409', 'this is request {request} already',
      'see patronctl request show {request}', jsonb_build_object('request', known));
  END IF;
  INSERT INTO patronctl.request AS q (access, patron, authority, kind, law, received_on, opened_at)
  VALUES (a.id, a.patrons[1], code, open_request.kind, desk.setting('law', code), day, patronctl.clock())
  RETURNING q.* INTO r;
  RETURN desk.decided(r, a.id, jsonb_build_object('kind', kind, 'authority', code));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the request could not be opened', SQLSTATE);
END
$$;

-- The requests to the authorities of this login, or to one of them, and for officers those about its patrons, wherever they
-- asked: overdue first, then by the days left, then what is closed.
CREATE FUNCTION desk.list_requests(access bigint, authority text, closed boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mine  text[];
  homes text[];
BEGIN
  PERFORM desk.use_access(access, 'list_requests');
  PERFORM desk.require_reach('request list', list_requests.authority);
  mine := desk.authorities_at('request list', list_requests.authority);
  homes := desk.authorities_at('request decide', list_requests.authority);
  RETURN (
    SELECT coalesce(jsonb_agg(j.request ORDER BY j.request ->> 'state' = 'closed', (j.request ->> 'overdue')::boolean DESC,
      (j.request ->> 'days_left')::integer, j.request ->> 'closed_on' DESC, j.id), '[]')
    FROM (
      SELECT r.id, desk.request_json(r) AS request
      FROM patronctl.request AS r
      WHERE (r.authority = ANY (mine) OR desk.is_answered_by(r, homes))
        AND (closed OR NOT EXISTS (SELECT FROM patronctl.request_step AS s WHERE s.request = r.id AND s.step = 'close'))
      OFFSET 0 -- once
    ) AS j
  );
END
$$;

CREATE FUNCTION desk.show_request(access bigint, request bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.request;
BEGIN
  PERFORM desk.use_access(access, 'show_request');
  r := desk.require_request(request, 'request list');
  RETURN desk.request_json(r) || jsonb_build_object('history', desk.request_history(r));
END
$$;
