-- Making and changing logins of the server. These belong to patronctl_roles and are called by functions of desk only. They
-- are the only ones that write a name into SQL text, and can give away nothing but the tool's groups.

-- The groups of the tool, by role.
CREATE FUNCTION desk.staff_group(role text) RETURNS regrole
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN staff_group.role IN ('clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor', 'opac')
    THEN to_regrole('patronctl_' || staff_group.role) END
$$;

-- Refuses what is no login of a person or program, and one that could reach around the guard. A closed one is a login that
-- was disabled.
CREATE FUNCTION desk.require_plain_login(login text, closed boolean DEFAULT FALSE) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  account record;
BEGIN
  SELECT r.oid, r.rolcanlogin, r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS powerful INTO account
  FROM pg_roles AS r
  WHERE r.rolname = require_plain_login.login AND r.rolname !~ '^(pg|patronctl)_';
  IF NOT FOUND OR NOT account.rolcanlogin AND NOT closed THEN
    PERFORM desk.fail('LB404', 'there is no such login in this PostgreSQL server',
      'staff add makes it when it is given a password, or --external');
  ELSIF account.powerful THEN
    PERFORM desk.fail('LB409',
      'this login has attributes that reach around the guard (superuser, createrole, createdb, replication or bypassrls)',
      'register a login of its own for daily work');
  ELSIF EXISTS (
    SELECT FROM pg_auth_members AS m
    WHERE m.member = account.oid
      AND (m.admin_option
        OR m.roleid NOT IN (SELECT desk.staff_group(g)
          FROM unnest(ARRAY['clerk', 'supervisor', 'officer', 'support', 'admin', 'job', 'auditor', 'opac']) AS g))
  ) THEN
    PERFORM desk.fail('LB409', 'this login is a member of roles that are not patronctl''s own, or may hand those out',
      'register a login of its own for daily work');
  END IF;
END
$$;

-- Nobody is given rights or a password in their own name through these.
CREATE FUNCTION desk.refuse_oneself(login text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF refuse_oneself.login = session_user::text THEN
    PERFORM desk.fail('LB403', 'nobody changes their own rights', 'ask another administrator');
  END IF;
END
$$;

-- Puts a login into a role's group.
CREATE FUNCTION desk.join_group(login text, role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.refuse_oneself(login);
  PERFORM desk.require_plain_login(login);
  EXECUTE format('GRANT %s TO %I', desk.staff_group(role), login);
EXCEPTION WHEN unique_violation THEN
  NULL; -- the groups belong to the server: through another of its databases it has just become a member
END
$$;

CREATE FUNCTION desk.leave_group(login text, role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.refuse_oneself(login);
  PERFORM desk.require_plain_login(login, closed => TRUE);
  EXECUTE format('REVOKE %s FROM %I', desk.staff_group(role), login);
END
$$;

-- Only what the client has hashed is taken: a clear password must not come this far.
CREATE FUNCTION desk.require_verifier(verifier text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
    PERFORM desk.fail('LB400', 'a password must come as a SCRAM-SHA-256 verifier');
  END IF;
END
$$;

-- Makes a login that nothing else has to do with. Without a verifier no password opens it.
CREATE FUNCTION desk.make_login(login text, verifier text) RETURNS oid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT coalesce(login ~ '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$' AND login !~ '^(pg|patronctl)_'
    AND lower(login) NOT IN ('public', 'none'), FALSE) THEN
    PERFORM desk.fail('LB400', 'a new login is up to 63 letters, digits and . _ @ + -, not beginning with pg_ or patronctl_');
  END IF;
  PERFORM desk.require_verifier(verifier);
  EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 20 PASSWORD %L', login, verifier);
  RETURN (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = login);
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  PERFORM desk.fail('LB409', 'there is such a login already', 'run the command again');
END
$$;

-- Changes what is not NULL: the password, whether it may log in at all, and until when a password opens it.
CREATE FUNCTION desk.alter_login(login text, verifier text, may_log_in boolean, until timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
AS $$
BEGIN
  PERFORM desk.require_plain_login(login, closed => verifier IS NULL);
  IF verifier IS NOT NULL THEN
    PERFORM desk.require_verifier(verifier);
    EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
  END IF;
  IF may_log_in IS NOT NULL OR until IS NOT NULL THEN
    PERFORM desk.refuse_oneself(login);
  END IF;
  IF may_log_in THEN
    EXECUTE format('ALTER ROLE %I LOGIN', login);
  ELSIF NOT may_log_in THEN
    EXECUTE format('ALTER ROLE %I NOLOGIN', login);
  END IF;
  IF until IS NOT NULL THEN
    EXECUTE format('ALTER ROLE %I VALID UNTIL %L', login, until);
  END IF;
END
$$;
