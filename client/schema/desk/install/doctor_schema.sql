-- Columns, functions, triggers and indexes that are not as they must be, whoever made them.

CREATE FUNCTION desk.check_columns() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'error', format('the column %s.%s.%s has no class: erasing and exporting do not know of it', n.nspname, c.relname, a.attname),
    format('INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES (%L, %L, %L, ''CLASS'')', n.nspname,
      c.relname, a.attname)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('lms', 'patronctl')
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND NOT EXISTS (
      SELECT FROM patronctl.catalogue AS k WHERE (k.schema_name, k.relation, k.column_name) = (n.nspname, c.relname, a.attname)
    )
  UNION ALL
  SELECT 'warning', format('the column %s.%s.%s is classified, and is not there', k.schema_name, k.relation, k.column_name),
    format('DELETE FROM patronctl.catalogue WHERE (schema_name, relation, column_name) = (%L, %L, %L)', k.schema_name, k.relation,
      k.column_name)
  FROM patronctl.catalogue AS k
  WHERE NOT EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass(format('%I.%I', k.schema_name, k.relation)) AND a.attname = k.column_name AND NOT a.attisdropped
  )
  ORDER BY 2
$$;

-- Statistics keep values of people where no erasing finds them.
CREATE FUNCTION desk.check_statistics() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE family AS (
    SELECT k.column_name, to_regclass(format('%I.%I', k.schema_name, k.relation))::oid AS relation
    FROM patronctl.catalogue AS k
    WHERE k.class IN ('personal', 'special', 'secret')
    UNION
    SELECT f.column_name, i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.relation
  )
  SELECT 'error', format('values of the column %s.%s get into the server''s statistics', f.relation::regclass, f.column_name),
    format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', f.relation::regclass, f.column_name)
  FROM family AS f
  JOIN pg_attribute AS a ON a.attrelid = f.relation AND a.attname = f.column_name
  WHERE a.attstattarget IS DISTINCT FROM 0
  UNION ALL
  SELECT DISTINCT 'error', format('values of people are in the server''s statistics of %s.%s', c.oid::regclass, s.attname),
    format('DELETE FROM pg_statistic WHERE starelid = %L::regclass AND staattnum = %s; patronctl erasure scrub', c.oid::regclass,
      (SELECT a.attnum FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = s.attname))
  FROM pg_stats AS s
  JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', s.schemaname, s.tablename))
  WHERE EXISTS (SELECT FROM family AS f WHERE f.relation = c.oid AND f.column_name = s.attname)
    OR EXISTS (SELECT FROM family AS f JOIN pg_index AS i ON i.indrelid = f.relation WHERE i.indexrelid = c.oid)
  UNION ALL
  SELECT DISTINCT 'error', format('values of people get into the statistics %s.%s', x.stxnamespace::regnamespace, x.stxname),
    format('DROP STATISTICS %s.%I', x.stxnamespace::regnamespace, x.stxname)
  FROM family AS f
  JOIN pg_statistic_ext AS x ON x.stxrelid = f.relation
  ORDER BY 2
$$;

-- Functions that run with somebody else's rights.
CREATE FUNCTION desk.check_definers() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH candidate AS (
    SELECT p.*, n.nspname IN ('lms', 'patronctl', 'desk') AS ours
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    WHERE NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  )
  SELECT 'error',
    format('%s looks names up where its caller says: its search_path is not fixed, or does not end in pg_temp', p.oid::regprocedure),
    format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', p.oid::regprocedure)
  FROM candidate AS p
  WHERE (p.ours OR p.prosecdef)
    AND p.prosqlbody IS NULL -- a body that was bound when it was created looks nothing up
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c ~ '^search_path=(.*, ?)?pg_temp$')
  UNION ALL
  SELECT 'error', format('%s belongs to %s', p.oid::regprocedure, CASE WHEN r.rolsuper THEN 'a superuser' ELSE 'another role' END),
    format('ALTER FUNCTION %s OWNER TO patronctl_owner', p.oid::regprocedure)
  FROM candidate AS p
  JOIN pg_roles AS r ON r.oid = p.proowner
  WHERE p.ours AND r.rolname NOT IN ('patronctl_owner', 'patronctl_roles')
  UNION ALL
  SELECT 'error', format('%s runs with the rights of patronctl''s owner outside the schema desk', p.oid::regprocedure),
    format('ALTER FUNCTION %s SECURITY INVOKER', p.oid::regprocedure)
  FROM candidate AS p
  WHERE p.prosecdef
    AND p.pronamespace <> 'desk'::regnamespace
    AND p.proowner IN ('patronctl_owner'::regrole, 'patronctl_roles'::regrole)
  UNION ALL
  SELECT 'warning', format('everybody may call %s, which runs with the rights of its owner', p.oid::regprocedure),
    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', p.oid::regprocedure)
  FROM candidate AS p
  WHERE p.prosecdef
    AND NOT p.ours -- those are compared with the matrix
    AND has_function_privilege('public', p.oid, 'EXECUTE')
  ORDER BY 2
$$;

CREATE FUNCTION desk.check_disabled_triggers() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT 'error', format('%s on %s %s disabled',
      CASE WHEN t.tgisinternal THEN 'checks of foreign keys' ELSE 'the trigger ' || quote_ident(t.tgname) END, t.tgrelid::regclass,
      CASE WHEN t.tgisinternal THEN 'are' ELSE 'is' END),
    format('ALTER TABLE %s ENABLE TRIGGER %s', t.tgrelid::regclass, CASE WHEN t.tgisinternal THEN 'ALL' ELSE quote_ident(t.tgname) END)
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
  WHERE t.tgenabled NOT IN ('O', 'A')
  ORDER BY 2
$$;

CREATE FUNCTION desk.check_invalid_indexes() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', format('the index %s is not valid, and used by no query', i.indexrelid::regclass),
    format('REINDEX INDEX %s', i.indexrelid::regclass)
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indrelid AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
  WHERE NOT (i.indisvalid AND i.indisready)
  ORDER BY 2
$$;
