-- Plans: a frozen list of people and what is to be done with them. Nothing here changes the library's data.

CREATE FUNCTION desk.rule_of(part patronctl.plan_part) RETURNS patronctl.rule
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_populate_record(NULL::patronctl.rule, part.conditions)
$$;

CREATE FUNCTION desk.new_plan(origin text) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.plan (origin, made_at, made_by)
  VALUES (new_plan.origin, patronctl.clock(), session_user)
  RETURNING id
$$;

-- Adds what a rule says about an authority to a plan. Closer rules in force there, and those of the same plan, keep their
-- people.
CREATE FUNCTION desk.add_part(plan bigint, r patronctl.rule, authority text, before date, others text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rivals patronctl.rule[] := ARRAY(
    SELECT o
    FROM patronctl.rule AS o
    WHERE o.action = r.action
      AND o.name <> coalesce(r.name, '')
      AND coalesce(o.authority, add_part.authority) = add_part.authority
      AND (o.name = ANY (others)
        OR EXISTS (SELECT FROM patronctl.rule_in_force AS f WHERE f.rule = o.name AND f.authority = add_part.authority))
  );
  number integer := (SELECT coalesce(max(p.part), 0) + 1 FROM patronctl.plan_part AS p WHERE p.plan = add_part.plan);
BEGIN
  INSERT INTO patronctl.plan_part (plan, part, authority, conditions, before)
  VALUES (add_part.plan, number, add_part.authority, to_jsonb(r), CASE WHEN r.action NOT LIKE 'erase-%' THEN add_part.before END);
  IF r.name IS NULL THEN -- a date is nobody's rule, and an answer to somebody who asked
    rivals := '{}';
  END IF;
  IF r.action LIKE 'erase-%' THEN
    INSERT INTO patronctl.plan_item (plan, part, patron, branch, reasons)
    SELECT add_part.plan, number, d.* FROM desk.due_to_erase(r, add_part.authority, rivals, NULL) AS d ORDER BY d.patron;
  ELSIF r.action = 'anonymize-history' THEN
    INSERT INTO patronctl.plan_item (plan, part, patron, branch, reasons)
    SELECT add_part.plan, number, d.* FROM desk.due_to_anonymize(r, add_part.authority, before, rivals) AS d ORDER BY d.patron;
  ELSE
    INSERT INTO patronctl.plan_item (plan, part, patron, branch, reasons)
    SELECT add_part.plan, number, d.* FROM desk.due_to_unlink(r, add_part.authority, before, rivals) AS d ORDER BY d.patron;
  END IF;
END
$$;

-- The day before which a rule's history or accounts are old enough, and not what the authority keeps of history.
CREATE FUNCTION desk.day_of(r patronctl.rule, authority text) RETURNS date
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT least(
    (patronctl.today(authority) - r.age)::date,
    patronctl.today(authority) - desk.setting('history_keep_days', authority)::integer
  )
$$;

-- A hash over what a plan would do, to whom, and whom it leaves out: the same list has the same hash. Summed up in portions,
-- so that a country's plan needs no more memory than a small one.
CREATE FUNCTION desk.plan_hash(plan bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT left(encode(sha256(convert_to(jsonb_agg(jsonb_build_array(
    p.part, p.authority, p.conditions, p.before, (
      SELECT encode(sha256(string_agg(portion.hash, '' ORDER BY portion.number)), 'hex')
      FROM (
        SELECT i.patron / 1000 AS number,
          sha256(convert_to(string_agg(concat_ws(' ', i.patron, i.reasons::text), ',' ORDER BY i.patron), 'UTF8')) AS hash
        FROM patronctl.plan_item AS i
        WHERE i.plan = p.plan AND i.part = p.part
        GROUP BY i.patron / 1000
      ) AS portion
    )) ORDER BY p.part)::text, 'UTF8')), 'hex'), 32)
  FROM patronctl.plan_part AS p
  WHERE p.plan = plan_hash.plan
$$;

-- Counts a plan, finds out whether a second officer must see it, and gives it its hash.
CREATE FUNCTION desk.freeze_plan(plan bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE patronctl.plan_part AS p
  SET todo = (SELECT count(*) FROM patronctl.plan_item AS i WHERE i.plan = p.plan AND i.part = p.part AND i.reasons IS NULL),
      skipped = (
        SELECT coalesce(jsonb_agg(jsonb_build_object('reason', c.reason, 'count', c.people) ORDER BY c.people DESC, c.reason), '[]')
        FROM (
          SELECT reason, count(*) AS people
          FROM patronctl.plan_item AS i, unnest(i.reasons) AS reason
          WHERE i.plan = p.plan AND i.part = p.part
          GROUP BY reason
        ) AS c),
      branches = (
        SELECT coalesce(jsonb_agg(jsonb_build_object('branch', c.branch, 'todo', c.todo, 'skipped', c.skipped) ORDER BY c.branch), '[]')
        FROM (
          SELECT i.branch, count(*) FILTER (WHERE i.reasons IS NULL) AS todo, count(i.reasons) AS skipped
          FROM patronctl.plan_item AS i
          WHERE i.plan = p.plan AND i.part = p.part
          GROUP BY i.branch
        ) AS c)
  WHERE p.plan = freeze_plan.plan;
  UPDATE patronctl.plan_part AS p
  SET finished = TRUE
  WHERE p.plan = freeze_plan.plan AND p.todo = 0;
  UPDATE patronctl.plan AS l
  SET hash = desk.plan_hash(l.id),
      needs_approval = desk.over_cap(l.id),
      state = CASE WHEN EXISTS (SELECT FROM patronctl.plan_part AS p WHERE p.plan = l.id AND NOT p.finished) THEN 'open' ELSE 'done' END
  WHERE l.id = freeze_plan.plan;
END
$$;

-- Why a plan is too large for one person to decide; NULL when it is not. Whatever the cap: erasing more than half of the
-- people of an authority is more likely a mistake.
CREATE FUNCTION desk.over_cap(plan bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(s.because, '; ' ORDER BY s.part)
  FROM (
    SELECT p.part, CASE
      WHEN p.todo > r.cap
        THEN format('%s people for %s at %s, and its cap is %s', p.todo, coalesce('the rule ' || r.name, 'a plan without a rule'),
          p.authority, r.cap)
      WHEN r.action LIKE 'erase-%'
        AND p.todo * 2 > (SELECT count(*) FROM lms.patron AS o WHERE o.authority = p.authority AND o.status <> 'erased')
        THEN format('%s people for the rule %s are more than half of those of %s', p.todo, r.name, p.authority)
    END AS because
    FROM patronctl.plan_part AS p, desk.rule_of(p) AS r
    WHERE p.plan = over_cap.plan
  ) AS s
$$;

-- Whom runs of a plan left out: people, by reason.
CREATE FUNCTION desk.left_out_by(plan bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('reason', c.reason, 'count', c.people) ORDER BY c.people DESC, c.reason), '[]')
  FROM (
    SELECT reason, count(*) AS people
    FROM patronctl.plan_item AS i, unnest(i.left_out) AS reason
    WHERE i.plan = left_out_by.plan AND i.left_out IS NOT NULL
    GROUP BY reason
  ) AS c
$$;

-- A plan as people read it. What a run did stands beside what was planned.
CREATE FUNCTION desk.plan_json(plan bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'plan', l.id, 'origin', l.origin, 'made_at', l.made_at, 'made_by', l.made_by, 'hash', l.hash, 'state', CASE
      WHEN l.state <> 'open' THEN l.state
      WHEN EXISTS (SELECT FROM patronctl.run AS r
        WHERE r.plan = l.id AND r.ended_at IS NULL AND r.renewed_at > clock_timestamp() - interval '30 seconds') THEN 'running'
      WHEN l.needs_approval IS NOT NULL AND l.approved_at IS NULL THEN 'waiting'
      ELSE 'ready'
    END,
    'may_run', desk.refuses_plan('retention run', l.id) IS NULL,
    'needs_approval', coalesce(l.needs_approval, ''), 'approved_at', l.approved_at, 'approved_by', coalesce(l.approved_by, ''),
    'todo', coalesce(sum(p.todo), 0), 'done', coalesce(sum(p.done), 0), 'left_out', coalesce(sum(p.left_out), 0),
    'left_out_by', CASE WHEN sum(p.left_out) > 0 THEN desk.left_out_by(l.id) ELSE '[]' END,
    'parts', coalesce(jsonb_agg(jsonb_build_object(
      'part', p.part, 'rule', coalesce(p.conditions ->> 'name', ''), 'action', p.conditions ->> 'action', 'authority', p.authority,
      'before', p.before, 'cap', p.conditions -> 'cap', 'todo', p.todo, 'skipped', p.skipped, 'branches', p.branches,
      'done', p.done, 'left_out', p.left_out, 'counts', p.counts
    ) ORDER BY p.part), '[]'))
  FROM patronctl.plan AS l
  LEFT JOIN patronctl.plan_part AS p ON p.plan = l.id
  WHERE l.id = plan_json.plan
  GROUP BY l.id
$$;

-- Plans what rules would do today at the authorities of this login. No rules: all that are in force there.
CREATE FUNCTION desk.make_plan(access bigint, rules text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'make_plan', TRUE);
  number bigint;
  part   record;
BEGIN
  number := desk.new_plan('rules');
  PERFORM desk.rule_named(name) FROM unnest(rules) AS name;
  FOR part IN
    SELECT r AS rule, h.authority
    FROM patronctl.rule AS r, unnest(desk.authorities_of(r, 'retention plan')) AS h(authority)
    WHERE CASE
      WHEN rules = '{}' THEN EXISTS (SELECT FROM patronctl.rule_in_force AS f WHERE (f.rule, f.authority) = (r.name, h.authority))
      ELSE r.name = ANY (rules)
    END
    ORDER BY h.authority, r.action, r.name
  LOOP
    PERFORM desk.require_age(part.rule, part.authority);
    PERFORM desk.add_part(number, part.rule, part.authority, desk.day_of(part.rule, part.authority), rules);
  END LOOP;
  IF NOT FOUND THEN
    PERFORM desk.fail('LB404', CASE rules
        WHEN '{}' THEN 'no rule of an authority of yours is in force'
        ELSE 'no rule of an authority of yours is among these'
      END, 'list them: patronctl retention list');
  END IF;
  PERFORM desk.freeze_plan(number);
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', number));
  RETURN desk.plan_json(number);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the plan could not be made', SQLSTATE);
END
$$;

-- Why this login may do nothing with a plan: it must have a right to it at every authority of the plan. NULL when it may.
CREATE FUNCTION desk.refuses_plan(operation text, plan bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('plan %s is for officers of %s', refuses_plan.plan, string_agg(DISTINCT p.authority, ', ' ORDER BY p.authority))
  FROM patronctl.plan_part AS p
  WHERE p.plan = refuses_plan.plan
  HAVING NOT bool_and(desk.administers(refuses_plan.operation, p.authority))
$$;

CREATE FUNCTION desk.require_plan(plan bigint) RETURNS patronctl.plan
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  l patronctl.plan;
BEGIN
  SELECT * INTO l FROM patronctl.plan AS o WHERE o.id = require_plan.plan AND o.hash IS NOT NULL;
  IF l.id IS NULL THEN
    PERFORM desk.fail('LB404', 'no such plan', 'list them: patronctl retention runs');
  END IF;
  RETURN l;
END
$$;

-- Why this login may not see the counts of a plan. Those of one that needs an approval are also for whoever may give it, of
-- any member.
CREATE FUNCTION desk.refuses_to_show(l patronctl.plan) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN l.needs_approval IS NULL OR NOT desk.may('retention approve') THEN desk.refuses_plan('retention list', l.id)
  END
$$;

CREATE FUNCTION desk.show_plan(access bigint, plan bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  l patronctl.plan;
BEGIN
  PERFORM desk.use_access(access, 'show_plan');
  l := desk.require_plan(show_plan.plan);
  IF desk.refuses_to_show(l) IS NOT NULL THEN
    PERFORM desk.fail('LB403', desk.refuses_to_show(l));
  END IF;
  RETURN desk.plan_json(show_plan.plan);
END
$$;

-- Who is on a plan, or with `skipped` who was left out of it, by patron number from `after` on; at most 10,000.
CREATE FUNCTION desk.list_plan_items(access bigint, plan bigint, skipped boolean, after_part integer, after_patron bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_plan_items'); -- others see the counts
  PERFORM desk.require_plan(list_plan_items.plan);
  IF desk.refuses_plan('retention plan', list_plan_items.plan) IS NOT NULL THEN
    PERFORM desk.fail('LB403', desk.refuses_plan('retention plan', list_plan_items.plan));
  END IF;
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'part', i.part, 'rule', i.rule, 'authority', i.authority, 'branch', i.branch, 'patron', i.patron, 'reasons', i.why
    ) ORDER BY i.part, i.patron), '[]')
    FROM (
      SELECT t.part, t.patron, t.branch, p.authority, coalesce(p.conditions ->> 'name', '') AS rule,
        coalesce(t.reasons, t.left_out, '{}') AS why
      FROM patronctl.plan_item AS t
      JOIN patronctl.plan_part AS p USING (plan, part)
      WHERE t.plan = list_plan_items.plan
        AND (t.reasons IS NOT NULL OR t.left_out IS NOT NULL) = list_plan_items.skipped
        AND (t.part, t.patron) > (after_part, after_patron)
      ORDER BY t.part, t.patron
      LIMIT 10000
    ) AS i
  );
END
$$;

-- A second officer, of any member, agrees to exactly this list.
CREATE FUNCTION desk.approve_plan(access bigint, plan bigint, hash text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'approve_plan', TRUE);
  l patronctl.plan := desk.require_plan(approve_plan.plan);
BEGIN
  IF l.made_by = session_user THEN
    PERFORM desk.fail('LB403', 'you made plan {plan} yourself',
      'another officer, of any member, has to approve it', jsonb_build_object('plan', l.id));
  ELSIF EXISTS (
    SELECT FROM patronctl.plan_part AS p
    JOIN patronctl.rule_in_force AS f ON f.rule = p.conditions ->> 'name' AND f.authority = p.authority
    WHERE p.plan = l.id AND f.login = session_user::text
  ) THEN
    PERFORM desk.fail('LB403', 'you put a rule of plan {plan} in force, or changed it, yourself',
      'another officer, of any member, has to approve it', jsonb_build_object('plan', l.id));
  ELSIF l.state <> 'open' THEN
    PERFORM desk.fail('LB409', 'plan {plan} is {state}',
      'see the newest: patronctl retention runs', jsonb_build_object('plan', l.id, 'state', l.state));
  ELSIF l.needs_approval IS NULL THEN
    PERFORM desk.fail('LB409', 'plan {plan} needs no approval',
      'run it: patronctl retention run {plan}', jsonb_build_object('plan', l.id));
  ELSIF lower(approve_plan.hash) IS DISTINCT FROM l.hash OR desk.plan_hash(l.id) <> l.hash THEN
    PERFORM desk.fail('LB409', 'plan {plan} does not have this hash',
      'look at it first: patronctl retention plan show {plan}', jsonb_build_object('plan', l.id));
  END IF;
  UPDATE patronctl.plan AS o
  SET approved_at = patronctl.clock(), approved_by = session_user
  WHERE o.id = l.id;
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', l.id, 'hash', l.hash));
  RETURN desk.plan_json(l.id) || jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the plan could not be approved', SQLSTATE);
END
$$;
