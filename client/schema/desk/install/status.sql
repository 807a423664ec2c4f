-- Versions and sizes.

CREATE FUNCTION desk.installation_status() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'server', current_setting('server_version'),
    'database', current_database(),
    'lms_version', (SELECT max(v.version) FROM patronctl.version AS v WHERE v.schema_name = 'lms'),
    'records_version', (SELECT max(v.version) FROM patronctl.version AS v WHERE v.schema_name = 'patronctl'),
    'desk_hash', i.functions_hash,
    'clock_offset', i.clock_offset::text,
    'quarantined_at', (SELECT l.quarantined_at FROM patronctl.ledger AS l),
    'rows', (
      SELECT jsonb_agg(jsonb_build_object('relation', t.relation, 'rows', t.rows) ORDER BY t.relation)
      FROM (
        SELECT n.nspname || '.' || coalesce(parent.relname, c.relname) AS relation, sum(pg_stat_get_live_tuples(c.oid)) AS rows
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('lms', 'patronctl')
        LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid
        LEFT JOIN pg_class AS parent ON parent.oid = h.inhparent
        WHERE c.relkind IN ('r', 'p')
        GROUP BY 1
      ) AS t))
  FROM patronctl.installation AS i
$$;

CREATE FUNCTION desk.status(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'status');
  RETURN desk.installation_status();
END
$$;
