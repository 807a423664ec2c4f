-- Staff: who works where, in which role, since and until when.

-- Checks a registration and makes it. Called by administrators through add_staff, and by db init for the first one.
CREATE FUNCTION desk.register_staff(
  login text, authority text, role text, valid_to date,
  kind text DEFAULT 'employee', organisation text DEFAULT NULL, agreement text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  today date;
BEGIN
  IF desk.staff_group(register_staff.role) IS NULL THEN
    PERFORM desk.fail('LB400', 'unknown role; use one of {roles}',
      params => jsonb_build_object('roles', array_to_string(desk.roles(), ', ')));
  END IF;
  PERFORM desk.require_authority(register_staff.authority);
  IF register_staff.authority IS NULL AND register_staff.role IN ('clerk', 'supervisor', 'officer') THEN
    PERFORM desk.fail('LB400', 'the role {role} belongs to an authority',
      'name it with --authority; the whole consortium is for support, admin, job, auditor and opac',
      jsonb_build_object('role', register_staff.role));
  ELSIF NOT coalesce(register_staff.kind IN ('employee', 'volunteer', 'partner'), FALSE) THEN
    PERFORM desk.fail('LB400', 'unknown kind; use one of employee, volunteer, partner');
  ELSIF register_staff.kind <> 'employee' AND register_staff.valid_to IS NULL THEN
    PERFORM desk.fail('LB400', 'the registration of a {kind} ends on a day',
      'give it with --until', jsonb_build_object('kind', register_staff.kind));
  ELSIF register_staff.kind = 'partner' AND (organisation IS NULL OR agreement IS NULL) THEN
    PERFORM desk.fail('LB400', 'a partner comes from an organisation, under an agreement',
      'name both with --organisation and --agreement');
  ELSIF greatest(length(organisation), length(agreement)) > 100 THEN
    PERFORM desk.fail('LB400', 'an organisation and an agreement have at most 100 characters');
  END IF;
  PERFORM desk.require_plain_login(register_staff.login);
  today := patronctl.today(register_staff.authority);
  IF register_staff.valid_to < today THEN
    PERFORM desk.fail('LB400', 'that day is over; today is {day}',
      'to end a registration: patronctl staff revoke LOGIN', jsonb_build_object('day', today));
  END IF;
  INSERT INTO patronctl.staff AS s (login, authority, role, valid_from, valid_to, kind, organisation, agreement)
  VALUES (register_staff.login, register_staff.authority, register_staff.role, today,
    register_staff.valid_to, register_staff.kind, register_staff.organisation, register_staff.agreement)
  ON CONFLICT ON CONSTRAINT staff_login_authority_role_key DO UPDATE
  SET valid_from = CASE WHEN s.valid_to < today THEN today ELSE s.valid_from END,
      valid_to = excluded.valid_to, kind = excluded.kind, organisation = excluded.organisation, agreement = excluded.agreement;
  PERFORM desk.join_group(register_staff.login, register_staff.role);
  PERFORM desk.limit_login(register_staff.login);
END
$$;

-- Registers a login in a role. One that does not exist is made with the verifier of its password, or without a password
-- for logins that are managed outside.
CREATE FUNCTION desk.add_staff(
  access bigint, login text, authority text, role text, valid_to date,
  kind text DEFAULT 'employee', organisation text DEFAULT NULL, agreement text DEFAULT NULL,
  verifier text DEFAULT NULL, external boolean DEFAULT FALSE
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'add_staff', TRUE);
  known boolean := EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = add_staff.login);
BEGIN
  PERFORM desk.refuse_oneself(add_staff.login);
  PERFORM desk.require_area('staff add', add_staff.authority);
  IF desk.is_disabled(add_staff.login) THEN
    PERFORM desk.fail('LB409', 'this login is disabled', 'first: patronctl staff enable LOGIN');
  ELSIF known AND verifier IS NOT NULL THEN
    PERFORM desk.fail('LB409', 'there is such a login already; its password stays as it is',
      'add it without one; to give it another: patronctl staff password LOGIN');
  END IF;
  IF NOT known AND (verifier IS NOT NULL OR external) THEN
    INSERT INTO patronctl.login AS l (login, made_as, external)
    VALUES (add_staff.login, desk.make_login(add_staff.login, add_staff.verifier), add_staff.external)
    ON CONFLICT ON CONSTRAINT login_pkey DO UPDATE SET made_as = excluded.made_as, external = excluded.external;
  ELSIF external THEN
    INSERT INTO patronctl.login AS l (login, external)
    VALUES (add_staff.login, TRUE)
    ON CONFLICT ON CONSTRAINT login_pkey DO NOTHING;
  END IF;
  PERFORM desk.register_staff(add_staff.login, add_staff.authority, add_staff.role, add_staff.valid_to,
    add_staff.kind, add_staff.organisation, add_staff.agreement);
  PERFORM desk.record_result(a.id, jsonb_build_object('login', add_staff.login, 'authority', add_staff.authority, 'role', add_staff.role,
    'until', add_staff.valid_to, 'kind', add_staff.kind, 'made', NOT known));
  RETURN jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the login could not be registered', SQLSTATE);
END
$$;

-- Ends a registration at once: yesterday was its last day.
CREATE FUNCTION desk.revoke_staff(access bigint, login text, authority text, role text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'revoke_staff', TRUE);
  today date;
BEGIN
  PERFORM desk.refuse_oneself(revoke_staff.login);
  PERFORM desk.require_authority(revoke_staff.authority);
  PERFORM desk.require_area('staff revoke', revoke_staff.authority);
  today := patronctl.today(revoke_staff.authority);
  UPDATE patronctl.staff AS s
  SET valid_to = today - 1
  WHERE s.login = revoke_staff.login
    AND s.authority IS NOT DISTINCT FROM revoke_staff.authority
    AND s.role = revoke_staff.role
    AND coalesce(s.valid_to, 'infinity') >= today;
  IF NOT FOUND THEN
    PERFORM desk.fail('LB404', 'this login has no such role there', 'see what it has: patronctl staff show LOGIN');
  END IF;
  -- The group stays where another authority needs it, or where the login serves something else on this server.
  IF desk.manages_login(revoke_staff.login) AND NOT EXISTS (
    SELECT FROM patronctl.staff AS s
    WHERE s.login = revoke_staff.login AND s.role = revoke_staff.role AND coalesce(s.valid_to, 'infinity') >= patronctl.today(s.authority)
  ) THEN
    PERFORM desk.leave_group(revoke_staff.login, revoke_staff.role);
  END IF;
  PERFORM desk.limit_login(revoke_staff.login);
  PERFORM desk.record_result(a.id,
    jsonb_build_object('login', revoke_staff.login, 'authority', revoke_staff.authority, 'role', revoke_staff.role));
  RETURN jsonb_build_object('receipt', desk.receipt(a.id));
EXCEPTION
  WHEN lock_not_available THEN
    PERFORM desk.blame_login(revoke_staff.login);
    RAISE;
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the registration could not be ended', SQLSTATE);
END
$$;

-- Says how to go on where a login keeps its own registration locked, in a transaction that it leaves open. Disabling needs
-- no such lock.
CREATE FUNCTION desk.blame_login(login text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_locks AS l
    JOIN pg_stat_activity AS s ON s.pid = l.pid
    WHERE s.usename = blame_login.login AND l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
  ) THEN
    PERFORM desk.fail('LB423', 'an open transaction of this login is in the way',
      'end its sessions: patronctl staff disable LOGIN; then try again');
  END IF;
END
$$;

-- Refuses an authority that this login does not administer.
CREATE FUNCTION desk.require_area(operation text, authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT desk.administers(operation, require_area.authority) THEN
    PERFORM desk.fail('LB403', 'this login does not administer {authority}',
      params => jsonb_build_object('authority', coalesce(require_area.authority, 'the whole consortium')));
  END IF;
END
$$;

CREATE FUNCTION desk.list_staff(access bigint) RETURNS SETOF patronctl.staff
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_staff');
  RETURN QUERY
    SELECT * FROM patronctl.staff AS s
    WHERE desk.administers('staff list', s.authority)
    ORDER BY s.authority NULLS FIRST, s.role, s.login;
END
$$;

-- One login: where it is registered, whether it can log in, when it was last used.
CREATE FUNCTION desk.show_staff(access bigint, login text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  registrations jsonb;
BEGIN
  PERFORM desk.use_access(access, 'show_staff');
  SELECT jsonb_agg(jsonb_build_object(
      'login', s.login, 'authority', coalesce(s.authority, ''), 'role', s.role, 'valid_from', s.valid_from, 'valid_to', s.valid_to,
      'kind', s.kind, 'organisation', coalesce(s.organisation, ''), 'agreement', coalesce(s.agreement, ''))
    ORDER BY s.authority NULLS FIRST, s.role)
  INTO registrations
  FROM patronctl.staff AS s
  WHERE s.login = show_staff.login AND desk.administers('staff list', s.authority);
  IF registrations IS NULL THEN
    PERFORM desk.fail('LB404', 'no such member of staff', 'see patronctl staff list');
  END IF;
  RETURN jsonb_build_object(
      'login', show_staff.login,
      'registrations', registrations,
      'last_used_at', (SELECT a.at FROM patronctl.access AS a WHERE a.login = show_staff.login ORDER BY a.id DESC LIMIT 1))
    || (SELECT jsonb_build_object(
          'external', coalesce(bool_or(l.external), FALSE), 'disabled_at', max(l.disabled_at),
          'may_log_in', coalesce(bool_or(r.rolcanlogin), FALSE),
          'password_until', nullif(max(r.rolvaliduntil), 'infinity') + (SELECT i.clock_offset FROM patronctl.installation AS i))
        FROM (SELECT) AS one
        LEFT JOIN patronctl.login AS l ON l.login = show_staff.login
        LEFT JOIN pg_roles AS r ON r.rolname = show_staff.login);
END
$$;
