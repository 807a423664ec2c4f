-- What PUBLIC, the groups and the owner of the database may do with every object, one row each: r select, a insert, w update,
-- d delete, D truncate, x references, t trigger, X execute, U usage, C create, c connect, T temporary; - nothing. A partition
-- stands beside its table and has its name. privileges.csv says how it must be; any login can ask this.
WITH object AS (
  SELECT 1 AS place, 'database' AS kind, 'this' AS name, d.oid, FALSE AS part, quote_ident(d.datname) AS object
  FROM pg_database AS d
  WHERE d.datname = current_database()
  UNION ALL
  SELECT 2, 'schema', n.nspname::text, n.oid, FALSE, n.nspname::text
  FROM pg_namespace AS n
  WHERE n.nspname IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
  UNION ALL
  SELECT 3, CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
    coalesce(h.inhparent, c.oid)::regclass::text, c.oid, c.relispartition, c.oid::regclass::text
  FROM pg_class AS c
  LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid AND c.relispartition
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
  UNION ALL
  SELECT 4, 'function', p.oid::regprocedure::text, p.oid, FALSE, p.oid::regprocedure::text
  FROM pg_proc AS p
  WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk', 'public', 'patronctl_log')
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
), grantee AS (
  SELECT n.place, n.name, CASE n.name WHEN 'owner' THEN o.name ELSE n.name END AS role
  FROM unnest(ARRAY['public', 'patronctl_clerk', 'patronctl_supervisor', 'patronctl_officer', 'patronctl_support',
    'patronctl_admin', 'patronctl_job', 'patronctl_auditor', 'patronctl_opac', 'owner']) WITH ORDINALITY AS n(name, place)
  CROSS JOIN (
    SELECT r.rolname::text, r.rolsuper FROM pg_database AS d JOIN pg_roles AS r ON r.oid = d.datdba WHERE d.datname = current_database()
  ) AS o(name, powerful)
  WHERE NOT (n.name = 'owner' AND o.powerful) -- who may do everything
)
SELECT o.kind, o.name, g.name, o.object, quote_ident(g.role), coalesce(nullif(CASE
  WHEN o.kind = 'database' THEN concat(
    CASE WHEN has_database_privilege(g.role, o.oid, 'CONNECT') THEN 'c' END,
    CASE WHEN has_database_privilege(g.role, o.oid, 'CREATE') THEN 'C' END,
    CASE WHEN has_database_privilege(g.role, o.oid, 'TEMPORARY') THEN 'T' END)
  WHEN o.kind = 'schema' THEN concat(
    CASE WHEN has_schema_privilege(g.role, o.oid, 'USAGE') THEN 'U' END,
    CASE WHEN has_schema_privilege(g.role, o.oid, 'CREATE') THEN 'C' END)
  WHEN o.kind = 'function' THEN
    CASE WHEN has_function_privilege(g.role, o.oid, 'EXECUTE') THEN 'X' ELSE '' END
  WHEN o.kind = 'sequence' THEN concat(
    CASE WHEN has_sequence_privilege(g.role, o.oid, 'SELECT') THEN 'r' END,
    CASE WHEN has_sequence_privilege(g.role, o.oid, 'UPDATE') THEN 'w' END,
    CASE WHEN has_sequence_privilege(g.role, o.oid, 'USAGE') THEN 'U' END)
  ELSE concat(
    CASE WHEN has_table_privilege(g.role, o.oid, 'SELECT') OR has_any_column_privilege(g.role, o.oid, 'SELECT') THEN 'r' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'INSERT') OR has_any_column_privilege(g.role, o.oid, 'INSERT') THEN 'a' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'UPDATE') OR has_any_column_privilege(g.role, o.oid, 'UPDATE') THEN 'w' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'DELETE') THEN 'd' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'TRUNCATE') THEN 'D' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'REFERENCES') OR has_any_column_privilege(g.role, o.oid, 'REFERENCES') THEN 'x' END,
    CASE WHEN has_table_privilege(g.role, o.oid, 'TRIGGER') THEN 't' END)
  END, ''), '-') AS rights
FROM object AS o
CROSS JOIN grantee AS g
ORDER BY o.place, o.name COLLATE "C", o.part, o.object COLLATE "C", g.place
