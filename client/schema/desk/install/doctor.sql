-- What is not as it should be, and what mends it. Each check is a function of its own that finds nothing when all is well.
-- What can be read in the server's catalogues alone, the client compares by itself (client/doctor.go): what is to judge these
-- functions must not be one of them.

-- The checks of one part, each with its findings. To support and jobs no login is named.
CREATE FUNCTION desk.doctor(access bigint, part text, program jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'doctor');
  named boolean := NOT a.facts AND a.authority IS NULL;
BEGIN
  RETURN CASE part
    WHEN 'version' THEN jsonb_build_object(
      'version', (SELECT jsonb_agg(f) FROM desk.check_version(program) AS f))
    WHEN 'server' THEN jsonb_build_object(
      'release', (SELECT jsonb_agg(f) FROM desk.check_release(current_setting('server_version_num')::integer) AS f),
      'settings', (SELECT jsonb_agg(f) FROM desk.check_settings() AS f),
      'settings of logins', (SELECT jsonb_agg(f) FROM desk.check_role_settings(named) AS f),
      'set-up', (SELECT jsonb_agg(f) FROM desk.check_help() AS f),
      'log of logins', (SELECT jsonb_agg(f) FROM desk.check_log() AS f),
      'login rules', (SELECT jsonb_agg(f) FROM desk.check_login_rules() AS f),
      'clock', (SELECT jsonb_agg(f) FROM desk.check_clock() AS f),
      'quarantine', (SELECT jsonb_agg(f) FROM desk.check_quarantine() AS f),
      'old transactions', (SELECT jsonb_agg(f) FROM desk.check_transactions(named, '15 minutes') AS f),
      'idle transactions', (SELECT jsonb_agg(f) FROM desk.check_idle(named, '5 minutes') AS f),
      'sealing', (SELECT jsonb_agg(f) FROM desk.check_sealing() AS f),
      'retention', (SELECT jsonb_agg(f) FROM desk.check_retention() AS f),
      'scrubbing', (SELECT jsonb_agg(f) FROM desk.check_scrubbing() AS f))
    WHEN 'privileges' THEN jsonb_build_object(
      'defaults of PUBLIC', (SELECT jsonb_agg(f) FROM desk.check_public() AS f),
      'other databases', (SELECT jsonb_agg(f) FROM desk.check_databases() AS f),
      'rights of others', (SELECT jsonb_agg(f) FROM desk.check_grants(named) AS f),
      'default rights', (SELECT jsonb_agg(f) FROM desk.check_defaults(named) AS f),
      'owners', (SELECT jsonb_agg(f) FROM desk.check_owners(named) AS f),
      'groups', (SELECT jsonb_agg(f) FROM desk.check_groups(named) AS f),
      'power of staff', (SELECT jsonb_agg(f) FROM desk.check_power(named) AS f),
      'logins', (SELECT jsonb_agg(f) FROM desk.check_logins(named) AS f),
      'passwords', (SELECT jsonb_agg(f) FROM desk.check_passwords(named) AS f),
      'use of logins', (SELECT jsonb_agg(f) FROM desk.check_use(named) AS f))
    WHEN 'schema' THEN jsonb_build_object(
      'columns', (SELECT jsonb_agg(f) FROM desk.check_columns() AS f),
      'statistics', (SELECT jsonb_agg(f) FROM desk.check_statistics() AS f),
      'copy of the rights', (SELECT jsonb_agg(f) FROM desk.check_operations(program -> 'operations') AS f),
      'definer functions', (SELECT jsonb_agg(f) FROM desk.check_definers() AS f),
      'disabled triggers', (SELECT jsonb_agg(f) FROM desk.check_disabled_triggers() AS f),
      'invalid indexes', (SELECT jsonb_agg(f) FROM desk.check_invalid_indexes() AS f))
  END;
END
$$;

-- A login in a sentence or command, for who may know it.
CREATE FUNCTION desk.named(login text, named boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN named THEN quote_ident(login) ELSE 'LOGIN' END
$$;

-- Tables and functions against those of the program that asks.
CREATE FUNCTION desk.check_version(program jsonb) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH here AS (
    SELECT (SELECT max(v.version) FROM patronctl.version AS v WHERE v.schema_name = 'lms') AS lms,
      (SELECT max(v.version) FROM patronctl.version AS v WHERE v.schema_name = 'patronctl') AS records,
      i.functions_hash AS desk
    FROM patronctl.installation AS i
  ), asked AS (
    SELECT (program ->> 'lms')::bigint AS lms, (program ->> 'records')::bigint AS records, program ->> 'desk' AS desk
  )
  SELECT 'error', d.finding, d.mend
  FROM here AS h, asked AS p, LATERAL (
    SELECT CASE
        WHEN h.lms > p.lms OR h.records > p.records THEN 'this database was upgraded by a newer patronctl'
        WHEN h.lms < p.lms OR h.records < p.records THEN 'the tables are those of an older patronctl'
        WHEN h.desk IS DISTINCT FROM p.desk THEN 'the functions are those of another patronctl'
      END,
      CASE WHEN h.lms > p.lms OR h.records > p.records THEN 'install that version of patronctl, or a later one'
        ELSE 'patronctl db upgrade' END
  ) AS d(finding, mend)
  WHERE d.finding IS NOT NULL
$$;

-- What the owner of the functions was not given. Without it they say "not set up".
CREATE FUNCTION desk.check_help() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', 'not set up on this server: ' || string_agg(h.what, ', ' ORDER BY h.place),
    format('patronctl db init --print-admin-sql | psql -U postgres %I', current_database())
  FROM (
    VALUES
      (1, 'scrubbing erased people from its files', pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
        AND pg_has_role(current_user, 'pg_checkpoint', 'USAGE')
        AND has_function_privilege('pg_switch_wal()', 'EXECUTE') AND has_function_privilege('pg_ls_waldir()', 'EXECUTE')),
      (2, 'ending the sessions of disabled logins', pg_has_role(current_user, 'pg_signal_backend', 'USAGE')),
      (3, 'seeing all of its settings', pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')),
      (4, 'seeing whose transactions are open', pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')),
      (5, 'seeing who may log in from where', has_function_privilege('pg_hba_file_rules()', 'EXECUTE')),
      (6, 'seeing which passwords are stored as md5', desk.sees_passwords())
  ) AS h(place, what, granted)
  WHERE NOT h.granted
  HAVING count(*) > 0
$$;

CREATE FUNCTION desk.check_log() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.require_log();
EXCEPTION WHEN SQLSTATE 'LB409' THEN
  RETURN QUERY SELECT 'warning', SQLERRM,
    format('patronctl db init --print-admin-sql | psql -U postgres %I; restart the server', current_database());
END
$$;

CREATE FUNCTION desk.check_clock() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', format('rules reckon with a clock that is set off by %s', i.clock_offset), 'SELECT patronctl.set_clock_offset(''0'')'
  FROM patronctl.installation AS i
  WHERE i.clock_offset <> interval '0'
$$;

CREATE FUNCTION desk.check_quarantine() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'error', format('in quarantine since %s: the database answers nobody until erasures are replayed',
      to_char(l.quarantined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
    'patronctl erasure replay FILE; patronctl erasure quarantine disable'
  FROM patronctl.ledger AS l
  WHERE l.quarantined_at IS NOT NULL
$$;

-- Transactions at work that hold sealing, scrubbing and vacuuming up.
CREATE FUNCTION desk.check_transactions(named boolean, older_than interval) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', format('a transaction of %s in %s is open since %s: nothing after it is sealed, nor can be scrubbed',
      desk.named(s.usename, named), s.datname, to_char(s.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
    format('SELECT pg_terminate_backend(%s)', s.pid)
  FROM pg_stat_activity AS s
  WHERE s.pid <> pg_backend_pid() AND s.backend_type = 'client backend'
    AND s.state <> 'idle in transaction'
    AND s.xact_start < clock_timestamp() - older_than
    AND (s.backend_xid IS NOT NULL OR s.backend_xmin IS NOT NULL)
$$;

-- Transactions that nobody works in: of sessions that sit idle, and prepared ones, which outlive their session. Beside what
-- old ones hold up, they keep what they locked, such as the registrations of the login itself. An administrator of patronctl
-- ends the sessions of staff here, and those of others who runs the server.
CREATE FUNCTION desk.check_idle(named boolean, longer_than interval) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning',
    format('session %s of %s in %s does nothing in a transaction that is open since %s: '
      || 'it holds sealing up, and nobody can change what it locked',
      s.pid, who.name, s.datname, to_char(s.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
    CASE
      WHEN s.datname = current_database() AND pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
        AND EXISTS (SELECT FROM patronctl.staff AS f WHERE f.login = s.usename)
        THEN format('patronctl staff disable %s', who.name)
          || CASE WHEN desk.is_disabled(s.usename) THEN '' ELSE format('; patronctl staff enable %s', who.name) END
      ELSE format('SELECT pg_terminate_backend(%s)', s.pid)
    END
  FROM pg_stat_activity AS s
  CROSS JOIN LATERAL (SELECT desk.named(s.usename, named)) AS who(name)
  WHERE s.pid <> pg_backend_pid()
    AND s.state = 'idle in transaction'
    AND s.state_change < clock_timestamp() - longer_than
    AND (s.datname = current_database() OR s.backend_xid IS NOT NULL OR s.backend_xmin IS NOT NULL)
  UNION ALL
  SELECT 'warning',
    format('a transaction was prepared by %s in %s at %s and never ended: it holds sealing up, and nobody can change what it locked',
      desk.named(p.owner, named), p.database, to_char(p.prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
    CASE WHEN p.database <> current_database() THEN format('in the database %I: ', p.database) ELSE '' END
      || format('ROLLBACK PREPARED %L', p.gid)
  FROM pg_prepared_xacts AS p
  WHERE p.prepared < clock_timestamp() - longer_than
$$;

-- Finished records that are not in the audit tree after 15 minutes.
CREATE FUNCTION desk.check_sealing() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off -- the limits are not known to the planner, and the rows are few
AS $$
  SELECT 'warning', CASE
      WHEN t.verifier IS NULL THEN 'access records were never sealed: nobody would see that one was changed'
      WHEN t.server <> c.system_identifier THEN 'nothing was sealed since the database came to this server'
      ELSE format('access records are not sealed since %s: nobody would see that one was changed',
        to_char(late.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
    END, 'patronctl audit seal'
  FROM patronctl.tree AS t
  CROSS JOIN pg_control_system() AS c
  CROSS JOIN LATERAL (
    SELECT a.at
    FROM patronctl.access AS a
    WHERE t.server <> c.system_identifier
      OR (a.xid, a.id) >= (t.xid, t.access)
        AND a.at < clock_timestamp() - interval '15 minutes'
        AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = a.id AND NOT l.result)
    ORDER BY a.xid, a.id
    LIMIT 1
  ) AS late
$$;

-- Rules in force that the nightly job has not looked after for two days.
CREATE FUNCTION desk.check_retention() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning', format('nobody has run what is due at %s for two days; in force there: %s',
      f.authority, string_agg(f.rule, ', ' ORDER BY f.rule)), 'patronctl retention run --due'
  FROM patronctl.rule_in_force AS f
  WHERE f.since < patronctl.clock() - interval '2 days'
    AND NOT EXISTS (
      SELECT FROM patronctl.access AS a
      WHERE a.at > clock_timestamp() - interval '2 days'
        AND a.operation = 'retention plan due'
        AND a.outcome = 'allowed'
        AND coalesce(a.authority, f.authority) = f.authority
    )
  GROUP BY f.authority
$$;

CREATE FUNCTION desk.check_scrubbing() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'warning',
    format('%s erased people are not scrubbed from the server''s files, the first of them since %s', count(*), min(e.at)::date),
    'patronctl erasure scrub'
  FROM patronctl.erasure AS e
  WHERE e.scrubbed_at IS NULL
    AND e.at < patronctl.clock() - interval '2 days'
  HAVING count(*) > 0
$$;
