-- The logins that staff have on the server: disabled at once, enabled, given a password.

-- Whether patronctl may change a login beyond its groups: it made it, or there is no other installation on this server and
-- nothing else that the login serves. Otherwise a password given here would open something of somebody else.
CREATE FUNCTION desk.manages_login(login text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
      SELECT FROM patronctl.login AS l JOIN pg_roles AS r ON r.rolname = l.login AND r.oid = l.made_as
      WHERE l.login = manages_login.login
    )
    OR NOT EXISTS (
      SELECT FROM pg_database AS d CROSS JOIN aclexplode(d.datacl) AS x
      WHERE d.datname <> current_database() AND x.grantee = 'patronctl_admin'::regrole
    )
    AND NOT EXISTS (
      SELECT FROM pg_shdepend AS d JOIN pg_roles AS r ON r.oid = d.refobjid
      WHERE d.refclassid = 'pg_authid'::regclass AND r.rolname = manages_login.login
    )
$$;

CREATE FUNCTION desk.is_disabled(login text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM patronctl.login AS l WHERE l.login = is_disabled.login AND l.disabled_at IS NOT NULL);
END
$$;

-- Lets the password of a login that was made here end with the last of its registrations.
CREATE FUNCTION desk.limit_login(login text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT FROM patronctl.staff AS s WHERE s.login = limit_login.login FOR UPDATE;
  SELECT desk.alter_login(limit_login.login, NULL, NULL, (
    SELECT CASE WHEN bool_or(s.valid_to IS NULL) THEN 'infinity'
      ELSE max((s.valid_to + 1)::timestamp AT TIME ZONE coalesce(a.time_zone, 'UTC'))
        - (SELECT i.clock_offset FROM patronctl.installation AS i) END
    FROM patronctl.staff AS s
    LEFT JOIN lms.authority AS a ON a.code = s.authority
    WHERE s.login = limit_login.login))
  FROM patronctl.login AS l
  JOIN pg_roles AS r ON r.rolname = l.login AND r.oid = l.made_as
  WHERE l.login = limit_login.login
$$;

-- Refuses a login that is not registered, oneself, and one that another administrator is responsible for as well: who sets
-- a password could log in with it.
CREATE FUNCTION desk.require_charge(operation text, login text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mine   bigint;
  others bigint;
BEGIN
  PERFORM desk.refuse_oneself(require_charge.login);
  SELECT count(*) FILTER (WHERE desk.administers(require_charge.operation, s.authority)),
    count(*) FILTER (WHERE NOT desk.administers(require_charge.operation, s.authority))
  INTO mine, others
  FROM patronctl.staff AS s
  WHERE s.login = require_charge.login;
  IF mine = 0 THEN
    PERFORM desk.fail('LB404', 'no such member of staff', 'see patronctl staff list');
  ELSIF others > 0 THEN
    PERFORM desk.fail('LB403', 'this login is also registered where you are no administrator',
      'end its registration with you: patronctl staff revoke; an administrator of the consortium may do the rest');
  END IF;
END
$$;

-- From its end on, no call of this login is answered, in running sessions as well. `closed` says whether it can no longer
-- log in either.
CREATE FUNCTION desk.disable_staff(access bigint, login text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'disable_staff', TRUE);
  counts jsonb;
BEGIN
  PERFORM desk.require_charge('staff disable', disable_staff.login);
  INSERT INTO patronctl.login AS l (login, disabled_at)
  VALUES (disable_staff.login, patronctl.clock())
  ON CONFLICT ON CONSTRAINT login_pkey DO UPDATE SET disabled_at = coalesce(l.disabled_at, excluded.disabled_at);
  counts := jsonb_build_object('login', disable_staff.login, 'closed', desk.open_or_close(disable_staff.login, FALSE));
  PERFORM desk.record_result(a.id, counts);
  RETURN counts || jsonb_build_object('access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the login could not be disabled', SQLSTATE);
END
$$;

-- Whether it could be done: what the server's administrator made, on 16 and later only that one can change, and a session of
-- the login itself may hold it up.
CREATE FUNCTION desk.open_or_close(login text, may_log_in boolean) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
BEGIN
  IF desk.manages_login(open_or_close.login) THEN
    PERFORM FROM patronctl.staff AS s WHERE s.login = open_or_close.login FOR UPDATE;
    PERFORM desk.alter_login(open_or_close.login, NULL, open_or_close.may_log_in, NULL);
    RETURN TRUE;
  END IF;
  RETURN FALSE;
EXCEPTION
  WHEN insufficient_privilege OR lock_not_available OR internal_error /* it was changed meanwhile */
    OR SQLSTATE 'LB403' OR SQLSTATE 'LB404' OR SQLSTATE 'LB409' THEN
    RETURN FALSE; -- the ban within this database must not fail
END
$$;

-- Ends the sessions of a login that was disabled by this access, once that is committed: nobody comes in after it. Where one
-- of them held the server's door open until now, it is closed. `sessions` are NULL where the server's administrator did not
-- set this up.
CREATE FUNCTION desk.end_sessions(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'end_sessions');
  disabled record;
  ended    bigint;
BEGIN
  SELECT l.login, (r.counts ->> 'closed')::boolean AS closed INTO disabled
  FROM patronctl.result AS r
  JOIN patronctl.login AS l ON l.login = r.counts ->> 'login' AND l.disabled_at IS NOT NULL
  WHERE r.access = a.id;
  IF pg_has_role(current_user, 'pg_signal_backend', 'USAGE') THEN
    SELECT count(*) FILTER (WHERE pg_terminate_backend(s.pid)) INTO ended
    FROM pg_stat_activity AS s
    WHERE s.usename = disabled.login
      AND (s.datname = current_database() OR desk.manages_login(disabled.login));
  END IF;
  RETURN jsonb_build_object('sessions', ended, 'closed', disabled.closed OR desk.open_or_close(disabled.login, FALSE));
END
$$;

CREATE FUNCTION desk.enable_staff(access bigint, login text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'enable_staff', TRUE);
  counts jsonb;
BEGIN
  PERFORM desk.require_charge('staff enable', enable_staff.login);
  UPDATE patronctl.login AS l
  SET disabled_at = NULL
  WHERE l.login = enable_staff.login AND l.disabled_at IS NOT NULL;
  IF NOT FOUND THEN
    PERFORM desk.fail('LB409', 'this login is not disabled', 'see patronctl staff show LOGIN');
  END IF;
  counts := jsonb_build_object('login', enable_staff.login, 'opened', desk.open_or_close(enable_staff.login, TRUE));
  PERFORM desk.record_result(a.id, counts);
  RETURN counts || jsonb_build_object('access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the login could not be enabled', SQLSTATE);
END
$$;

-- Gives a member of staff another password, of which only the verifier comes here.
CREATE FUNCTION desk.set_staff_password(access bigint, login text, verifier text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'set_staff_password', TRUE);
BEGIN
  PERFORM desk.require_charge('staff password', set_staff_password.login);
  IF NOT desk.manages_login(set_staff_password.login) THEN
    PERFORM desk.fail('LB409', 'this login was not made by patronctl, and may serve something else on this server',
      'its password is set by whoever made it, or by its owner: patronctl staff password');
  END IF;
  PERFORM desk.change_verifier(set_staff_password.login, set_staff_password.verifier);
  PERFORM desk.record_result(a.id, jsonb_build_object('login', set_staff_password.login));
  RETURN jsonb_build_object('login', set_staff_password.login, 'access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the password could not be changed', SQLSTATE);
END
$$;

CREATE FUNCTION desk.set_own_password(access bigint, verifier text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'set_own_password', TRUE);
BEGIN
  PERFORM desk.change_verifier(session_user::text, set_own_password.verifier);
  PERFORM desk.record_result(a.id, '{}');
  RETURN jsonb_build_object('login', session_user, 'access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the password could not be changed', SQLSTATE);
END
$$;

CREATE FUNCTION desk.change_verifier(login text, verifier text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM patronctl.staff AS s WHERE s.login = change_verifier.login FOR UPDATE; -- a role is changed by one at a time
  IF EXISTS (SELECT FROM patronctl.login AS l WHERE l.login = change_verifier.login AND l.external) THEN
    PERFORM desk.fail('LB409', 'this login has no password here: it is managed outside', 'change it where it is kept');
  ELSIF desk.is_disabled(change_verifier.login) THEN
    PERFORM desk.fail('LB409', 'this login is disabled', 'first: patronctl staff enable LOGIN');
  ELSIF change_verifier.verifier IS NULL THEN
    PERFORM desk.fail('LB400', 'a password must come as a SCRAM-SHA-256 verifier');
  END IF;
  PERFORM desk.alter_login(change_verifier.login, change_verifier.verifier, NULL, NULL);
EXCEPTION WHEN insufficient_privilege THEN
  PERFORM desk.fail('LB409', 'this login was made by the server''s administrator, who alone can change it',
    'its owner can: \password in psql');
END
$$;
