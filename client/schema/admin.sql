-- For a server administrator (superuser), with psql in the database that patronctl uses. patronctl works without it; these
-- take away what every login can do by default and what only a superuser can take away.

-- Advisory locks can be squatted and large objects hide data; no staff login needs them. By name, for releases differ in
-- their arguments.
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
        OR p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'pg_logical_emit_message', 'pg_export_snapshot'))
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
  END LOOP;
END
$$;

-- Statements and parameters in the server's log would hold what staff searched for. For this database only.
ALTER DATABASE :"DBNAME" SET log_statement = 'none';
ALTER DATABASE :"DBNAME" SET log_min_duration_statement = -1;
ALTER DATABASE :"DBNAME" SET log_min_error_statement = 'panic';
ALTER DATABASE :"DBNAME" SET log_parameter_max_length = 0;
ALTER DATABASE :"DBNAME" SET log_parameter_max_length_on_error = 0;

-- The same for the server's log of changes and the files beside it, so that no file holds what was erased and scrubbed: old
-- segments are removed instead of renamed, new ones begin empty, and few are kept ready.
ALTER SYSTEM SET wal_recycle = off;
ALTER SYSTEM SET wal_init_zero = on;
ALTER SYSTEM SET min_wal_size = '32MB';
ALTER SYSTEM SET wal_keep_size = 0;
-- Where pg_stat_statements is loaded, it writes what DO blocks and role commands hold to a file.
-- ALTER SYSTEM SET pg_stat_statements.track_utility = off;

-- After db init, for patronctl erasure scrub: to see which sessions hold an old snapshot, to empty the log of changes, and to
-- see that it is empty. patronctl_owner is nobody's login; it runs the functions of desk.
GRANT pg_read_all_stats, pg_checkpoint TO patronctl_owner;
GRANT EXECUTE ON FUNCTION pg_switch_wal(), pg_ls_waldir() TO patronctl_owner;

-- For patronctl doctor: to see settings that are not for everybody's eyes, such as the libraries of every session, and who may
-- log in from where (pg_hba.conf).
GRANT pg_read_all_settings TO patronctl_owner;
GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO patronctl_owner;

-- For patronctl staff disable: to end the sessions of the login. What may be ended is decided by the functions of desk.
GRANT pg_signal_backend TO patronctl_owner;

-- Before db init, for its owner: to make roles, or to hand out those that another database of this server brought.
-- ALTER ROLE library CREATEROLE;
-- GRANT patronctl_owner, patronctl_roles, patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support,
--   patronctl_admin, patronctl_job, patronctl_auditor, patronctl_opac TO library WITH ADMIN OPTION;
