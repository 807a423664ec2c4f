-- Who logged in, who failed to, and who was refused something, as the server's log says it. It is read through views that
-- a server administrator makes (admin_logins.sql); their files are written over after a week, so that a job copies counts.

-- Refuses to read a log that is not there, or says less than is asked, naming what is missing.
CREATE FUNCTION desk.require_log() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  missing text := 'who logged in is not set up to be read';
  file    text;
BEGIN
  IF EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('patronctl_log') AND c.relname LIKE 'day\_%') THEN
    file := pg_current_logfile('jsonlog'); -- a right that comes with the views
    missing := CASE
      WHEN file IS NULL
        THEN 'the server does not write its log as JSON to files (logging_collector, log_destination)'
      WHEN NOT EXISTS (SELECT FROM pg_foreign_table AS t WHERE 'filename=' || file = ANY (t.ftoptions))
        THEN 'the server writes its log to other files than those set up to be read (log_directory, log_filename)'
      WHEN current_setting('log_connections') !~ '^(on|all|true|yes|1)$|authorization'
        THEN 'the server does not log who connects (log_connections)'
      WHEN current_setting('lc_messages') !~ '^(C|POSIX|en)'
        THEN 'the server logs in a language that patronctl does not read (lc_messages)'
    END;
  END IF;
  IF missing IS NOT NULL THEN
    PERFORM desk.fail('LB409', missing,
      'a server administrator runs what this prints, and restarts the server once: patronctl db init --print-admin-sql');
  END IF;
END
$$;

-- A line of the log; NULL for one that is still being written. Its files are read as LATIN1, which takes any bytes.
CREATE FUNCTION desk.log_line(line text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN convert_from(convert_to(line, 'LATIN1'), 'UTF8')::jsonb;
EXCEPTION
  WHEN character_not_in_repertoire THEN -- somebody tried a name that is no UTF-8
    BEGIN
      RETURN line::jsonb;
    EXCEPTION WHEN data_exception THEN
      RETURN NULL;
    END;
  WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- The lines about logins since then, of all files that there are: those of days to come are made by the server. What every
-- line begins with spares reading the older ones: {"timestamp":"2026-01-31 12:00:00.000
-- A crash of the machine can leave zero bytes in a file, which is read up to there.
CREATE FUNCTION desk.log_lines(since timestamptz) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  day     regclass;
  earlier text := to_char(since AT TIME ZONE current_setting('log_timezone'), 'YYYY-MM-DD HH24:MI:SS.MS');
BEGIN
  FOR day IN
    SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('patronctl_log') AND c.relname LIKE 'day\_%'
  LOOP
    BEGIN
      RETURN QUERY EXECUTE format('SELECT desk.log_line(d.line) FROM %s AS d WHERE $1 IS NULL OR substr(d.line, 15, 23) >= $1', day)
      USING earlier;
    EXCEPTION WHEN undefined_file OR data_exception THEN
      CONTINUE;
    END;
  END LOOP;
END
$$;

-- Logins and refusals. A connection is authorized before the server looks whether the login exists and may use the database,
-- so that a failure in the same session counts alone. Somebody may have typed a password where the name goes: a name that is
-- none is left out. What the logins of other databases do is theirs. Staff could have plpgsql log anything, but not without
-- its context, and nothing FATAL.
CREATE FUNCTION desk.login_events(since timestamptz) RETURNS TABLE (at timestamptz, login text, client text, outcome text, what text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e.at, CASE WHEN e.is_staff OR e.is_role THEN e.login ELSE '' END, e.client, e.outcome,
    CASE WHEN e.outcome = 'denied' THEN left(e.message, 200) ELSE '' END
  FROM (
    SELECT u.*, s.is_staff, r.is_role, CASE
        WHEN u.severity = 'LOG' AND starts_with(u.message, 'connection authorized: ') AND NOT u.has_context AND NOT u.failed THEN 'ok'
        WHEN u.severity = 'ERROR' AND u.code IN ('42501', 'LB403') THEN 'denied'
        WHEN u.severity <> 'FATAL' THEN NULL
        WHEN u.code = '53300' THEN 'too many'
        WHEN u.code = '42501' THEN 'not allowed'
        WHEN NOT r.is_role THEN 'no such login'
        WHEN starts_with(u.detail, format('User "%s" has an expired password.', u.login)) THEN 'expired'
        WHEN u.message = format('role "%s" is not permitted to log in', u.login) THEN 'disabled'
        WHEN u.code = '28P01' OR u.message ~ '^(LDAP|PAM|RADIUS|BSD) authentication failed ' THEN 'wrong password'
        ELSE 'not allowed'
      END AS outcome
    FROM (
      SELECT left(l ->> 'timestamp', 23)::timestamp AT TIME ZONE current_setting('log_timezone') AS at, coalesce(l ->> 'user', '') AS login,
        coalesce(l ->> 'remote_host', '') AS client, l ->> 'dbname' AS database, l ->> 'error_severity' AS severity,
        l ->> 'state_code' AS code, coalesce(l ->> 'message', '') AS message, l ->> 'detail' AS detail, l ? 'context' AS has_context,
        bool_or(l ->> 'error_severity' = 'FATAL') OVER (PARTITION BY l ->> 'session_id') AS failed
      FROM desk.log_lines(since) AS l
      WHERE l IS NOT NULL
    ) AS u,
      LATERAL (SELECT u.login IN (SELECT o.rolname::text FROM pg_roles AS o) AS is_role) AS r,
      LATERAL (SELECT u.login IN (SELECT o.login FROM patronctl.staff AS o) AS is_staff) AS s
  ) AS e
  WHERE e.outcome IS NOT NULL AND (e.database = current_database() OR e.is_staff OR NOT e.is_role)
$$;

-- Logins, newest first. NULL leaves a filter or the limit out.
CREATE FUNCTION desk.list_logins(access bigint, failed boolean, login text, since timestamptz, most bigint)
RETURNS TABLE (at timestamptz, name text, client text, outcome text, what text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_logins');
  PERFORM desk.require_log();
  RETURN QUERY
    SELECT e.at, e.login, e.client, e.outcome, e.what
    FROM desk.login_events(since) AS e
    WHERE (failed IS NOT TRUE OR e.outcome <> 'ok')
      AND (list_logins.login IS NULL OR e.login = list_logins.login)
      AND (since IS NULL OR e.at >= since)
    ORDER BY e.at DESC
    LIMIT CASE WHEN most > 0 THEN most END;
END
$$;

-- Counts the logins since the last time into the result of this access, which is sealed with it: by login and day (UTC).
-- What is counted goes from where the last result ends to ten seconds ago, when every line had been written. So nothing is
-- counted twice. There is a gap when the log begins after the last counting, whose own login would be in it.
CREATE FUNCTION desk.collect_logins(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'collect_logins', TRUE);
  last   patronctl.result;
  since  timestamptz;
  until  timestamptz;
  counts jsonb;
BEGIN
  PERFORM desk.require_log();
  PERFORM FROM patronctl.collected AS c FOR UPDATE;
  SELECT r.* INTO last FROM patronctl.collected AS c JOIN patronctl.result AS r ON r.access = c.access;
  since := last.counts ->> 'until';
  until := greatest(since, date_trunc('second', clock_timestamp()) - interval '10 seconds');
  WITH event AS MATERIALIZED (
    SELECT e.at, e.login, CASE WHEN e.outcome IN ('ok', 'denied') THEN e.outcome ELSE 'failed' END AS outcome
    FROM desk.login_events(since - interval '1 day') AS e -- with the last counting itself
  ), day AS (
    SELECT e.login, e.at::date AS day, count(*) FILTER (WHERE e.outcome = 'ok') AS ok,
      count(*) FILTER (WHERE e.outcome = 'failed') AS failed, count(*) FILTER (WHERE e.outcome = 'denied') AS denied
    FROM event AS e
    WHERE e.at > coalesce(since, '-infinity') AND e.at <= until
    GROUP BY 1, 2
  )
  SELECT jsonb_build_object(
    'from', since, 'until', until, 'gap', last.access IS NOT NULL AND (SELECT coalesce(min(e.at) > last.at, TRUE) FROM event AS e),
    'ok', coalesce(sum(d.ok), 0), 'failed', coalesce(sum(d.failed), 0), 'denied', coalesce(sum(d.denied), 0),
    'logins', coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.day, d.login), '[]'))
  INTO counts
  FROM day AS d;
  PERFORM desk.record_result(a.id, counts);
  UPDATE patronctl.collected SET access = a.id;
  RETURN counts;
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the logins could not be counted', SQLSTATE);
END
$$;
