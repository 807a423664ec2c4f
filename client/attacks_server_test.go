package client_test

import "patronctl/client/localpg/pgtest"

// one is an attack of a single statement, whose name is what it does.
func one(sql string) attack { return attack{name: sql, steps: []string{sql}} }

func each(statements ...string) (attacks []attack) {
	for _, sql := range statements {
		attacks = append(attacks, one(sql))
	}
	return attacks
}

// What the server itself offers: tables, views of others' work, files, settings, locks.
var serverAttacks = append(
	each(
		// Tables and what tells about them.
		"SELECT * FROM lms.identity", "SELECT * FROM patronctl.access", "TABLE lms.word", "UPDATE lms.patron SET status = 'active'",
		"INSERT INTO patronctl.staff VALUES (session_user, NULL, 'admin', '2020-01-01')",
		"INSERT INTO patronctl.rights VALUES ('export', 'clerk', 'any', FALSE)", "UPDATE patronctl.rights SET reach = 'any'",
		"DELETE FROM patronctl.access", "TRUNCATE patronctl.access CASCADE",
		"MERGE INTO lms.card AS c USING lms.identity AS i ON i.patron = c.patron WHEN MATCHED THEN DO NOTHING",
		"SET search_path = lms, patronctl, desk", "SELECT * FROM desk.marked('shows')", "SELECT lms.search(ARRAY['bookworm'], NULL, 20)",
		"SELECT patronctl.set_clock_offset('1 day')",
		"SELECT desk.use_access(1, 'show_patron', FALSE)", "SELECT desk.record_result(1, '{}')", "SELECT desk.access_hash(NULL)",
		"SELECT desk.erase('{14}', 'x')",
		"SELECT desk.subjects(NULL, 'hits', 'service', '{\"words\": [\"bookworm\"]}')", "SELECT desk.refusal(NULL, 'service', '{14}')",
		"EXPLAIN (VERBOSE) SELECT * FROM lms.identity", "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM lms.identity WHERE surname = 'x'",
		"EXPLAIN (VERBOSE) SELECT desk.show_patron(1, FALSE)", "EXPLAIN ANALYZE DELETE FROM patronctl.access", "ANALYZE lms.identity",
		"SELECT prosrc FROM pg_proc WHERE pronamespace::regnamespace::text IN ('desk', 'lms', 'patronctl')",
		"SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p WHERE pronamespace::regnamespace::text = 'desk'",
		"SELECT * FROM pg_statistic", "SELECT * FROM pg_stats WHERE schemaname IN ('lms', 'patronctl')", "SELECT * FROM pg_stats_ext",
		"SELECT * FROM pg_stats_ext_exprs", "SELECT * FROM pg_statistic_ext_data",
		"SELECT * FROM information_schema.columns WHERE table_schema IN ('lms', 'patronctl', 'desk')",
		"SELECT obj_description(oid) FROM pg_class", "SELECT pg_get_constraintdef(oid) FROM pg_constraint",
		// Other ways to a table.
		"SELECT query_to_xml('SELECT * FROM lms.identity', TRUE, FALSE, '')", "SELECT table_to_xml('lms.identity', TRUE, FALSE, '')",
		"SELECT schema_to_xml('lms', TRUE, FALSE, '')",
		"SELECT database_to_xml(TRUE, FALSE, '')", "SELECT cursor_to_xml('held', 10, TRUE, FALSE, '')",
		"SELECT ts_stat('SELECT to_tsvector(surname) FROM lms.identity')",
		"SELECT ts_rewrite('a'::tsquery, 'SELECT surname::tsquery, surname::tsquery FROM lms.identity')",
		"SELECT currtid2('lms.identity', '(0,1)')",
		"COPY lms.identity TO STDOUT", "COPY (SELECT * FROM lms.identity) TO STDOUT", "COPY lms.identity FROM STDIN",
		"COPY (SELECT 1) TO '/tmp/attack'", "COPY (SELECT 1) TO PROGRAM 'id'", "COPY lms.card FROM PROGRAM 'id'",
		"COPY lms.card FROM '/etc/passwd'",
		// What others do.
		"SELECT query FROM pg_stat_activity", "SELECT * FROM pg_stat_get_activity(NULL)", "SELECT * FROM pg_locks",
		"SELECT * FROM pg_prepared_xacts", "SELECT * FROM pg_prepared_statements", "SELECT * FROM pg_cursors", "FETCH ALL FROM held",
		"EXECUTE theirs",
		"SELECT query FROM pg_stat_statements WHERE query ILIKE '%q' || 'xvz%'", "SELECT pg_stat_statements_reset()",
		"SELECT pg_stat_reset()", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> session_user",
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename <> session_user",
		"SELECT pg_log_backend_memory_contexts(pid) FROM pg_stat_activity",
		// Files and the operating system.
		"SELECT pg_read_file('postgresql.conf')", "SELECT pg_read_binary_file('pg_hba.conf')", "SELECT pg_ls_dir('.')", "SELECT pg_ls_waldir()",
		"SELECT pg_ls_logdir()", "SELECT pg_ls_tmpdir()", "SELECT pg_stat_file('PG_VERSION')",
		"SELECT pg_current_logfile()", "SELECT * FROM pg_hba_file_rules", "SELECT * FROM pg_file_settings",
		"SELECT pg_relation_filepath('pg_class')",
		"SELECT pg_switch_wal()", "CHECKPOINT", "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()", "SELECT pg_create_restore_point('x')",
		"SELECT pg_create_physical_replication_slot('x')",
		"SELECT pg_create_logical_replication_slot('x', 'pgoutput')", "SELECT * FROM pg_logical_slot_peek_changes('x', NULL, NULL)",
		"SELECT pg_drop_replication_slot('x')", "SELECT pg_backup_start('x')",
		"SELECT pg_logical_emit_message(TRUE, 'x', 'x')", "SELECT pg_export_snapshot()",
		"LOAD 'auto_explain'", "LOAD '$libdir/plugins/auto_explain'", "SET session_preload_libraries = 'auto_explain'",
		"SET local_preload_libraries = 'auto_explain'", "SET dynamic_library_path = '/tmp'",
		"SELECT * FROM patronctl_log.day_1", "SELECT * FROM patronctl_log.file_1", "COPY patronctl_log.file_1 TO STDOUT",
		"SELECT * FROM patronctl_log.md5_login",
		// Settings.
		"SET session_replication_role = replica", "SET log_statement = 'all'", "SET log_min_messages = debug5",
		"SET log_min_error_statement = debug5", "SET log_min_duration_statement = 0", "SET log_parameter_max_length = -1",
		"SET log_parameter_max_length_on_error = -1", "SET track_functions = 'all'", "SET allow_system_table_mods = on",
		"SET zero_damaged_pages = on", "SET row_security = off", "SET lo_compat_privileges = on", "SET patronctl.login = 'officer.cam'",
		"ALTER SYSTEM SET log_statement = 'all'",
		// Large objects.
		"SELECT lo_create(0)", "SELECT lo_creat(-1)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_put(1, 0, 'x')",
		"SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/attack')", "SELECT * FROM pg_largeobject",
	),
	attack{name: "EXPLAIN with plans in notices", steps: []string{
		"SET client_min_messages = debug5", "SET debug_print_plan = on", "SET debug_print_parse = on", "SET debug_print_rewritten = on",
		"SET debug_pretty_print = off", "BEGIN",
		`SELECT desk.open_access('patron show', '', '', '{"ref": "id:14", "matches": true}')`, "ROLLBACK",
	}},
	attack{
		name: "SET patronctl.role",
		steps: []string{
			"SET patronctl.role = 'officer'", "SET patronctl.authority = 'KEN'", "BEGIN", openCallOf("export", `{"ref": "id:3"}`),
			"COMMIT",
		},
	},
	attack{name: "LISTEN to others", steps: []string{"LISTEN patronctl", "LISTEN desk", "SELECT pg_sleep(0)", "NOTIFY patronctl, 'x'"}},
	attack{name: "a notification by each step", steps: []string{"LISTEN patronctl", "NOTIFY patronctl"}},
	attack{
		name: "a filter that tells",
		steps: []string{
			"BEGIN", openCallOf("patron find", `{"words": ["farrow"]}`), "COMMIT",
			"SELECT 1 FROM desk.find_patrons($mine) AS f WHERE pg_notify('x', f::text) IS NOT NULL",
		},
	},
	attack{name: "advisory locks", steps: []string{"SELECT pg_advisory_lock(n) FROM generate_series(1, 100) AS n"}, stays: true},
	attack{name: "shared advisory locks", steps: []string{"SELECT pg_advisory_lock_shared(n) FROM generate_series(1, 100) AS n"}, stays: true},
	attack{name: "an advisory lock of a transaction", steps: []string{"BEGIN", "SELECT pg_try_advisory_xact_lock(1, 1)"}, stays: true},
	attack{name: "locks on tables", steps: []string{"BEGIN", "LOCK TABLE patronctl.access, lms.patron IN ACCESS SHARE MODE"}, stays: true},
	attack{
		name: "locks on what everybody reads", steps: []string{"BEGIN", "LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE"},
		stays: true,
	},
	attack{name: "an access that stays open", steps: []string{"BEGIN", openFarrow}, stays: true},
	attack{name: "a list that stays open", steps: []string{"BEGIN", openCallOf("debt check", `{"cards": ["id:14"]}`)}, stays: true},
	attack{name: "an old snapshot", steps: []string{"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM pg_class"}, stays: true},
	attack{name: "waiting for notifications", steps: []string{"LISTEN patronctl", "BEGIN", "NOTIFY patronctl"}, stays: true},
)

// Roles: other people's rights, and one's own.
var roleAttacks = append(
	each(
		"SET ROLE patronctl_owner", "SET ROLE patronctl_roles", "SET ROLE postgres", "SET ROLE library", "SET ROLE pg_read_all_data",
		"SET SESSION AUTHORIZATION postgres", `SET SESSION AUTHORIZATION "officer.ken"`, `SET ROLE "officer.ken"`, "SELECT * FROM pg_authid",
		"SELECT * FROM pg_shadow",
		"CREATE ROLE attack", "CREATE USER attack SUPERUSER", "DROP ROLE patronctl_clerk", `DROP ROLE "clerk.ken"`,
		"ALTER ROLE postgres PASSWORD 'x'", `ALTER ROLE "clerk.ken" PASSWORD 'x'`, `ALTER ROLE "clerk.ken" SET search_path = lms`,
		"GRANT patronctl_owner TO CURRENT_USER", "GRANT patronctl_roles TO CURRENT_USER", "GRANT pg_read_all_data TO CURRENT_USER",
		"GRANT pg_execute_server_program TO CURRENT_USER",
		"GRANT patronctl_clerk TO PUBLIC", `GRANT patronctl_clerk TO "out.attacker"`, `GRANT patronctl_officer TO "clerk.ken"`,
		`GRANT patronctl_admin TO "clerk.ken"`, `REVOKE patronctl_clerk FROM "clerk.ken"`,
		"GRANT SELECT ON lms.identity TO PUBLIC", "GRANT EXECUTE ON FUNCTION desk.show_patron(bigint, boolean) TO PUBLIC",
		"GRANT USAGE ON SCHEMA lms TO PUBLIC",
		"ALTER ROLE CURRENT_USER SUPERUSER", "ALTER ROLE CURRENT_USER CREATEROLE", "ALTER ROLE CURRENT_USER CREATEDB",
		"ALTER ROLE CURRENT_USER REPLICATION", "ALTER ROLE CURRENT_USER BYPASSRLS",
		"ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'", "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
		"ALTER ROLE CURRENT_USER SET log_statement = 'all'", "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
		"ALTER ROLE ALL SET search_path = pg_temp", "ALTER DATABASE template1 SET search_path = pg_temp",
		"SELECT desk.join_group(session_user::text, 'admin')", "SELECT desk.leave_group('clerk.ken', 'clerk')",
		"SELECT desk.make_login('attack', NULL)", "SELECT desk.alter_login('postgres', NULL, NULL, 'infinity')",
		"SELECT desk.register_staff(session_user::text, NULL, 'admin', NULL)",
	),
	attack{name: "ALTER ROLE of oneself: name", steps: []string{`ALTER ROLE $login RENAME TO attack`}},
	attack{
		name: "ALTER ROLE of oneself: password", steps: []string{"ALTER ROLE $login PASSWORD 'a password of my own'"},
		undo: "ALTER ROLE $login PASSWORD NULL",
	},
	attack{
		name: "ALTER ROLE of oneself: settings", steps: []string{"ALTER ROLE $login SET search_path = pg_temp"},
		undo: "ALTER ROLE $login RESET ALL",
	},
	attack{name: "the clerks' own role", steps: []string{"SET ROLE patronctl_clerk", "BEGIN", openFarrow, "COMMIT", readFarrow}},
	attack{
		name: "a new administrator of oneself",
		steps: []string{
			"BEGIN", openCallOf("staff add", "{}"), "COMMIT",
			"SELECT desk.add_staff($mine, session_user::text, NULL, 'admin', NULL)",
		},
	},
	attack{
		name: "an officer of oneself",
		steps: []string{
			"BEGIN", openCallOf("staff add", "{}"), "COMMIT",
			"SELECT desk.add_staff($mine, session_user::text, 'KEN', 'officer', NULL)",
		},
	},
	attack{
		name:  "the owner for oneself",
		steps: []string{"BEGIN", openCallOf("staff add", "{}"), "COMMIT", "SELECT desk.add_staff($mine, 'clerk.ken', 'KEN', 'owner', NULL)"},
	},
	attack{
		name:  "the roles' role for somebody",
		steps: []string{"BEGIN", openCallOf("staff add", "{}"), "COMMIT", "SELECT desk.add_staff($mine, 'clerk.ken', 'KEN', 'roles', NULL)"},
	},
	attack{
		name:  "a superuser as staff",
		steps: []string{"BEGIN", openCallOf("staff add", "{}"), "COMMIT", "SELECT desk.add_staff($mine, 'postgres', 'KEN', 'clerk', NULL)"},
	},
	attack{
		name: "a login with a hostile name",
		steps: []string{
			"BEGIN", openCallOf("staff add", "{}"), "COMMIT",
			`SELECT desk.add_staff($mine, 'x" SUPERUSER; GRANT patronctl_owner TO "x', 'KEN', 'clerk', NULL, external => TRUE)`,
		},
	},
	attack{
		name: "a login with a server's name",
		steps: []string{
			"BEGIN", openCallOf("staff add", "{}"), "COMMIT",
			"SELECT desk.add_staff($mine, 'pg_read_all_data', 'KEN', 'clerk', NULL, external => TRUE)",
		},
	},
	attack{
		name: "a superuser's password",
		steps: []string{
			"BEGIN", openCallOf("staff password", "{}"), "COMMIT",
			"SELECT desk.set_staff_password($mine, 'postgres', '" + pgtest.AnyVerifier + "')",
		},
	},
	attack{
		name: "the owner's password",
		steps: []string{
			"BEGIN", openCallOf("staff password", "{}"), "COMMIT",
			"SELECT desk.set_staff_password($mine, 'patronctl_owner', '" + pgtest.AnyVerifier + "')",
		},
	},
	attack{
		name:  "a password in clear for oneself",
		steps: []string{"BEGIN", openCallOf("staff password own", "{}"), "COMMIT", "SELECT desk.set_own_password($mine, 'a password of my own')"},
	},
)

// Objects: what a login might make, to hide data or to be called by others.
var objectAttacks = append(
	each(
		"CREATE TABLE t (x integer)", "CREATE TABLE public.t (x integer)", "CREATE TABLE lms.t (x integer)",
		"CREATE TEMP TABLE patron (id bigint)", "SELECT 1 INTO TEMP t", "CREATE UNLOGGED TABLE public.t ()",
		"CREATE VIEW pg_temp.staff AS SELECT 1", "CREATE TEMP SEQUENCE s", "CREATE MATERIALIZED VIEW public.v AS SELECT 1",
		"CREATE VIEW public.v AS SELECT * FROM lms.identity",
		"CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
		"CREATE FUNCTION public.f(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN TRUE; END'",
		"CREATE PROCEDURE public.p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'",
		"CREATE OR REPLACE FUNCTION desk.roles() RETURNS text[] LANGUAGE sql AS 'SELECT 1'", "ALTER FUNCTION desk.may(text) SECURITY INVOKER",
		"DROP FUNCTION desk.use_access",
		"CREATE SCHEMA mine", "CREATE SCHEMA AUTHORIZATION CURRENT_USER", "CREATE DATABASE mine", "CREATE EXTENSION citext SCHEMA public",
		"CREATE EXTENSION dblink", "CREATE EXTENSION postgres_fdw", "CREATE EXTENSION tablefunc", "CREATE EXTENSION pageinspect",
		"CREATE LANGUAGE x HANDLER plpgsql_call_handler",
		"CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION pg_event_trigger_ddl_commands()",
		"CREATE TRIGGER t AFTER INSERT ON patronctl.access EXECUTE FUNCTION suppress_redundant_updates_trigger()",
		"ALTER TABLE patronctl.access DISABLE TRIGGER ALL", "CREATE RULE r AS ON SELECT TO lms.identity DO INSTEAD NOTHING",
		"CREATE POLICY p ON lms.identity", "CREATE STATISTICS public.s ON surname, forenames FROM lms.identity",
		"CREATE INDEX ON lms.identity (surname)",
		"CREATE DOMAIN public.d AS text CHECK (VALUE <> '')", "CREATE DOMAIN pg_temp.d AS text CHECK (VALUE <> '')",
		"CREATE TYPE public.t AS ENUM ()", "CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT",
		"CREATE OPERATOR public.= (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer)",
		"CREATE AGGREGATE public.a (integer) (SFUNC = int4pl, STYPE = integer)", "CREATE COLLATION public.c (LOCALE = 'C')",
		"CREATE CONVERSION public.c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
		"CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = simple, STOPWORDS = 'x')",
		"CREATE SERVER s FOREIGN DATA WRAPPER file_fdw",
		"CREATE FOREIGN TABLE public.f (line text) SERVER patronctl_log OPTIONS (filename '/etc/passwd')", "CREATE FOREIGN DATA WRAPPER w",
		"CREATE USER MAPPING FOR CURRENT_USER SERVER s", "CREATE PUBLICATION p FOR ALL TABLES",
		"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "CREATE TABLESPACE t LOCATION '/tmp'",
		"CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler",
		"COMMENT ON TABLE lms.identity IS 'x'", "COMMENT ON COLUMN lms.identity.surname IS 'x'", "COMMENT ON DATABASE template1 IS 'x'",
		"SECURITY LABEL ON TABLE lms.identity IS 'x'",
		"REASSIGN OWNED BY patronctl_owner TO CURRENT_USER", "DROP OWNED BY patronctl_owner", "DROP OWNED BY CURRENT_USER",
		"ALTER TABLE lms.identity OWNER TO CURRENT_USER", "ALTER SCHEMA desk OWNER TO CURRENT_USER",
		"ALTER DEFAULT PRIVILEGES FOR ROLE patronctl_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
		"REFRESH MATERIALIZED VIEW lms.identity", "CLUSTER lms.identity", "REINDEX TABLE lms.identity",
		"IMPORT FOREIGN SCHEMA x FROM SERVER s INTO public",
	),
	attack{name: "COMMENT ON ROLE of oneself", steps: []string{"COMMENT ON ROLE $login IS 'x'"}},
	attack{
		name:  "the owner's name in a temporary schema",
		steps: []string{"SET search_path = pg_temp, public", "CREATE TABLE staff AS SELECT session_user::text AS login, 'admin' AS role"},
	},
	attack{
		name:  "ALTER DEFAULT PRIVILEGES of oneself",
		steps: []string{"ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO patronctl_clerk"},
		undo:  "ALTER DEFAULT PRIVILEGES FOR ROLE $login REVOKE EXECUTE ON FUNCTIONS FROM patronctl_clerk",
	},
)
