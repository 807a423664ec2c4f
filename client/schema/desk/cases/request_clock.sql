-- The clock of a request, and what officers may do about it. Days are those of the authority.

-- The last day to answer: the same day of a later month, or its last day where it has none, and the days of pauses after
-- that. A weekend moves it to Monday (Regulation 1182/71, article 3(4)); public holidays are not known here: where one
-- follows, the law allows a day more.
CREATE FUNCTION desk.deadline(received_on date, months integer, paused_days integer) RETURNS date
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT d.day + CASE extract(isodow FROM d.day) WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END
  FROM (SELECT (received_on + make_interval(months => months))::date + paused_days) AS d(day)
$$;

-- Where a request stands today. A paused one has days left and no last day; a closed one the last day it had.
CREATE FUNCTION desk.request_clock(
  r patronctl.request,
  OUT state text, OUT due_on date, OUT days_left integer, OUT paused_days integer, OUT paused_on date, OUT waits_for text,
  OUT extended_because text, OUT closed_on date, OUT outcome text, OUT ground text
)
LANGUAGE plpgsql STABLE -- which keeps its plan from one request of a list to the next
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT
    CASE WHEN c.outcome IS NOT NULL THEN 'closed' WHEN p.since IS NOT NULL THEN 'paused' ELSE 'open' END,
    CASE WHEN p.since IS NULL THEN d.due_on END,
    CASE WHEN c.outcome IS NULL THEN d.due_on - coalesce(p.since, patronctl.today(r.authority)) END,
    p.days, p.since, p.waits_for, e.because, c.on_day, c.outcome, c.because
  INTO state, due_on, days_left, paused_days, paused_on, waits_for, extended_because, closed_on, outcome, ground
  FROM (
    SELECT coalesce(sum(b.ended_on - b.on_day), 0)::integer AS days,
      max(b.on_day) FILTER (WHERE b.ended_on IS NULL) AS since,
      max(b.because) FILTER (WHERE b.ended_on IS NULL) AS waits_for
    FROM (
      SELECT s.step, s.on_day, s.because, lead(s.on_day) OVER (ORDER BY s.number) AS ended_on
      FROM patronctl.request_step AS s
      WHERE s.request = r.id AND s.step IN ('pause', 'resume', 'close')
    ) AS b
    WHERE b.step = 'pause'
  ) AS p
  LEFT JOIN patronctl.request_step AS e ON e.request = r.id AND e.step = 'extend'
  LEFT JOIN patronctl.request_step AS c ON c.request = r.id AND c.step = 'close',
    LATERAL (SELECT desk.deadline(r.received_on, CASE WHEN e.request IS NULL THEN 1 ELSE 3 END, p.days) AS due_on) AS d;
END
$$;

-- The day that something happened at an authority: 'infinity' and NULL are today. Not before `earliest`, never in the future.
CREATE FUNCTION desk.day_at(authority text, asked date, earliest date) RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  today date := patronctl.today(authority);
  day   date := coalesce(nullif(asked, 'infinity'), today);
BEGIN
  IF day > today THEN
    PERFORM desk.fail('LB400', 'that day is in the future; at {authority} it is {day}',
      params => jsonb_build_object('authority', authority, 'day', today));
  ELSIF day < earliest THEN
    PERFORM desk.fail('LB400', 'that day is too early; the first possible is {day}',
      params => jsonb_build_object('day', earliest));
  END IF;
  RETURN day;
END
$$;

-- Stops the clock while the person proves who they are or says what they want, where the law knows such a pause.
CREATE FUNCTION desk.pause_request(access bigint, request bigint, waits_for text, day date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'pause_request', TRUE);
  r     patronctl.request := desk.require_open_request(request, 'request decide');
  c     record := desk.request_clock(r);
BEGIN
  PERFORM desk.require_word('what a request is paused for', waits_for, '{identity,clarification}');
  IF r.law <> 'uk' THEN
    PERFORM desk.fail('LB409', 'request {request} is under the law "{law}", which knows no pause: the month goes on (GDPR art. 12(3))',
      'it can be extended within the first month: patronctl request extend {request} --because complexity',
      jsonb_build_object('request', r.id, 'law', r.law));
  ELSIF c.state = 'paused' THEN
    PERFORM desk.fail('LB409', 'request {request} is paused already, since {day}',
      'patronctl request resume {request}', jsonb_build_object('request', r.id, 'day', c.paused_on));
  END IF;
  day := desk.day_at(r.authority, day, coalesce(
    (SELECT max(s.on_day) FROM patronctl.request_step AS s WHERE s.request = r.id AND s.step = 'resume'), r.received_on));
  IF day > c.due_on THEN
    PERFORM desk.fail('LB409', 'the time of request {request} ran out on {day}: there is nothing left to pause',
      'answer it', jsonb_build_object('request', r.id, 'day', c.due_on));
  END IF;
  PERFORM desk.add_step(r, a.id, 'pause', day, waits_for, NULL);
  RETURN desk.decided(r, a.id, jsonb_build_object('step', 'pause', 'because', waits_for));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the request could not be paused', SQLSTATE);
END
$$;

CREATE FUNCTION desk.resume_request(access bigint, request bigint, day date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'resume_request', TRUE);
  r patronctl.request := desk.require_open_request(request, 'request decide');
  c record := desk.request_clock(r);
BEGIN
  IF c.state <> 'paused' THEN
    PERFORM desk.fail('LB409', 'request {request} is not paused',
      'see patronctl request show {request}', jsonb_build_object('request', r.id));
  END IF;
  PERFORM desk.add_step(r, a.id, 'resume', desk.day_at(r.authority, day, c.paused_on), NULL, NULL);
  RETURN desk.decided(r, a.id, jsonb_build_object('step', 'resume'));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the request could not be resumed', SQLSTATE);
END
$$;

-- Two further months, once, decided and told to the person within the first one.
CREATE FUNCTION desk.extend_request(access bigint, request bigint, because text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'extend_request', TRUE);
  r patronctl.request := desk.require_open_request(request, 'request decide');
  c record := desk.request_clock(r);
BEGIN
  PERFORM desk.require_word('why a request takes longer', because, '{complexity,number}');
  IF c.extended_because IS NOT NULL THEN
    PERFORM desk.fail('LB409', 'request {request} was extended before, and can be once',
      'answer it', jsonb_build_object('request', r.id));
  ELSIF c.days_left < 0 THEN
    PERFORM desk.fail('LB409', 'the first month of request {request} ended on {day}; it can be extended only within that',
      'answer it', jsonb_build_object('request', r.id, 'day', c.due_on));
  END IF;
  PERFORM desk.add_step(r, a.id, 'extend', patronctl.today(r.authority), because, NULL);
  RETURN desk.decided(r, a.id, jsonb_build_object('step', 'extend', 'because', because));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the request could not be extended', SQLSTATE);
END
$$;
