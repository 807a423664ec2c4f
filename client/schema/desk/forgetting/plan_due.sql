-- What the nightly job has to do.

-- Plans what is in force at the authorities of this login, one plan a rule and authority, so that one that waits does not
-- hold up another. A waiting plan gives way to a new one, unless it is the same list, was approved, or was begun. Returns
-- the plans there are to run, and those that wait.
CREATE FUNCTION desk.plan_due(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'plan_due', TRUE);
  due    record;
  before record;
  number bigint;
  plans  bigint[] := '{}';
  failed jsonb := '[]';
BEGIN
  FOR due IN
    SELECT r AS rule, f.authority
    FROM patronctl.rule_in_force AS f
    JOIN patronctl.rule AS r ON r.name = f.rule
    WHERE desk.administers('retention plan due', f.authority)
    ORDER BY f.authority, r.action, r.name
    FOR UPDATE OF f
  LOOP
    SELECT l.*, p.done_to > 0 OR r.id IS NOT NULL AS begun INTO before
    FROM patronctl.plan AS l
    JOIN patronctl.plan_part AS p ON p.plan = l.id AND p.authority = due.authority AND p.conditions ->> 'name' = (due.rule).name
    LEFT JOIN patronctl.run AS r ON r.plan = l.id AND r.ended_at IS NULL
    WHERE l.origin = 'due' AND l.state = 'open'
    ORDER BY l.id DESC
    LIMIT 1;
    IF before.id IS NOT NULL AND (before.approved_at IS NOT NULL OR before.begun) THEN
      CONTINUE;
    END IF;
    BEGIN
      number := desk.new_plan('due');
      PERFORM desk.add_part(number, due.rule, due.authority, desk.day_of(due.rule, due.authority), '{}');
      PERFORM desk.freeze_plan(number);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN -- the other rules get their turn
      failed := failed || jsonb_build_object('rule', (due.rule).name, 'authority', due.authority, 'because', SQLSTATE);
      CONTINUE;
    END;
    IF before.id IS NOT NULL AND before.hash = (SELECT l.hash FROM patronctl.plan AS l WHERE l.id = number) THEN
      PERFORM desk.drop_plan(number);
      CONTINUE;
    ELSIF before.id IS NOT NULL THEN
      UPDATE patronctl.plan AS l SET state = 'superseded' WHERE l.id = before.id;
    END IF;
    plans := plans || number;
    -- Who was left out stays known from the newest list only; the counts of older ones stay.
    DELETE FROM patronctl.plan_item AS i
    USING patronctl.plan AS l, patronctl.plan_part AS p
    WHERE l.id = i.plan AND (p.plan, p.part) = (i.plan, i.part)
      AND l.origin = 'due' AND l.state <> 'open' AND l.id <> number
      AND p.authority = due.authority AND p.conditions ->> 'name' = (due.rule).name;
  END LOOP;
  -- Who was on a list is nobody's business for ever.
  DELETE FROM patronctl.plan_item AS i
  USING patronctl.plan AS l
  WHERE l.id = i.plan AND l.state <> 'open' AND l.made_at < patronctl.clock() - interval '1 year';
  PERFORM desk.record_result(a.id, jsonb_build_object('plans', plans, 'failed', failed));
  RETURN jsonb_build_object('failed', failed, 'plans', (
    SELECT coalesce(jsonb_agg(desk.plan_json(l.id) ORDER BY l.id), '[]')
    FROM patronctl.plan AS l
    WHERE l.state = 'open'
      AND l.hash IS NOT NULL
      AND (l.origin = 'due' OR l.approved_at IS NOT NULL)
      AND desk.is_for_the_night(l)
      AND desk.refuses_plan('retention plan due', l.id) IS NULL
  ));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the plans could not be made', SQLSTATE);
END
$$;

CREATE FUNCTION desk.drop_plan(plan bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM patronctl.plan_item AS i WHERE i.plan = drop_plan.plan;
  DELETE FROM patronctl.plan_part AS p WHERE p.plan = drop_plan.plan;
  DELETE FROM patronctl.plan AS l WHERE l.id = drop_plan.plan;
$$;
