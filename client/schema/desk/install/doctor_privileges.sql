-- Who could reach around the guard: rights outside the checked-in matrix, and what logins and groups could do beside it.

-- What every login may call by default and no staff needs, as in admin.sql.
CREATE FUNCTION desk.check_public() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', 'every login may squat advisory locks, hide data in large objects, or write to the log of changes',
    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text))
  FROM pg_proc AS p
  WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
      OR p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'pg_logical_emit_message', 'pg_export_snapshot'))
    AND has_function_privilege('public', p.oid, 'EXECUTE')
  HAVING count(*) > 0
$$;

CREATE FUNCTION desk.check_databases() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'note', 'staff may log in to other databases of this server too: ' || string_agg(d.datname, ', ' ORDER BY d.datname),
    format('REVOKE ALL ON DATABASE %s FROM PUBLIC', string_agg(quote_ident(d.datname), ', ' ORDER BY d.datname))
  FROM pg_database AS d
  WHERE d.datname <> current_database()
    AND d.datallowconn
    AND has_database_privilege('public', d.oid, 'CONNECT')
  HAVING count(*) > 0
$$;

-- Rights that somebody was given by name who is none of the groups, and rights that a group may hand on. What the groups and
-- PUBLIC have is compared with the matrix.
CREATE FUNCTION desk.check_grants(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH object(kind, name, owner, acl) AS (
    SELECT 'DATABASE', quote_ident(d.datname), d.datdba, d.datacl FROM pg_database AS d WHERE d.datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', n.nspname::text, n.nspowner, n.nspacl FROM pg_namespace AS n WHERE n.nspname IN ('lms', 'patronctl', 'desk')
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner, c.relacl
    FROM pg_class AS c
    WHERE c.relnamespace::regnamespace::text IN ('lms', 'patronctl') OR c.relowner = 'patronctl_owner'::regrole
    UNION ALL
    SELECT format('column %s of', quote_ident(a.attname)), a.attrelid::regclass::text, c.relowner, a.attacl
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'FUNCTION', p.oid::regprocedure::text, p.proowner, p.proacl
    FROM pg_proc AS p
    WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk')
  ), held AS (
    SELECT o.kind, o.name, x.grantee, x.is_grantable, string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type) AS privileges
    FROM object AS o
    CROSS JOIN aclexplode(o.acl) AS x
    WHERE x.grantee NOT IN (0, o.owner, 'patronctl_owner'::regrole, 'patronctl_roles'::regrole,
        (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database()))
      AND NOT (o.kind = 'DATABASE' AND x.privilege_type = 'CONNECT' AND NOT x.is_grantable)
    GROUP BY 1, 2, 3, 4
  )
  SELECT 'error',
    format('%s has %s on the %s %s', who.name, h.privileges, lower(h.kind), h.name)
      || CASE WHEN h.is_grantable THEN ', and may hand that on' ELSE '' END,
    CASE
      WHEN h.kind LIKE 'column %' THEN format('REVOKE ALL ON TABLE %s FROM %s', h.name, who.name)
      WHEN g.rolname IS NULL THEN format('REVOKE %s ON %s %s FROM %s', h.privileges, h.kind, h.name, who.name)
      ELSE format('REVOKE GRANT OPTION FOR %s ON %s %s FROM %s', h.privileges, h.kind, h.name, who.name)
    END
  FROM held AS h
  JOIN pg_roles AS r ON r.oid = h.grantee
  LEFT JOIN pg_roles AS g ON g.oid = h.grantee AND g.rolname LIKE 'patronctl\_%'
  CROSS JOIN LATERAL (SELECT desk.named(r.rolname, named OR g.rolname IS NOT NULL)) AS who(name)
  WHERE g.rolname IS NULL OR h.is_grantable
  ORDER BY 2
$$;

-- Rights that objects made later will bring along.
CREATE FUNCTION desk.check_defaults(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'error', 'everybody may call functions that patronctl_owner makes later',
    'ALTER DEFAULT PRIVILEGES FOR ROLE patronctl_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC'
  WHERE NOT EXISTS (
    SELECT FROM pg_default_acl AS d
    WHERE d.defaclrole = 'patronctl_owner'::regrole AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0
      AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) AS x WHERE x.grantee = 0)
  )
  UNION ALL
  SELECT 'error', format('%s will have rights on %s that are made later', who.name, kind.objects),
    format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM %s', d.defaclrole::regrole::text,
      CASE WHEN d.defaclnamespace <> 0 THEN ' IN SCHEMA ' || d.defaclnamespace::regnamespace::text ELSE '' END, kind.objects, who.name)
  FROM pg_default_acl AS d
  CROSS JOIN LATERAL (
    SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
      ELSE 'SCHEMAS' END
  ) AS kind(objects)
  CROSS JOIN LATERAL (SELECT DISTINCT x.grantee FROM aclexplode(d.defaclacl) AS x WHERE x.grantee <> d.defaclrole) AS x
  LEFT JOIN pg_roles AS r ON r.oid = x.grantee
  CROSS JOIN LATERAL (
    SELECT CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE desk.named(r.rolname, named OR r.rolname LIKE 'patronctl\_%') END
  ) AS who(name)
  WHERE (d.defaclrole IN ('patronctl_owner'::regrole, 'patronctl_roles'::regrole)
      OR d.defaclnamespace::regnamespace::text IN ('lms', 'patronctl', 'desk'))
    AND NOT (x.grantee = 0 AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0) -- told above
$$;

-- The owners of everything: nobody may be one of them, nor they be more than owners. On 16 and later who made a role may
-- administer it, without having its rights.
CREATE FUNCTION desk.check_owners(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'error', format('%s is a member of %s, which owns the tables or makes logins', desk.named(r.rolname, named), m.roleid::regrole),
    format('REVOKE %s FROM %s', m.roleid::regrole, desk.named(r.rolname, named))
  FROM pg_auth_members AS m
  JOIN pg_roles AS r ON r.oid = m.member
  WHERE m.roleid IN ('patronctl_owner'::regrole, 'patronctl_roles'::regrole)
    AND (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, TRUE) OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, TRUE))
  UNION ALL
  SELECT 'error', format('%s can do more than it needs', r.rolname),
    format('ALTER ROLE %s NOLOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS %s', r.rolname,
      CASE r.rolname WHEN 'patronctl_roles' THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END)
  FROM pg_roles AS r
  WHERE r.rolname IN ('patronctl_owner', 'patronctl_roles')
    AND (r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
      OR r.rolcreaterole <> (r.rolname = 'patronctl_roles'))
  UNION ALL
  SELECT 'warning', 'the owner of the database is a superuser, and needs CREATEROLE only',
    format('ALTER DATABASE %I OWNER TO %s', current_database(), desk.named('LOGIN', FALSE))
  FROM pg_database AS d
  JOIN pg_roles AS r ON r.oid = d.datdba AND r.rolsuper
  WHERE d.datname = current_database()
$$;

-- The groups of staff: no attributes, no memberships, and no members who are not registered here.
CREATE FUNCTION desk.check_groups(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH staff_group AS (
    SELECT g.oid, g.rolname,
      g.rolcanlogin OR g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolreplication OR g.rolbypassrls AS powerful
    FROM pg_roles AS g
    WHERE g.rolname LIKE 'patronctl\_%' AND g.rolname NOT IN ('patronctl_owner', 'patronctl_roles')
  )
  SELECT 'error', format('everybody in %s can do more than log in', g.rolname),
    format('ALTER ROLE %s NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS', g.rolname)
  FROM staff_group AS g
  WHERE g.powerful
  UNION ALL
  SELECT 'error', format('everybody in %s is also a member of %s', g.rolname, m.roleid::regrole),
    format('REVOKE %s FROM %s', m.roleid::regrole, g.rolname)
  FROM staff_group AS g
  JOIN pg_auth_members AS m ON m.member = g.oid
  UNION ALL
  SELECT 'warning', format('%s is in %s, and not registered here', desk.named(r.rolname, named), g.rolname),
    format('REVOKE %s FROM %s', g.rolname, desk.named(r.rolname, named))
  FROM staff_group AS g
  JOIN pg_auth_members AS m ON m.roleid = g.oid
  JOIN pg_roles AS r ON r.oid = m.member
  WHERE r.rolname NOT IN ('patronctl_owner', 'patronctl_roles')
    AND NOT EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = r.rolname AND 'patronctl_' || s.role = g.rolname)
    AND (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, TRUE) OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, TRUE))
$$;

-- Staff whose login can do what no function decides about.
CREATE FUNCTION desk.check_power(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH staff AS (
    SELECT DISTINCT r.oid, desk.named(r.rolname, named) AS name, array_remove(ARRAY[
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL) AS attributes
    FROM patronctl.staff AS s
    JOIN pg_roles AS r ON r.rolname = s.login
  )
  SELECT 'error', format('%s reaches around the guard: %s', s.name, array_to_string(s.attributes, ', ')),
    format('ALTER ROLE %s NO%s', s.name, array_to_string(s.attributes, ' NO'))
  FROM staff AS s
  WHERE s.attributes <> '{}'
  UNION ALL
  SELECT 'error', format('%s is also a member of %s', s.name, m.roleid::regrole), format('REVOKE %s FROM %s', m.roleid::regrole, s.name)
  FROM staff AS s
  JOIN pg_auth_members AS m ON m.member = s.oid AND m.roleid::regrole::text NOT LIKE 'patronctl\_%'
  UNION ALL
  SELECT 'error', format('%s may hand %s out', s.name, m.roleid::regrole),
    format('REVOKE ADMIN OPTION FOR %s FROM %s', m.roleid::regrole, s.name)
  FROM staff AS s
  JOIN pg_auth_members AS m ON m.member = s.oid AND m.roleid::regrole::text LIKE 'patronctl\_%' AND m.admin_option
$$;

-- Logins that are open although nobody should come in by them.
CREATE FUNCTION desk.check_logins(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', format('%s is disabled and can still log in', desk.named(l.login, named)),
    format('ALTER ROLE %s NOLOGIN', desk.named(l.login, named))
  FROM patronctl.login AS l
  JOIN pg_roles AS r ON r.rolname = l.login AND r.rolcanlogin
  WHERE l.disabled_at IS NOT NULL
  UNION ALL
  SELECT 'note', format('%s can log in, although its last registration ended on %s', desk.named(r.rolname, named), max(s.valid_to)),
    format('patronctl staff disable %s', desk.named(r.rolname, named))
  FROM patronctl.staff AS s
  JOIN pg_roles AS r ON r.rolname = s.login AND r.rolcanlogin AND coalesce(r.rolvaliduntil > clock_timestamp(), TRUE)
  WHERE NOT desk.is_disabled(s.login)
  GROUP BY r.oid, r.rolname
  HAVING bool_and(s.valid_to < patronctl.today(s.authority) AND pg_has_role(r.oid, 'patronctl_' || s.role, 'MEMBER'))
$$;

-- Whether the server's administrator made what desk.check_passwords reads.
CREATE FUNCTION desk.sees_passwords() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT FROM pg_class AS c
    WHERE c.relnamespace = to_regnamespace('patronctl_log') AND c.relname = 'md5_login' AND has_table_privilege(c.oid, 'SELECT')
  )
$$;

-- Staff whose password can be guessed from what is stored of it, which also lets in as it is.
CREATE FUNCTION desk.check_passwords(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF desk.sees_passwords() THEN
    RETURN QUERY
      SELECT 'error', format('the password of %s is stored as md5, which is easily guessed', desk.named(m.login, named)),
        CASE WHEN desk.manages_login(m.login) THEN 'patronctl staff password '
          ELSE 'the server''s administrator, in psql: \password ' END || desk.named(m.login, named)
      FROM patronctl_log.md5_login AS m
      WHERE EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = m.login)
      ORDER BY m.login;
  END IF;
END
$$;

-- Logins that nobody may need any more: never used for a month, or registered without an end for a year.
CREATE FUNCTION desk.check_use(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH staff AS (
    SELECT s.*, desk.named(s.login, named) AS name, patronctl.today(s.authority) AS today
    FROM patronctl.staff AS s
    WHERE patronctl.today(s.authority) BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
      AND NOT desk.is_disabled(s.login)
  ), told AS (
    SELECT DISTINCT 'never used, although registered more than a month ago: ' AS what, s.login, s.name,
      'patronctl staff disable ' || s.name AS mend
    FROM staff AS s
    WHERE NOT EXISTS (SELECT FROM patronctl.access AS a WHERE a.login = s.login)
      AND NOT EXISTS (SELECT FROM staff AS o WHERE o.login = s.login AND o.valid_from >= o.today - 30)
    UNION ALL
    SELECT 'registered more than a year ago, without an end: ', s.login, s.name,
      concat_ws(' ', 'patronctl staff add', s.name, '--role', s.role, '--authority ' || s.authority, '--until DAY')
    FROM staff AS s
    WHERE s.valid_from < s.today - 365 AND s.valid_to IS NULL
  )
  SELECT 'note', t.what || CASE WHEN named THEN string_agg(DISTINCT t.name, ', ') ELSE count(DISTINCT t.login) || ' logins' END, min(t.mend)
  FROM told AS t
  GROUP BY t.what
$$;
