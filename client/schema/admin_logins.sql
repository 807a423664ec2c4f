
-- After db init, for patronctl audit logins: who logged in, who failed to, and who was refused something. The server says so
-- in its log only. Written as JSON too, it goes to one file for each day of the week, which is written over a week later.
-- This is for the whole server, and logging_collector takes a restart, once. A log that was kept elsewhere so far is beside
-- these files then: in log_directory, under the name that log_filename gives here.
ALTER SYSTEM SET logging_collector = on;
SELECT format('ALTER SYSTEM SET log_destination = %L', current_setting('log_destination') || ',jsonlog')
WHERE current_setting('log_destination') !~ 'jsonlog' \gexec
ALTER SYSTEM SET log_filename = 'patronctl-%u.log';
ALTER SYSTEM SET log_rotation_age = '1d';
ALTER SYSTEM SET log_rotation_size = 0;
ALTER SYSTEM SET log_truncate_on_rotation = on;
ALTER SYSTEM SET log_connections = on;
ALTER SYSTEM SET log_disconnections = on;
-- Words that patronctl knows, and no hour twice in autumn.
ALTER SYSTEM SET lc_messages = 'C';
ALTER SYSTEM SET log_timezone = 'UTC';
SELECT pg_reload_conf();

-- The functions of desk read what is about logins, through views: not the rest of the log, nor what other databases'
-- sessions did. Nobody else has any right here. A name that somebody tried may be any bytes, hence LATIN1.
CREATE SCHEMA IF NOT EXISTS patronctl_log;
CREATE EXTENSION IF NOT EXISTS file_fdw SCHEMA patronctl_log;
CREATE SERVER IF NOT EXISTS patronctl_log FOREIGN DATA WRAPPER file_fdw;
GRANT USAGE ON SCHEMA patronctl_log TO patronctl_owner;
GRANT EXECUTE ON FUNCTION pg_current_logfile(text) TO patronctl_owner;
DO $$
BEGIN
  SET LOCAL client_min_messages = warning;
  FOR day IN 1..7 LOOP
    EXECUTE format($create$
      DROP VIEW IF EXISTS patronctl_log.day_%1$s;
      DROP FOREIGN TABLE IF EXISTS patronctl_log.file_%1$s;
      CREATE FOREIGN TABLE patronctl_log.file_%1$s (line text) SERVER patronctl_log
        OPTIONS (filename %2$L, format 'csv', delimiter E'\x01', quote E'\x02', escape E'\x03', encoding 'LATIN1');
      CREATE VIEW patronctl_log.day_%1$s WITH (security_barrier) AS
      SELECT f.line
      FROM patronctl_log.file_%1$s AS f
      WHERE strpos(f.line, '"error_severity":"FATAL","state_code":"28') > 0
        OR strpos(f.line, '"error_severity":"FATAL","state_code":"53300"') > 0
        OR strpos(f.line, '"dbname":' || convert_from(convert_to(to_json(current_database())::text, 'UTF8'), 'LATIN1') || ',') > 0
          AND (strpos(f.line, '"message":"connection authorized: ') > 0
            OR strpos(f.line, '"state_code":"42501"') > 0 OR strpos(f.line, '"state_code":"LB403"') > 0);
      GRANT SELECT ON patronctl_log.day_%1$s TO patronctl_owner
    $create$, day, current_setting('log_directory') || '/patronctl-' || day || '.json');
  END LOOP;
END
$$;

-- For patronctl doctor: whose password is stored as md5. Of the password nothing is seen.
CREATE OR REPLACE VIEW patronctl_log.md5_login WITH (security_barrier) AS
SELECT a.rolname::text AS login
FROM pg_authid AS a
WHERE a.rolpassword LIKE 'md5%';
GRANT SELECT ON patronctl_log.md5_login TO patronctl_owner;
