-- Settings of the server, of a database or of a role that leak data or break a promise, and its rules of who may log in.

-- Releases with holes by which hidden rows, statistics or rights can be had.
CREATE FUNCTION desk.check_release(version integer) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'error', format('PostgreSQL %s.%s has known holes that staff could use', version / 10000, version % 10000),
    format('install PostgreSQL %s.%s or later, and restart the server', least.release / 10000, least.release % 10000)
  FROM (
    SELECT CASE
      WHEN version < 160000 THEN 150014
      WHEN version < 170000 THEN 160010
      WHEN version < 180000 THEN 170006
    END
  ) AS least(release)
  WHERE version < least.release
$$;

-- How each setting should be: a pattern that its value matches, and a value that does. `leaks` are those by which values
-- of people come into files that no rewriting reaches.
CREATE FUNCTION desk.wanted_settings() RETURNS TABLE (name text, pattern text, wanted text, severity text, leaks boolean, why text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT w.*
  FROM (SELECT 2 * c.setting::bigint / 1048576 FROM pg_settings AS c WHERE c.name = 'wal_segment_size') AS s(megabytes)
  CROSS JOIN LATERAL (VALUES
    ('wal_recycle', '^off$', 'off', 'warning', TRUE, 'old files of the log of changes stay under new names'),
    ('wal_keep_size', '^0$', '0', 'warning', TRUE, 'old files of the log of changes are kept'),
    ('log_statement', '^none$', 'none', 'warning', TRUE, 'the server''s log holds statements'),
    ('log_min_duration_statement', '^-1$', '-1', 'warning', TRUE, 'the server''s log holds slow statements'),
    ('log_min_duration_sample', '^-1$', '-1', 'warning', TRUE, 'the server''s log holds slow statements'),
    ('log_transaction_sample_rate', '^0$', '0', 'warning', TRUE, 'the server''s log holds statements'),
    ('log_min_error_statement', '^panic$', 'panic', 'warning', TRUE, 'the server''s log holds statements that failed'),
    ('log_parameter_max_length', '^0$', '0', 'warning', TRUE, 'the server''s log holds what statements were given'),
    ('log_parameter_max_length_on_error', '^0$', '0', 'warning', TRUE, 'the server''s log holds what statements were given'),
    ('pg_stat_statements.track_utility', '^off$', 'off', 'warning', TRUE, 'the file of pg_stat_statements holds statements'),
    ('auto_explain.log_min_duration', '^-1$', '-1', 'warning', TRUE, 'the server''s log holds statements'),
    ('debug_print_parse', '^off$', 'off', 'warning', FALSE, 'the server''s log holds statements'),
    ('debug_print_rewritten', '^off$', 'off', 'warning', FALSE, 'the server''s log holds statements'),
    ('debug_print_plan', '^off$', 'off', 'warning', FALSE, 'the server''s log holds statements'),
    ('pgaudit.log_parameter', '^off$', 'off', 'warning', FALSE, 'the server''s log holds what statements were given'),
    ('wal_init_zero', '^on$', 'on', 'warning', FALSE, 'new files of the log of changes begin with what was on the disk'),
    ('min_wal_size', format('^%s$', s.megabytes), s.megabytes || 'MB', 'note', FALSE,
     'more old files of the log of changes are kept than needed'),
    ('fsync', '^on$', 'on', 'error', FALSE, 'a crash can damage the database, and access records are not on disk when data are shown'),
    ('full_page_writes', '^on$', 'on', 'error', FALSE, 'a crash can damage the database'),
    ('synchronous_commit', '^(?!off$)', 'on', 'warning', FALSE, 'a crash can lose what was reported as done'),
    ('session_replication_role', '^origin$', 'origin', 'error', FALSE, 'triggers do not fire, those that keep access records included'),
    ('password_encryption', '^scram-sha-256$', 'scram-sha-256', 'error', FALSE,
     'passwords that others set are stored in a form that is easily guessed'),
    ('log_connections', '^(?!off$|$)', 'on', 'warning', FALSE, 'nobody can tell who logged in'),
    ('log_disconnections', '^on$', 'on', 'note', FALSE, 'nobody can tell how long a session lasted'),
    ('session_preload_libraries', '^$', '', 'note', FALSE, 'these libraries see every session'),
    ('local_preload_libraries', '^$', '', 'note', FALSE, 'these libraries see every session'),
    ('data_checksums', '^on$', 'on', 'note', FALSE, 'damage on the disk is not noticed')
  ) AS w
$$;

-- Settings that are otherwise, for every new session of this database. What functions and sessions set for themselves does
-- not count.
CREATE FUNCTION desk.wrong_settings() RETURNS TABLE (setting text, severity text, leaks boolean, why text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s = %s', w.name,
    CASE WHEN s.reset_val IS DISTINCT FROM s.setting AND s.name IS NOT NULL THEN s.reset_val ELSE current_setting(w.name, TRUE) END),
    w.severity, w.leaks, w.why,
    CASE
      WHEN w.name = 'data_checksums' THEN format('stop the server; pg_checksums --enable -D %s; start it', coalesce(
        (SELECT d.setting FROM pg_settings AS d WHERE d.name = 'data_directory'), 'DIRECTORY'))
      WHEN set_for.database THEN format('ALTER DATABASE %I SET %s = %L', current_database(), w.name, w.wanted)
      WHEN set_for.everybody THEN format('ALTER ROLE ALL RESET %s', w.name)
      WHEN s.source = 'command line' THEN format('start the server with -c %s=%s', w.name, w.wanted)
      ELSE format('ALTER SYSTEM SET %s = %L; ', w.name, w.wanted)
        || CASE s.context WHEN 'postmaster' THEN 'then restart the server' ELSE 'SELECT pg_reload_conf()' END
    END
  FROM desk.wanted_settings() AS w
  LEFT JOIN pg_settings AS s ON s.name = w.name
  -- One that is not listed belongs to a library, or is not for everybody's eyes.
  CROSS JOIN LATERAL (
    SELECT CASE WHEN s.name IS NOT NULL THEN s.reset_val WHEN w.name LIKE '%.%' THEN current_setting(w.name, TRUE) END
  ) AS v(value)
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(d.setdatabase <> 0), FALSE), coalesce(bool_or(d.setdatabase = 0), FALSE)
    FROM pg_db_role_setting AS d
    CROSS JOIN unnest(d.setconfig) AS c
    WHERE d.setrole = 0
      AND d.setdatabase IN (0, (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))
      AND split_part(c, '=', 1) = w.name
  ) AS set_for(database, everybody)
  WHERE v.value !~ w.pattern
    AND coalesce(s.source, '') NOT IN ('user', 'database user', 'client')
$$;

CREATE FUNCTION desk.check_settings() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT w.severity, w.setting || ': ' || w.why, w.mend FROM desk.wrong_settings() AS w
  UNION ALL
  SELECT 'error', 'the server listens to the network and cannot encrypt: ssl = off',
    'ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf(), once server.crt and server.key are in its directory'
  WHERE current_setting('ssl') = 'off'
    AND EXISTS (
      SELECT FROM unnest(string_to_array(current_setting('listen_addresses'), ',')) AS a
      WHERE btrim(a) NOT IN ('', 'localhost', '127.0.0.1', '::1')
    )
  ORDER BY 2
$$;

-- Settings that some role has for itself.
CREATE FUNCTION desk.wrong_role_settings() RETURNS TABLE (setting text, login text, severity text, leaks boolean, why text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.setting, r.rolname::text, w.severity, w.leaks, w.why,
    CASE WHEN s.setdatabase <> 0 THEN format(' IN DATABASE %I', current_database()) ELSE '' END || ' RESET ' || w.name
  FROM (SELECT d.setdatabase, d.setrole, unnest(d.setconfig) AS setting FROM pg_db_role_setting AS d) AS s
  JOIN desk.wanted_settings() AS w ON w.name = split_part(s.setting, '=', 1) AND split_part(s.setting, '=', 2) !~ w.pattern
  JOIN pg_roles AS r ON r.oid = s.setrole
  WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
$$;

CREATE FUNCTION desk.check_role_settings(named boolean) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.severity, format('%s of %s: %s', s.setting, desk.named(s.login, named), s.why),
    format('ALTER ROLE %s%s', desk.named(s.login, named), s.mend)
  FROM desk.wrong_role_settings() AS s
  ORDER BY 2
$$;

-- Lines of pg_hba.conf, as the file is now, that are wrong or let in whom nobody knows. Those for other databases alone do not
-- count, but where nothing is asked for: there a superuser may come in. A line that lets encrypted and other connections in
-- is fine after one that rejects all others.
CREATE FUNCTION desk.check_login_rules() RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT has_function_privilege('pg_hba_file_rules()', 'EXECUTE') THEN
    RETURN; -- desk.check_help says so
  END IF;
  RETURN QUERY
  WITH rule AS (
    SELECT r.*, concat_ws(' ', r.address, r.netmask) AS place,
      format('line %s of %s', r.line_number, coalesce(to_jsonb(r) ->> 'file_name', -- since 16
        (SELECT s.setting FROM pg_settings AS s WHERE s.name = 'hba_file'), 'pg_hba.conf')) AS line,
      r.type <> 'local' AS remote,
      coalesce(r.address IN ('localhost', 'samehost') OR r.address LIKE '127.%' AND r.netmask LIKE '255.%'
        OR r.address = '::1' AND r.netmask ~ '^ffff(:ffff){7}$', FALSE) AS loopback,
      r.database && ARRAY['all', 'sameuser', 'samerole', 'samegroup', 'replication', current_database()::text]
        OR r.database[1] LIKE '/%' AS ours
    FROM pg_hba_file_rules() WITH ORDINALITY AS r
  ), wrong AS (
    SELECT r.ordinality AS at, 'error' AS severity,
      format('%s is no rule, and the server will not start again: %s', r.line, r.error) AS finding,
      format('correct %s', r.line) AS mend
    FROM rule AS r
    WHERE r.type IS NULL
    UNION ALL
    SELECT r.ordinality, 'error', format('%s lets %s in without encryption: names and passwords can be read on the way', r.line, r.place),
      format('in %s write hostssl instead of %s', r.line, r.type)
    FROM rule AS r
    WHERE r.ours AND NOT r.loopback
      AND r.type IN ('host', 'hostnossl', 'hostnogssenc')
      AND r.auth_method <> 'reject'
      AND NOT EXISTS (
        SELECT FROM rule AS e
        WHERE e.ordinality < r.ordinality
          AND e.type IN ('host', 'hostnossl')
          AND e.auth_method = 'reject'
          AND CASE WHEN 'replication' = ANY (r.database) THEN 'replication' ELSE 'all' END = ANY (e.database)
          AND 'all' = ANY (e.user_name)
          AND (e.address = 'all' OR e.netmask IN ('0.0.0.0', '::') AND (strpos(e.netmask, ':') > 0) = (strpos(r.netmask, ':') > 0))
      )
    UNION ALL
    SELECT r.ordinality, CASE WHEN r.remote AND NOT r.loopback THEN 'error' ELSE 'warning' END,
      format('%s lets %s in under any name', r.line,
        CASE WHEN r.remote AND NOT r.loopback THEN r.place ELSE 'every account of the server''s machine' END),
      format('in %s write scram-sha-256 instead of %s', r.line, r.auth_method)
    FROM rule AS r
    WHERE r.auth_method IN ('trust', 'ident')
      AND (r.remote OR current_setting('unix_socket_permissions') <> '0700') -- of which the server's own account is no other
    UNION ALL
    SELECT r.ordinality, CASE r.auth_method WHEN 'password' THEN 'warning' ELSE 'note' END,
      format('%s %s', r.line,
        CASE r.auth_method WHEN 'password' THEN 'asks for passwords in clear: the server reads them, or who took its place'
        ELSE 'lets logins in whose password is stored as md5, which is easily guessed' END),
      format('in %s write scram-sha-256 instead of %s', r.line, r.auth_method)
    FROM rule AS r
    WHERE r.ours AND r.auth_method IN ('password', 'md5')
  )
  SELECT w.severity, w.finding, w.mend || '; SELECT pg_reload_conf()'
  FROM wrong AS w
  ORDER BY w.at, w.finding;
END
$$;
