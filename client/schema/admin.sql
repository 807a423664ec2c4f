-- For a server administrator (superuser), in the database that patronctl uses. patronctl works without it; these
-- take away what every login can do by default and what only a superuser can take away.

-- Advisory locks can be squatted and large objects hide data; no staff login needs them.
REVOKE EXECUTE ON FUNCTION
  pg_advisory_lock(bigint), pg_advisory_lock(integer, integer),
  pg_advisory_xact_lock(bigint), pg_advisory_xact_lock(integer, integer),
  pg_try_advisory_lock(bigint), pg_try_advisory_lock(integer, integer),
  pg_try_advisory_xact_lock(bigint), pg_try_advisory_xact_lock(integer, integer),
  lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea),
  pg_logical_emit_message(boolean, text, text), pg_logical_emit_message(boolean, text, bytea),
  pg_export_snapshot()
  FROM PUBLIC;

-- Statements and parameters in the server's log would hold what staff searched for.
ALTER SYSTEM SET log_statement = 'none';
ALTER SYSTEM SET log_min_duration_statement = -1;
ALTER SYSTEM SET log_min_error_statement = 'panic';
ALTER SYSTEM SET log_parameter_max_length = 0;
ALTER SYSTEM SET log_parameter_max_length_on_error = 0;

-- Who connected, and who failed to.
ALTER SYSTEM SET log_connections = on;
ALTER SYSTEM SET log_disconnections = on;

SELECT pg_reload_conf();
