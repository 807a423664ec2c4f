-- Running a plan: in batches, each one transaction, by whoever holds the plan.

-- The next patrons of a plan that are still to do: of its first unfinished part, by number.
CREATE FUNCTION desk.next_of_plan(plan bigint, most integer) RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT i.patron
    FROM (
      SELECT * FROM patronctl.plan_part AS u WHERE u.plan = next_of_plan.plan AND NOT u.finished ORDER BY u.part LIMIT 1
    ) AS p, LATERAL (
      SELECT t.patron
      FROM patronctl.plan_item AS t
      WHERE t.plan = p.plan AND t.part = p.part AND t.patron > p.done_to AND t.reasons IS NULL
      ORDER BY t.patron
      LIMIT most
    ) AS i
    ORDER BY i.patron
  )
$$;

-- Whether the nightly job may do a plan: its rules are in force, or it is for a date and was approved.
CREATE FUNCTION desk.is_for_the_night(l patronctl.plan) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT bool_and(CASE
    WHEN p.conditions ->> 'name' IS NULL THEN l.approved_at IS NOT NULL
    ELSE EXISTS (SELECT FROM patronctl.rule_in_force AS f WHERE f.rule = p.conditions ->> 'name' AND f.authority = p.authority)
  END)
  FROM patronctl.plan_part AS p
  WHERE p.plan = l.id
$$;

-- Refuses a plan that may not be run: done, waiting for approval, changed since it was frozen, or not for the nightly job.
CREATE FUNCTION desk.require_runnable(l patronctl.plan, operation text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF l.state <> 'open' THEN
    PERFORM desk.fail('LB409', 'plan {plan} is {state}',
      'see what it did: patronctl retention plan show {plan}', jsonb_build_object('plan', l.id, 'state', l.state));
  ELSIF l.needs_approval IS NOT NULL AND l.approved_at IS NULL THEN
    PERFORM desk.fail('LB409', 'plan {plan} needs the approval of another officer: {because}',
      'another officer runs: patronctl retention approve {plan} --hash {hash}',
      jsonb_build_object('plan', l.id, 'because', l.needs_approval, 'hash', l.hash));
  ELSIF desk.plan_hash(l.id) IS DISTINCT FROM l.hash THEN
    PERFORM desk.fail('LB409', 'plan {plan} is not the list that was frozen',
      'find out who changed it, and make a new plan', jsonb_build_object('plan', l.id));
  ELSIF operation = 'retention run due' AND NOT desk.is_for_the_night(l) THEN
    PERFORM desk.fail('LB409', 'a rule of plan {plan} is not in force',
      'an officer runs it: patronctl retention run {plan}', jsonb_build_object('plan', l.id));
  END IF;
END
$$;

-- Takes hold of a plan. Whoever holds it is named to others until 30 seconds after the last batch, or until that server
-- process is gone; then the plan can be taken over where it stopped.
CREATE FUNCTION desk.start_run(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'start_run', TRUE);
  l      patronctl.plan := desk.require_plan(a.subject);
  holder patronctl.run;
  number bigint;
BEGIN
  -- A batch holds the plan while it works, however long that takes.
  SELECT * INTO l FROM patronctl.plan AS o WHERE o.id = a.subject FOR UPDATE SKIP LOCKED;
  SELECT * INTO holder FROM patronctl.run AS r WHERE r.plan = a.subject AND r.ended_at IS NULL;
  IF l.id IS NULL
    OR holder.renewed_at > clock_timestamp() - interval '30 seconds'
      AND EXISTS (SELECT FROM pg_stat_activity AS s WHERE s.pid = holder.pid) THEN
    PERFORM desk.fail('LB423', 'plan {plan} is being run by {holder} since {since} UTC',
      'wait until it ended',
      jsonb_build_object('plan', a.subject, 'holder', coalesce(holder.login, 'another login'),
        'since', to_char(coalesce(holder.started_at, clock_timestamp()) AT TIME ZONE 'UTC', 'HH24:MI:SS')));
  END IF;
  PERFORM desk.require_runnable(l, a.operation);
  UPDATE patronctl.run AS r SET ended_at = r.renewed_at, outcome = 'broken off' WHERE r.id = holder.id;
  INSERT INTO patronctl.run (plan, login, pid, started_at, renewed_at, remaining)
  SELECT l.id, session_user, pg_backend_pid(), clock_timestamp(), clock_timestamp(), sum(p.todo - p.done - p.left_out)
  FROM patronctl.plan_part AS p
  WHERE p.plan = l.id
  RETURNING id INTO number;
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', l.id, 'run', number));
  RETURN desk.run_json(number);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the run could not be started', SQLSTATE);
END
$$;

CREATE FUNCTION desk.run_json(run bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'run', r.id, 'plan', r.plan, 'login', r.login, 'started_at', r.started_at, 'ended_at', r.ended_at,
    'outcome', coalesce(r.outcome, CASE WHEN r.renewed_at > clock_timestamp() - interval '30 seconds' THEN 'running' ELSE 'broken off' END),
    'done', r.done, 'skipped', r.skipped, 'remaining', r.remaining)
  FROM patronctl.run AS r
  WHERE r.id = run_json.run
$$;

-- Does the patrons of an access: all of the batch, or what of it was not done meanwhile. The progress of the plan is part of
-- the same transaction, so a batch happened completely or not at all.
CREATE FUNCTION desk.run_batch(access bigint, run bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off -- a batch is little of every table, whatever the statistics say
SET enable_bitmapscan = off -- which, when it has many pages to remember, compares all their rows with the whole list
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'run_batch', TRUE);
  mine    patronctl.run;
  p       patronctl.plan_part;
  chunk   bigint[];
  missed  bigint;
  rows    jsonb;
BEGIN
  PERFORM FROM patronctl.plan AS l WHERE l.id = a.subject AND l.state = 'open' FOR UPDATE;
  SELECT * INTO mine
  FROM patronctl.run AS r
  WHERE FOUND AND r.id = run_batch.run AND r.plan = a.subject AND r.login = session_user AND r.ended_at IS NULL
  FOR UPDATE;
  IF mine.id IS NULL THEN
    PERFORM desk.fail('LB423', 'this run of plan {plan} has ended, or somebody else took it over',
      'see who: patronctl retention runs', jsonb_build_object('plan', a.subject));
  END IF;
  SELECT * INTO p FROM patronctl.plan_part AS o WHERE o.plan = a.subject AND NOT o.finished ORDER BY o.part LIMIT 1 FOR UPDATE;
  -- What was opened must be all there is up to its end, or somebody would be passed over: an access of before the last batch,
  -- or of another part, does nothing.
  chunk := ARRAY(
    SELECT i.patron FROM patronctl.plan_item AS i
    WHERE i.plan = p.plan AND i.part = p.part AND i.reasons IS NULL
      AND i.patron > p.done_to AND i.patron <= a.patrons[cardinality(a.patrons)]
    ORDER BY i.patron
    LIMIT cardinality(a.patrons) + 1
  );
  IF chunk IS DISTINCT FROM a.patrons THEN
    chunk := '{}';
  END IF;
  rows := desk.forget(p, chunk);
  SELECT count(*) INTO missed
  FROM patronctl.plan_item AS i
  WHERE i.plan = p.plan AND i.part = p.part AND i.patron = ANY (chunk) AND i.left_out IS NOT NULL
    AND i.patron BETWEEN chunk[1] AND chunk[cardinality(chunk)];
  UPDATE patronctl.plan_part AS o
  SET done_to = coalesce(chunk[cardinality(chunk)], o.done_to),
      done = o.done + cardinality(chunk) - missed,
      left_out = o.left_out + missed,
      finished = o.done + o.left_out + cardinality(chunk) >= o.todo,
      counts = desk.add_counts(o.counts, rows)
  WHERE o.plan = p.plan AND o.part = p.part;
  UPDATE patronctl.run AS r
  SET renewed_at = clock_timestamp(),
      pid = pg_backend_pid(),
      done = r.done + cardinality(chunk) - missed,
      skipped = r.skipped + missed,
      remaining = r.remaining - cardinality(chunk)
  WHERE r.id = mine.id;
  IF NOT EXISTS (SELECT FROM patronctl.plan_part AS o WHERE o.plan = a.subject AND NOT o.finished) THEN
    UPDATE patronctl.plan AS l SET state = 'done' WHERE l.id = a.subject;
    UPDATE patronctl.run AS r SET ended_at = clock_timestamp(), outcome = 'done' WHERE r.id = mine.id;
  END IF;
  PERFORM desk.record_result(a.id, rows || jsonb_build_object('plan', a.subject, 'run', mine.id, 'skipped', missed));
  RETURN desk.run_json(mine.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the batch could not be done', SQLSTATE);
END
$$;

-- Gives a plan up before its end, so that the next run need not wait.
CREATE FUNCTION desk.stop_run(access bigint, run bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'stop_run', TRUE);
BEGIN
  UPDATE patronctl.run AS r
  SET ended_at = clock_timestamp(), outcome = 'stopped'
  WHERE r.id = stop_run.run AND r.plan = a.subject AND r.login = session_user AND r.ended_at IS NULL;
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', a.subject, 'run', stop_run.run, 'stopped', FOUND));
  RETURN coalesce((
    SELECT desk.run_json(r.id) FROM patronctl.run AS r WHERE r.id = stop_run.run AND r.plan = a.subject AND r.login = session_user
  ), '{}');
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the run could not be stopped', SQLSTATE);
END
$$;

-- Plans that are still to do, and runs, newest first, as far as this login may see them. What there was nothing to do for, or
-- gave way to a newer plan, would crowd out the rest: a night makes a plan of every rule.
CREATE FUNCTION desk.list_runs(access bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_runs');
  RETURN (
    SELECT coalesce(jsonb_agg(coalesce(desk.run_json(u.run), '{}') || jsonb_build_object(
      'plan', u.plan, 'state', j.plan -> 'state', 'origin', j.plan -> 'origin', 'made_at', j.plan -> 'made_at',
      'todo', j.plan -> 'todo', 'hash', j.plan -> 'hash',
      'rules', (SELECT jsonb_agg(concat_ws(' ', nullif(t ->> 'rule', ''), t ->> 'authority'))
        FROM jsonb_array_elements(j.plan -> 'parts') AS t)
    ) ORDER BY u.plan DESC, u.run DESC NULLS FIRST), '[]')
    FROM (
      SELECT l.id AS plan, r.id AS run
      FROM patronctl.plan AS l
      LEFT JOIN patronctl.run AS r ON r.plan = l.id
      WHERE l.hash IS NOT NULL
        AND (l.state = 'open' OR r.id IS NOT NULL)
        AND desk.refuses_to_show(l) IS NULL
      ORDER BY l.id DESC, r.id DESC NULLS FIRST
      LIMIT greatest(1, least(1000, most))
    ) AS u, LATERAL (SELECT desk.plan_json(u.plan) AS plan) AS j
  );
END
$$;

CREATE FUNCTION desk.add_counts(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_object_agg(c.name, c.value), '{}')
  FROM (
    SELECT e.key AS name, sum(e.value::bigint) AS value
    FROM (SELECT * FROM jsonb_each_text(one) UNION ALL SELECT * FROM jsonb_each_text(other)) AS e
    GROUP BY e.key
  ) AS c
$$;
