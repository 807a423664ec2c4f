-- Registering staff. The login exists in PostgreSQL; here it gets a role at an authority.

-- Puts a login into a role's group. Owned by patronctl_roles, and the only place that names a login in SQL text.
CREATE FUNCTION desk.join_group(login text, role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off
AS $$
BEGIN
  CASE join_group.role
    WHEN 'clerk' THEN EXECUTE format('GRANT patronctl_clerk TO %I', login);
    WHEN 'supervisor' THEN EXECUTE format('GRANT patronctl_supervisor TO %I', login);
    WHEN 'officer' THEN EXECUTE format('GRANT patronctl_officer TO %I', login);
    WHEN 'support' THEN EXECUTE format('GRANT patronctl_support TO %I', login);
    WHEN 'admin' THEN EXECUTE format('GRANT patronctl_admin TO %I', login);
    WHEN 'job' THEN EXECUTE format('GRANT patronctl_job TO %I', login);
    WHEN 'auditor' THEN EXECUTE format('GRANT patronctl_auditor TO %I', login);
  END CASE;
END
$$;

-- Checks a registration and makes it. Called by administrators through add_staff, and by db init for the first one.
CREATE FUNCTION desk.register_staff(login text, authority text, role text, valid_to date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  account record;
BEGIN
  IF NOT coalesce(register_staff.role IN (SELECT r.role FROM desk.rights() AS r), FALSE) THEN
    RAISE EXCEPTION 'unknown role; use one of clerk, supervisor, officer, support, admin, job, auditor' USING ERRCODE = 'LB400';
  END IF;
  PERFORM desk.require_authority(register_staff.authority);
  IF register_staff.authority IS NULL AND register_staff.role IN ('clerk', 'supervisor', 'officer') THEN
    RAISE EXCEPTION 'the role % belongs to an authority', register_staff.role
      USING ERRCODE = 'LB400', HINT = 'name it with --authority; the whole consortium is for support, admin, job and auditor';
  END IF;
  SELECT r.rolcanlogin, r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS powerful INTO account
  FROM pg_roles AS r
  WHERE r.rolname = register_staff.login;
  IF NOT FOUND OR NOT account.rolcanlogin THEN
    RAISE EXCEPTION 'there is no such login in this PostgreSQL server'
      USING ERRCODE = 'LB404', HINT = 'create it first: CREATE ROLE ... LOGIN';
  ELSIF account.powerful THEN
    RAISE EXCEPTION 'this login has attributes that reach around the guard (superuser, createrole, createdb, replication or bypassrls)'
      USING ERRCODE = 'LB409', HINT = 'register a login of its own for daily work';
  END IF;
  INSERT INTO patronctl.staff AS s (login, authority, role, valid_from, valid_to)
  VALUES (register_staff.login, register_staff.authority, register_staff.role,
    patronctl.today(register_staff.authority), register_staff.valid_to)
  ON CONFLICT ON CONSTRAINT staff_login_authority_role_key DO UPDATE SET valid_to = excluded.valid_to;
  PERFORM desk.join_group(register_staff.login, register_staff.role);
END
$$;

CREATE FUNCTION desk.add_staff(access bigint, login text, authority text, role text, valid_to date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'staff add', TRUE);
BEGIN
  IF add_staff.login = session_user::text THEN
    RAISE EXCEPTION 'nobody changes their own rights' USING ERRCODE = '42501', HINT = 'ask another administrator';
  ELSIF NOT desk.administers('staff add', add_staff.authority) THEN
    RAISE EXCEPTION 'this login does not administer %', coalesce(add_staff.authority, 'the whole consortium') USING ERRCODE = '42501';
  END IF;
  PERFORM desk.register_staff(add_staff.login, add_staff.authority, add_staff.role, add_staff.valid_to);
  PERFORM desk.record_result(a.id, jsonb_build_object('login', add_staff.login, 'authority', add_staff.authority, 'role', add_staff.role));
EXCEPTION WHEN integrity_constraint_violation THEN
  RAISE EXCEPTION 'the login could not be registered: %', SQLSTATE USING ERRCODE = 'LB409', HINT = 'run patronctl db status';
END
$$;

CREATE FUNCTION desk.list_staff(access bigint) RETURNS SETOF patronctl.staff
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off
AS $$
BEGIN
  PERFORM desk.use_access(access, 'staff list');
  RETURN QUERY
    SELECT * FROM patronctl.staff AS s
    WHERE desk.administers('staff list', s.authority)
    ORDER BY s.authority NULLS FIRST, s.role, s.login;
END
$$;
