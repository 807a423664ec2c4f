-- What the online catalogue may do with a patron's secret: fetch the hash of one card, report whether the password fitted
-- it, set a new one. The password itself never comes here.

-- Refuses an account that no password opens.
CREATE FUNCTION desk.require_opening(a patronctl.access) RETURNS lms.patron
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  p     lms.patron;
  state jsonb := desk.password_state(a.patrons[1]);
BEGIN
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  IF p.status <> 'active' THEN
    PERFORM desk.fail('LB409', 'the account is {status}', params => jsonb_build_object('status', p.status));
  ELSIF a.lost_cards <> '{}' THEN
    PERFORM desk.fail('LB409', 'this card was reported lost', 'a desk issues another');
  ELSIF state ->> 'state' = 'external' THEN
    PERFORM desk.fail('LB409', 'this patron logs in with an external account; there is no password here');
  ELSIF state ->> 'state' = 'locked' THEN
    PERFORM desk.fail('LB409', 'the account is locked after too many wrong passwords',
      'try again later, or have the password reset at a desk');
  ELSIF (state ->> 'expired')::boolean THEN
    PERFORM desk.fail('LB409', 'the one-time code has expired', 'a desk issues another');
  END IF;
  RETURN p;
END
$$;

-- The hash to try a password against; none where the card number is the password.
CREATE FUNCTION desk.fetch_secret(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'fetch_secret');
  p lms.patron := desk.require_opening(a);
BEGIN
  IF EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = a.id) THEN
    PERFORM desk.fail('LB403', 'access {access} was used already', params => jsonb_build_object('access', a.id));
  END IF;
  RETURN jsonb_build_object(
    'state', desk.password_state(p.id) ->> 'state',
    'hash', (SELECT c.secret_hash FROM lms.credential AS c WHERE c.patron = p.id AND c.authority = p.authority));
END
$$;

-- Whether the password fitted. Too many that did not, in a row, lock the account for a while.
CREATE FUNCTION desk.report_check(access bigint, passed boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'report_check', TRUE);
  p      lms.patron;
  answer jsonb;
BEGIN
  PERFORM lms.lock_patron(a.patrons[1]);
  p := desk.require_opening(a);
  PERFORM lms.record_attempt(p.id, coalesce(passed, FALSE), desk.setting('lockout_attempts', p.authority)::integer,
    patronctl.clock() + make_interval(mins => desk.setting('lockout_minutes', p.authority)::integer));
  SELECT jsonb_build_object('passed', coalesce(report_check.passed, FALSE), 'must_change', c.must_change,
    'locked_until', c.locked_until) INTO answer
  FROM lms.credential AS c
  WHERE c.patron = p.id AND c.authority = p.authority;
  PERFORM desk.record_result(a.id, answer);
  RETURN answer || jsonb_build_object('patron', p.id, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the check could not be recorded', SQLSTATE);
END
$$;

-- Sets the secret that a patron chose, within ten minutes of a check that passed and that no reset or change followed.
CREATE FUNCTION desk.change_secret(access bigint, hash text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'change_secret', TRUE);
  p lms.patron;
BEGIN
  PERFORM lms.lock_patron(a.patrons[1]);
  p := desk.require_opening(a);
  PERFORM desk.require_hash(hash);
  IF NOT coalesce((
    SELECT c.operation = 'password check' AND c.login = session_user::text AND c.at > clock_timestamp() - interval '10 minutes'
    FROM patronctl.access AS c
    JOIN patronctl.result AS r ON r.access = c.id
    WHERE c.patrons @> ARRAY[p.id]
      AND c.operation IN (SELECT desk.marked('secret'))
      AND (r.counts ->> 'passed')::boolean IS NOT FALSE -- of a check
    ORDER BY r.at DESC
    LIMIT 1
  ), FALSE) THEN
    PERFORM desk.fail('LB403', 'a new password needs a check of the present one within ten minutes');
  END IF;
  PERFORM lms.set_credential(p.id, hash, patronctl.clock(), NULL);
  PERFORM desk.record_result(a.id, '{}');
  RETURN jsonb_build_object('patron', p.id, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the password could not be changed', SQLSTATE);
END
$$;

-- Why there were too many checks within ten minutes; NULL when there were not. A check that is never reported counts like a
-- wrong password: who fetches hashes without telling what came of it is a thief.
CREATE FUNCTION desk.too_many_checks(patron bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN (
      SELECT count(*)
      FROM patronctl.access AS a
      LEFT JOIN patronctl.result AS r ON r.access = a.id
      WHERE a.patrons @> ARRAY[too_many_checks.patron]
        AND a.operation = 'password check'
        AND a.outcome = 'allowed'
        AND a.at > clock_timestamp() - interval '10 minutes'
        AND NOT coalesce((r.counts ->> 'passed')::boolean, FALSE)
    ) >= 20 THEN 'more than 20 passwords were tried for this card within ten minutes'
    WHEN (
      SELECT count(*) FILTER (WHERE l.at > clock_timestamp() - interval '10 minutes')
      FROM (
        SELECT a.at FROM patronctl.access AS a
        WHERE a.login = session_user::text AND a.operation = 'password check' AND a.outcome <> 'denied'
        ORDER BY a.id DESC
        LIMIT desk.setting('password_checks', NULL)::integer
      ) AS l
    ) >= desk.setting('password_checks', NULL)::integer THEN 'this login checked too many passwords within ten minutes'
  END
$$;
