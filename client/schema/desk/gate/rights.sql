-- Who may do what. What is not in patronctl.operation and patronctl.rights is refused; operations.sql tells what stands there.

-- The rights that the login of this session has today to an operation.
CREATE FUNCTION desk.my_rights(operation text) RETURNS TABLE (authority text, role text, reach text, needs_reason boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- every call of the desk asks several times
AS $$
BEGIN
  RETURN QUERY
  SELECT s.authority, s.role, r.reach, r.needs_reason
  FROM patronctl.staff AS s
  JOIN patronctl.rights AS r ON r.role = s.role AND r.operation = my_rights.operation
  WHERE s.login = session_user::text
    AND patronctl.today(s.authority) BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
    AND pg_has_role(session_user, 'patronctl_' || s.role, 'MEMBER')
    AND NOT desk.is_disabled(s.login);
END
$$;

-- Whether this login has a right to an operation for an authority: NULL is the whole consortium.
CREATE FUNCTION desk.administers(operation text, authority text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT FROM desk.my_rights(administers.operation) AS r
    WHERE r.authority IS NULL OR r.authority = administers.authority
  )
$$;

-- The authorities that this login has a right to an operation for; with `one`, no other.
CREATE FUNCTION desk.authorities_at(operation text, one text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT a.code FROM lms.authority AS a
    WHERE (one IS NULL OR a.code = one) AND desk.administers(authorities_at.operation, a.code)
  )
$$;

-- Refuses an authority that this login has no right to an operation for, or that is none; NULL is no authority in particular.
CREATE FUNCTION desk.require_reach(operation text, authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.require_authority(authority);
  IF authority IS NOT NULL AND NOT desk.administers(operation, authority) THEN
    PERFORM desk.fail('LB403', '{operation} is not for your login at {authority}',
      'leave the authority out', jsonb_build_object('operation', operation, 'authority', authority));
  END IF;
END
$$;

-- The authority that this login has a right to an operation for, when it is a single one.
CREATE FUNCTION desk.only_authority(operation text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT min(r.authority)
  FROM desk.my_rights(only_authority.operation) AS r
  HAVING count(*) = count(r.authority) AND count(DISTINCT r.authority) = 1
$$;

-- Whether this login has any right to an operation, so that a client need not try and be refused.
CREATE FUNCTION desk.may(operation text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT desk.require_open(may.operation);
  SELECT EXISTS (SELECT FROM desk.my_rights(may.operation))
$$;

-- Refuses a login without any right to an operation, naming the roles that have one. The refusal is an error, so that
-- it stands in the server's log.
CREATE FUNCTION desk.require_right(operation text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM desk.my_rights(require_right.operation)) THEN
    RETURN;
  ELSIF NOT EXISTS (SELECT FROM patronctl.operation AS o WHERE o.name = require_right.operation) THEN
    PERFORM desk.fail('LB410', 'unknown operation; use one of {operations}',
      params => jsonb_build_object('operations', desk.operations()));
  ELSE
    PERFORM desk.fail('LB403', 'your login may not do this: {operation} needs the role {roles}',
      'an administrator registers roles with: patronctl staff add LOGIN --authority A --role R',
      jsonb_build_object('operation', require_right.operation, 'roles', (
        SELECT string_agg(g.role, ' or ' ORDER BY g.place)
        FROM unnest(desk.roles()) WITH ORDINALITY AS g(role, place)
        JOIN patronctl.rights AS r ON r.role = g.role AND r.operation = require_right.operation
      )));
  END IF;
END
$$;
