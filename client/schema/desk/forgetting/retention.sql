-- Rules of forgetting: what there is, and changing it.

-- A time as people write it: days, months or years.
CREATE FUNCTION desk.age_text(age interval) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN months = 0 THEN extract(day FROM age)::integer || CASE WHEN age = interval '1 day' THEN ' day' ELSE ' days' END
    WHEN months % 12 = 0 THEN months / 12 || CASE months WHEN 12 THEN ' year' ELSE ' years' END
    ELSE months || CASE months WHEN 1 THEN ' month' ELSE ' months' END
  END
  FROM (SELECT (extract(year FROM age) * 12 + extract(month FROM age))::integer) AS m(months)
$$;

CREATE FUNCTION desk.age_of(said text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
SET IntervalStyle = 'postgres'
AS $$
BEGIN
  -- Not \s and \d: those also fit spaces and digits that no interval is written with.
  IF said !~ '^ *0*[1-9][0-9]{0,4} *(day|month|year)s? *$' OR said::interval > interval '500 years' THEN
    PERFORM desk.fail('LB400', 'a time is written as 365 days, 18 months or 3 years');
  END IF;
  RETURN said::interval;
END
$$;

-- A rule with where it is in force, as far as this login may see.
CREATE FUNCTION desk.rule_json(r patronctl.rule) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT to_jsonb(r) || jsonb_build_object(
    'age', desk.age_text(r.age),
    'authority', coalesce(r.authority, ''),
    'generalize_to', coalesce(r.generalize_to, 0),
    'in_force', (
      SELECT coalesce(jsonb_agg(f.authority ORDER BY f.authority), '[]')
      FROM patronctl.rule_in_force AS f
      WHERE f.rule = r.name AND desk.administers('retention list', f.authority)))
$$;

-- The rules of an authority (NULL: of all that this login may see), those for everybody among them.
CREATE FUNCTION desk.list_rules(access bigint, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_rules');
  PERFORM desk.require_reach('retention list', list_rules.authority);
  RETURN (
    SELECT coalesce(jsonb_agg(desk.rule_json(r) ORDER BY r.action, r.name), '[]')
    FROM patronctl.rule AS r
    WHERE r.authority IS NULL
       OR desk.administers('retention list', r.authority) AND r.authority = coalesce(list_rules.authority, r.authority)
  );
END
$$;

CREATE FUNCTION desk.rule_named(name text) RETURNS patronctl.rule
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r patronctl.rule;
BEGIN
  SELECT * INTO r FROM patronctl.rule AS o WHERE o.name = rule_named.name;
  IF r.name IS NULL THEN
    PERFORM desk.fail('LB404', 'no such rule', 'list them: patronctl retention list');
  END IF;
  RETURN r;
END
$$;

-- The authorities a rule is for, as far as this login may act for them.
CREATE FUNCTION desk.authorities_of(r patronctl.rule, operation text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT a.code
    FROM lms.authority AS a
    WHERE a.code = coalesce(r.authority, a.code)
      AND desk.administers(authorities_of.operation, a.code)
    ORDER BY a.code
  )
$$;

-- Refuses a rule that somebody else has to decide about: a rule for everybody is changed by who may act for every member.
CREATE FUNCTION desk.require_rule(r patronctl.rule) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF cardinality(desk.authorities_of(r, 'retention set'))
    < (SELECT count(*) FROM lms.authority AS a WHERE a.code = coalesce(r.authority, a.code)) THEN
    PERFORM desk.fail('LB403', CASE
        WHEN r.authority IS NULL
          THEN 'the rule {rule} is offered to all authorities, and only an officer of all of them can change it'
        ELSE 'the rule {rule} is of {authority}, and an officer there decides about it'
      END, 'give one of your own: patronctl retention set NAME --authority A',
      jsonb_build_object('rule', r.name, 'authority', r.authority));
  END IF;
END
$$;

-- Refuses a rule that forgets too early at an authority: while an expired account can still be reactivated, or what the
-- authority keeps of history. A cap is the administrator's to limit: an officer who raises it needs no second one.
CREATE FUNCTION desk.require_age(r patronctl.rule, authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  today  date := patronctl.today(authority);
  months integer := desk.setting('reactivation_months', authority)::integer;
  days   integer := desk.setting('history_keep_days', authority)::integer;
  most   integer := desk.setting('cap_limit', authority)::integer;
BEGIN
  IF r.cap > most THEN
    PERFORM desk.fail('LB409', 'a rule at {authority} has a cap of at most {most} people',
      'an administrator sets it: patronctl settings set cap_limit N --authority {authority}',
      jsonb_build_object('authority', authority, 'most', most));
  END IF;
  IF r.action = 'erase-lapsed' AND today + r.age < today + make_interval(months => months) THEN
    PERFORM desk.fail('LB409',
      'an expired account can be reactivated at {authority} for {months} months; a rule cannot erase it earlier',
      'give at least --after "{months} months"',
      jsonb_build_object('authority', authority, 'months', months));
  ELSIF r.action = 'anonymize-history' AND today + r.age < today + days THEN
    PERFORM desk.fail('LB409', '{authority} keeps history for {days} days; a rule cannot move it earlier',
      'give at least --after "{days} days"', jsonb_build_object('authority', authority, 'days', days));
  END IF;
END
$$;

-- Refuses branches and categories that do not exist, or not there, and conditions that its action does not know.
CREATE FUNCTION desk.require_conditions(r patronctl.rule) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  accepted text[] := CASE
    WHEN r.action LIKE 'erase-%' THEN '{loans,reservations,orders,fees,memberships}'::text[]
    WHEN r.action = 'anonymize-history' THEN '{keeps-history}'
    ELSE '{}'
  END;
BEGIN
  IF r.name IS NULL OR r.name !~ '^[a-z][a-z0-9-]{0,39}$' THEN
    PERFORM desk.fail('LB400', 'a rule has a name of up to 40 small letters, digits and hyphens');
  ELSIF r.name = 'show' THEN
    PERFORM desk.fail('LB400', 'a rule cannot be called show: retention plan show is a command');
  ELSIF r.action IS NULL OR r.age IS NULL THEN
    PERFORM desk.fail('LB400', 'a new rule needs an action and a time',
      'such as: --action erase-lapsed --after "18 months"');
  ELSIF r.action NOT IN ('erase-deleted', 'erase-lapsed', 'anonymize-history', 'unlink-accounts') THEN
    PERFORM desk.fail('LB400', 'unknown action; use one of erase-deleted, erase-lapsed, anonymize-history, unlink-accounts');
  ELSIF r.counted_from NOT IN ('expired', 'last-fee', 'deleted') THEN
    PERFORM desk.fail('LB400', 'count from expired, last-fee or deleted');
  ELSIF NOT r.despite <@ accepted THEN
    PERFORM desk.fail('LB400', CASE accepted
        WHEN '{}' THEN 'nothing can be waived for {action}'
        ELSE 'for {action} can be waived: {accepted}'
      END, params => jsonb_build_object('action', r.action, 'accepted', array_to_string(accepted, ', ')));
  ELSIF r.cap < 0 OR r.generalize_to < 1 OR r.last_borrower_days < 0 THEN
    PERFORM desk.fail('LB400', 'counts and days are whole numbers from 0');
  ELSIF r.action <> 'anonymize-history' AND (r.generalize_to IS NOT NULL OR r.last_borrower_days > 0) THEN
    PERFORM desk.fail('LB400', 'generalizing and last borrowers belong to anonymize-history');
  ELSIF r.action NOT LIKE 'erase-%' AND r.counted_from <> 'expired' THEN
    PERFORM desk.fail('LB400', '{action} counts from the day of the loan, hold or fee',
      params => jsonb_build_object('action', r.action));
  ELSIF NOT r.branches || r.except_branches
    <@ ARRAY(SELECT b.code FROM lms.branch AS b WHERE b.authority = coalesce(r.authority, b.authority)) THEN
    PERFORM desk.fail('LB400', CASE WHEN r.authority IS NULL THEN 'no such branch' ELSE 'no such branch at {authority}' END,
      params => jsonb_build_object('authority', r.authority));
  ELSIF NOT r.categories <@ ARRAY(SELECT c.code FROM lms.category AS c) THEN
    PERFORM desk.fail('LB400', 'no such category');
  END IF;
END
$$;

-- Refuses what is no part of a rule: a slip must not be taken for a rule without that condition.
CREATE FUNCTION desk.require_fields(given jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  accepted text[] := '{name,authority,branches,except_branches,categories,action,age,
    counted_from,despite,cap,generalize_to,last_borrower_days}';
BEGIN
  IF jsonb_typeof(given) IS DISTINCT FROM 'object' OR given - accepted <> '{}' THEN
    PERFORM desk.fail('LB400', 'a rule has {accepted}',
      params => jsonb_build_object('accepted', array_to_string(accepted, ', ')));
  END IF;
END
$$;

-- Makes a rule, or changes what is given of it: the columns of patronctl.rule, with the age as people write it. A new rule is
-- in force nowhere. No plan changes by this.
CREATE FUNCTION desk.set_rule(access bigint, given jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a   patronctl.access := desk.use_access(access, 'set_rule', TRUE);
  was patronctl.rule;
  r   patronctl.rule;
BEGIN
  PERFORM desk.require_fields(given);
  SELECT * INTO was FROM patronctl.rule AS o WHERE o.name = given ->> 'name' FOR UPDATE;
  IF was.name IS NOT NULL THEN
    PERFORM desk.require_rule(was);
  ELSE
    was.branches := '{}';
    was.except_branches := '{}';
    was.categories := '{}';
    was.counted_from := 'expired';
    was.despite := '{}';
    was.cap := 1000;
    was.last_borrower_days := 0;
    IF desk.only_authority('retention set') IS NOT NULL THEN
      was.authority := desk.only_authority('retention set');
    END IF;
  END IF;
  PERFORM desk.require_authority(given ->> 'authority');
  r := jsonb_populate_record(was, given - 'age');
  r.age := coalesce(desk.age_of(given ->> 'age'), was.age);
  PERFORM desk.require_conditions(r);
  PERFORM desk.require_rule(r);
  PERFORM desk.require_age(r, f.authority) FROM unnest(desk.authorities_of(r, 'retention set')) AS f(authority);
  INSERT INTO patronctl.rule AS o VALUES (r.*)
  ON CONFLICT (name) DO UPDATE
  SET (authority, branches, except_branches, categories, action, age, counted_from, despite, cap, generalize_to, last_borrower_days)
    = (excluded.authority, excluded.branches, excluded.except_branches, excluded.categories, excluded.action, excluded.age,
       excluded.counted_from, excluded.despite, excluded.cap, excluded.generalize_to, excluded.last_borrower_days)
  WHERE o.name = was.name;
  IF NOT FOUND THEN
    PERFORM desk.fail('LB423', 'somebody else is just making a rule {rule}',
      'look at it: patronctl retention list', jsonb_build_object('rule', r.name));
  END IF;
  DELETE FROM patronctl.rule_in_force AS f
  WHERE f.rule = r.name AND f.authority <> r.authority;
  -- Whoever changed a rule in force decided about it last, and cannot be the second officer of its plans.
  UPDATE patronctl.rule_in_force AS f SET login = session_user WHERE f.rule = r.name;
  PERFORM desk.record_result(a.id, jsonb_build_object('rule', desk.rule_json(r)));
  RETURN desk.rule_json(r) || jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION
  WHEN data_exception OR not_null_violation THEN -- jsonb_populate_record quotes what it was given
    PERFORM desk.fail('LB400', 'a rule has counts, days and lists of codes');
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the rule could not be changed', SQLSTATE);
END
$$;

-- Ends the plans of a rule that are still to do, and the runs at work on them before their next batch: whoever finds that a
-- rule was wrong stops it, whatever was approved.
CREATE FUNCTION desk.withdraw_plans(rule text, authorities text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  plans bigint[] := ARRAY(
    SELECT DISTINCT l.id
    FROM patronctl.plan AS l
    JOIN patronctl.plan_part AS p ON p.plan = l.id
    WHERE l.state = 'open' AND p.conditions ->> 'name' = withdraw_plans.rule AND p.authority = ANY (authorities)
  );
BEGIN
  UPDATE patronctl.plan AS l
  SET state = 'withdrawn'
  WHERE l.id = ANY (plans) AND l.state = 'open';
  UPDATE patronctl.run AS r
  SET ended_at = clock_timestamp(), outcome = 'stopped'
  WHERE r.plan = ANY (plans) AND r.ended_at IS NULL;
END
$$;

-- Puts a rule in force at an authority (NULL: wherever it is for and this login may), or ends that.
CREATE FUNCTION desk.enable_rule(access bigint, rule text, authority text, enabled boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a  patronctl.access := desk.use_access(access, 'enable_rule', TRUE);
  r  patronctl.rule := desk.rule_named(enable_rule.rule);
  at text[] := desk.authorities_of(r, 'retention set');
BEGIN
  PERFORM desk.require_authority(enable_rule.authority);
  IF enable_rule.authority IS NOT NULL THEN
    at := ARRAY(SELECT code FROM unnest(at) AS code WHERE code = enable_rule.authority);
  END IF;
  IF at = '{}' THEN
    PERFORM desk.fail('LB403', 'the rule {rule} is not for an authority of yours',
      params => jsonb_build_object('rule', r.name));
  END IF;
  IF enabled THEN
    PERFORM desk.require_age(r, code) FROM unnest(at) AS code;
    INSERT INTO patronctl.rule_in_force (rule, authority, since, login)
    SELECT r.name, code, patronctl.clock(), session_user FROM unnest(at) AS code
    ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM patronctl.rule_in_force AS f WHERE f.rule = r.name AND f.authority = ANY (at);
    PERFORM desk.withdraw_plans(r.name, at);
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('rule', r.name, 'authorities', at, 'enabled', enabled));
  RETURN desk.rule_json(r) || jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the rule could not be changed', SQLSTATE);
END
$$;

CREATE FUNCTION desk.remove_rule(access bigint, rule text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'remove_rule', TRUE);
  r patronctl.rule := desk.rule_named(remove_rule.rule);
BEGIN
  PERFORM desk.require_rule(r);
  DELETE FROM patronctl.rule AS o WHERE o.name = r.name;
  PERFORM desk.withdraw_plans(r.name, desk.authorities_of(r, 'retention set'));
  PERFORM desk.record_result(a.id, jsonb_build_object('removed', desk.rule_json(r)));
  RETURN desk.rule_json(r) || jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the rule could not be removed', SQLSTATE);
END
$$;
