-- Plans with a date instead of a rule: the history of an authority, a branch or a list of cards before a day.

-- What stands for a rule where somebody gave a date.
CREATE FUNCTION desk.date_rule(authority text, branch text) RETURNS patronctl.rule
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.rule;
BEGIN
  PERFORM desk.require_authority(authority);
  IF branch IS NOT NULL
    AND NOT EXISTS (SELECT FROM lms.branch AS b WHERE (b.code, b.authority) = (date_rule.branch, date_rule.authority)) THEN
    PERFORM desk.fail('LB400', 'no such branch at {authority}', params => jsonb_build_object('authority', authority));
  END IF;
  r.authority := authority;
  r.branches := array_remove(ARRAY[branch], NULL);
  r.except_branches := '{}';
  r.categories := '{}';
  r.action := 'anonymize-history';
  r.despite := '{}';
  r.cap := desk.setting('plan_cap', authority)::integer;
  r.last_borrower_days := 0;
  RETURN r;
END
$$;

-- The authority that a plan with a date is for: the one given, else the only one of this login.
CREATE FUNCTION desk.authority_of_plan(asked text, operation text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  code text := coalesce(asked, desk.only_authority(operation));
BEGIN
  IF code IS NULL THEN
    PERFORM desk.fail('LB400', 'which authority?', 'name it: --authority A');
  END IF;
  PERFORM desk.require_authority(code);
  IF NOT desk.administers(operation, code) THEN
    PERFORM desk.fail('LB403', 'plans for {authority} are made by its own officers',
      params => jsonb_build_object('authority', code));
  END IF;
  RETURN code;
END
$$;

-- Plans to anonymize the history of an authority's people, or of a branch's, before a day.
CREATE FUNCTION desk.make_date_plan(access bigint, authority text, branch text, before date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'make_date_plan', TRUE);
  home   text := desk.authority_of_plan(authority, 'retention plan');
  number bigint;
BEGIN
  number := desk.new_plan('date');
  PERFORM desk.add_part(number, desk.date_rule(home, branch), home, desk.cutoff(before, home), '{}');
  PERFORM desk.freeze_plan(number);
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', number));
  RETURN desk.plan_json(number);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the plan could not be made', SQLSTATE);
END
$$;

-- The same for the people of a list of cards, up to 2,000 in a call: the first makes the plan, further ones name it, and the
-- last freezes it. Cards that nobody has are the caller's to tell.
CREATE FUNCTION desk.make_file_plan(access bigint, plan bigint, authority text, before date, last boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'make_file_plan', TRUE);
  home   text := desk.authority_of_plan(authority, 'retention plan file');
  number bigint;
BEGIN
  number := coalesce(make_file_plan.plan, desk.new_plan('file'));
  IF make_file_plan.plan IS NULL THEN
    INSERT INTO patronctl.plan_part (plan, part, authority, conditions, before)
    VALUES (number, 1, home, to_jsonb(desk.date_rule(home, NULL)), desk.cutoff(make_file_plan.before, home));
  ELSIF NOT EXISTS (
    SELECT FROM patronctl.plan AS l
    WHERE l.id = number AND l.origin = 'file' AND l.made_by = session_user AND l.hash IS NULL
  ) THEN
    PERFORM desk.fail('LB409', 'plan {number} takes no more cards',
      'make a new plan', jsonb_build_object('number', number));
  END IF;
  INSERT INTO patronctl.plan_item (plan, part, patron, branch, reasons)
  SELECT number, 1, p.id, p.branch, nullif(array_remove(ARRAY[
    CASE WHEN p.authority <> t.authority THEN 'home ' || p.authority END,
    CASE WHEN p.keeps_history AND p.authority = t.authority THEN 'keeps_history' END
  ] || k.reasons, NULL), '{}')
  FROM patronctl.plan_part AS t, lms.patron AS p
  LEFT JOIN desk.preserved() AS k ON k.patron = p.id
  WHERE t.plan = number AND p.id = ANY (a.patrons)
  ON CONFLICT DO NOTHING;
  IF last THEN
    PERFORM desk.freeze_plan(number);
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('plan', number));
  RETURN desk.plan_json(number) || jsonb_build_object('unknown', (
    SELECT coalesce(jsonb_agg(c.ordinality), '[]') FROM unnest(a.patrons) WITH ORDINALITY AS c(patron, ordinality) WHERE c.patron IS NULL));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the plan could not be made', SQLSTATE);
END
$$;
