package doctor_test

import (
	"slices"

	"patronctl/client/install"
)

// rehash lets records whose time was changed pass for honest ones.
const rehash = `;
	UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a);
	UPDATE patronctl.result AS r SET row_hash = patronctl.result_hash(a.id, a.row_hash, r.xid, r.at, r.counts)
	FROM patronctl.access AS a WHERE a.id = r.access;
	RESET session_replication_role`

// illnesses by the part of an examination that finds them.
var illnesses = map[string][]illness{
	install.PartServer: serverIllnesses, install.PartPrivileges: privilegeIllnesses, install.PartSchema: schemaIllnesses,
}

// leak is a setting of the database that is not as it should be.
func leak(setting, wrong, severity string) illness {
	return illness{
		"ALTER DATABASE $DB SET " + setting + " = " + wrong,
		[]string{severity + " settings: " + setting + " = "},
		true,
		"ALTER DATABASE $DB RESET " + setting,
	}
}

var serverIllnesses = []illness{
	leak("wal_recycle", "on", "warning"),
	leak("wal_init_zero", "off", "warning"),
	leak("log_statement", "'all'", "warning"),
	leak("log_min_duration_statement", "0", "warning"),
	leak("log_min_duration_sample", "0", "warning"),
	leak("log_transaction_sample_rate", "1", "warning"),
	leak("log_min_error_statement", "'error'", "warning"),
	leak("log_parameter_max_length", "-1", "warning"),
	leak("log_parameter_max_length_on_error", "-1", "warning"),
	leak("pg_stat_statements.track_utility", "on", "warning"),
	leak("auto_explain.log_min_duration", "0", "warning"),
	leak("pgaudit.log_parameter", "on", "warning"),
	leak("debug_print_parse", "on", "warning"),
	leak("debug_print_rewritten", "on", "warning"),
	leak("debug_print_plan", "on", "warning"),
	leak("synchronous_commit", "off", "warning"),
	leak("password_encryption", "'md5'", "error"),
	leak("session_replication_role", "'replica'", "error"),
	leak("session_preload_libraries", "'pg_trgm'", "note"),
	{"ALTER SYSTEM SET wal_keep_size = '16MB'; SELECT pg_reload_conf()", []string{"warning settings: wal_keep_size = 16MB"}, true, ""},
	{`ALTER ROLE ALL SET debug_print_plan = on`, []string{"warning settings: debug_print_plan = on"}, true, ""},
	{`ALTER ROLE "clerk.cam" SET log_statement = 'all'`, []string{`warning settings of logins: log_statement=all of "clerk.cam"`}, true, ""},
	{
		`ALTER ROLE "clerk.cam" IN DATABASE $DB SET session_replication_role = 'replica'`,
		[]string{`error settings of logins: session_replication_role=replica of "clerk.cam"`},
		true, "",
	},
	{
		"REVOKE pg_read_all_settings, pg_signal_backend, pg_read_all_stats FROM patronctl_owner; REVOKE EXECUTE ON FUNCTION " +
			"pg_switch_wal(), pg_hba_file_rules() FROM patronctl_owner; REVOKE SELECT ON patronctl_log.md5_login FROM patronctl_owner",
		[]string{"warning set-up: not set up on this server: scrubbing erased people from its files, ending the sessions of " +
			"disabled logins, seeing all of its settings, " +
			"seeing whose transactions are open, seeing who may log in from where, seeing which passwords are stored as md5"},
		false,
		"GRANT pg_read_all_settings, pg_signal_backend, pg_read_all_stats TO patronctl_owner; GRANT EXECUTE ON FUNCTION " +
			"pg_switch_wal(), pg_hba_file_rules() TO patronctl_owner; GRANT SELECT ON patronctl_log.md5_login TO patronctl_owner",
	},
	{
		"ALTER VIEW patronctl_log.day_1 SET SCHEMA public; ALTER SCHEMA patronctl_log RENAME TO elsewhere",
		[]string{
			"warning log of logins: who logged in is not set up to be read",
			"warning set-up: not set up on this server: seeing which passwords are stored as md5",
		},
		false, "ALTER SCHEMA elsewhere RENAME TO patronctl_log; ALTER VIEW public.day_1 SET SCHEMA patronctl_log",
	},
	{
		"SELECT patronctl.set_clock_offset('1 hour')",
		[]string{"warning clock: rules reckon with a clock that is set off by 01:00:00"},
		true, "",
	},
	{
		"UPDATE patronctl.ledger SET quarantined_at = now()",
		[]string{"error quarantine: in quarantine since "},
		false,
		"UPDATE patronctl.ledger SET quarantined_at = NULL",
	},
	{
		"SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '1 hour'" + rehash,
		[]string{"warning sealing: access records were never sealed"},
		true, "",
	},
	{
		"SET session_replication_role = replica; UPDATE patronctl.access AS a SET at = at - interval '1 hour' WHERE NOT EXISTS " +
			"(SELECT FROM patronctl.leaf AS l WHERE l.access = a.id)" + rehash,
		[]string{"warning sealing: access records are not sealed since "},
		true, "",
	},
	{"UPDATE patronctl.tree SET server = 1", []string{"warning sealing: nothing was sealed since the database came to this server"}, true, ""},
	{
		"INSERT INTO patronctl.rule_in_force (rule, authority, since, login) VALUES ('history', 'KEN', now() - interval '3 days', 'officer.ken')",
		[]string{"warning retention: nobody has run what is due at KEN for two days; in force there: history"},
		true, "DELETE FROM patronctl.rule_in_force",
	},
	{
		"INSERT INTO patronctl.erasure (number, patron, authority, rule, at) VALUES (1, 999999, 'KEN', 'request', now() - interval " +
			"'3 days'); UPDATE patronctl.ledger SET number = 1",
		[]string{"warning scrubbing: 1 erased people are not scrubbed"},
		true, "",
	},
}

var privilegeIllnesses = []illness{
	{
		"GRANT SELECT, DELETE ON lms.identity TO patronctl_clerk",
		[]string{"error matrix: patronctl_clerk has SELECT, DELETE on the table lms.identity"},
		true, "",
	},
	{
		"GRANT SELECT (surname) ON lms.identity_of_cam TO PUBLIC",
		[]string{"error matrix: PUBLIC has SELECT on the table lms.identity_of_cam"},
		true, "",
	},
	{"GRANT UPDATE ON patronctl.staff TO library", []string{"error matrix: library has UPDATE on the table patronctl.staff"}, true, ""},
	{
		"GRANT USAGE ON SEQUENCE patronctl.access_id_seq TO patronctl_job",
		[]string{"error matrix: patronctl_job has USAGE on the sequence patronctl.access_id_seq"},
		true, "",
	},
	{
		"GRANT EXECUTE ON FUNCTION desk.register_staff(text, text, text, date, text, text, text) TO PUBLIC",
		[]string{"error matrix: PUBLIC has EXECUTE on the function desk.register_staff("},
		true, "",
	},
	{
		"REVOKE EXECUTE ON FUNCTION desk.show_patron(bigint, boolean) FROM patronctl_clerk",
		[]string{"warning matrix: patronctl_clerk lacks EXECUTE on the function desk.show_patron(bigint,boolean)"},
		true, "",
	},
	{"GRANT CREATE ON SCHEMA public TO PUBLIC", []string{"error matrix: PUBLIC has CREATE on the schema public"}, true, ""},
	{"GRANT TEMPORARY ON DATABASE $DB TO PUBLIC", []string{"error matrix: PUBLIC has TEMPORARY on the database "}, true, ""},
	{
		"GRANT SELECT ON lms.card TO patronctl_job WITH GRANT OPTION",
		[]string{
			"error matrix: patronctl_job has SELECT on the table lms.card",
			"error rights of others: patronctl_job has SELECT on the table lms.card, and may hand that on",
		},
		true, "",
	},
	{
		"CREATE VIEW public.everybody AS SELECT surname FROM lms.identity",
		[]string{"warning objects: the view public.everybody is none of patronctl's"},
		true, "",
	},
	{"CREATE TABLE lms.mine (id integer)", []string{"error objects: the table lms.mine is none of patronctl's"}, true, ""},
	{
		"CREATE ROLE reader LOGIN; GRANT SELECT ON lms.card TO reader",
		[]string{"error rights of others: reader has SELECT on the table lms.card"},
		true, "",
	},
	{
		"GRANT SELECT (number) ON lms.card TO reader",
		[]string{"error rights of others: reader has SELECT on the column number of lms.card"},
		true, "",
	},
	{
		"GRANT EXECUTE ON FUNCTION desk.roles() TO reader",
		[]string{"error rights of others: reader has EXECUTE on the function desk.roles()"},
		true, "",
	},
	{
		"ALTER DEFAULT PRIVILEGES FOR ROLE patronctl_owner GRANT SELECT ON TABLES TO reader",
		[]string{"error default rights: reader will have rights on TABLES that are made later"},
		true, "DROP ROLE reader",
	},
	{
		"ALTER DEFAULT PRIVILEGES FOR ROLE patronctl_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
		[]string{"error default rights: everybody may call functions that patronctl_owner makes later"},
		true, "",
	},
	{`GRANT patronctl_owner TO "clerk.cam"`, []string{`error owners: "clerk.cam" is a member of patronctl_owner`}, true, ""},
	{`GRANT patronctl_roles TO "clerk.cam"`, []string{`error owners: "clerk.cam" is a member of patronctl_roles`}, true, ""},
	{"ALTER ROLE patronctl_owner CREATEROLE", []string{"error owners: patronctl_owner can do more than it needs"}, true, ""},
	{"ALTER ROLE patronctl_roles LOGIN SUPERUSER", []string{"error owners: patronctl_roles can do more than it needs"}, true, ""},
	{
		"ALTER DATABASE $DB OWNER TO postgres", // what the former owner may do is that of any other then
		append(
			slices.Repeat([]string{"error rights of others: library has "}, 7),
			"warning owners: the owner of the database is a superuser",
		), false, "ALTER DATABASE $DB OWNER TO library",
	},
	{"ALTER ROLE patronctl_job BYPASSRLS", []string{"error groups: everybody in patronctl_job can do more than log in"}, true, ""},
	{
		"GRANT pg_read_all_data TO patronctl_clerk",
		[]string{"error groups: everybody in patronctl_clerk is also a member of pg_read_all_data", "error matrix: patronctl_clerk has "},
		false, "REVOKE pg_read_all_data FROM patronctl_clerk",
	},
	{
		"CREATE ROLE guest LOGIN IN ROLE patronctl_clerk",
		[]string{"warning groups: guest is in patronctl_clerk, and not registered here"},
		true, "DROP ROLE guest",
	},
	{
		`ALTER ROLE "clerk.ken" CREATEROLE CREATEDB`,
		[]string{`error power of staff: "clerk.ken" reaches around the guard: CREATEROLE, CREATEDB`},
		true, "",
	},
	{`ALTER ROLE "clerk.ken" SUPERUSER`, []string{`error power of staff: "clerk.ken" reaches around the guard: SUPERUSER`}, true, ""},
	{`GRANT pg_write_all_data TO "clerk.ken"`, []string{`error power of staff: "clerk.ken" is also a member of pg_write_all_data`}, true, ""},
	{
		`GRANT patronctl_clerk TO "clerk.ken" WITH ADMIN OPTION`,
		[]string{`error power of staff: "clerk.ken" may hand patronctl_clerk out`},
		true, "",
	},
	{
		"INSERT INTO patronctl.login (login, disabled_at) VALUES ('clerk.pbk', now())",
		[]string{`warning logins: "clerk.pbk" is disabled and can still log in`},
		true, `DELETE FROM patronctl.login; ALTER ROLE "clerk.pbk" LOGIN`,
	},
	{
		"UPDATE patronctl.staff SET valid_from = valid_from - 9, valid_to = patronctl.today(NULL) - 2 WHERE login = 'clerk.pbk'",
		[]string{`note logins: "clerk.pbk" can log in, although its last registration ended on `},
		false, "UPDATE patronctl.staff SET valid_to = NULL WHERE login = 'clerk.pbk'",
	},
	{
		"UPDATE patronctl.staff SET valid_from = valid_from - 40 WHERE login = 'clerk.pbk'",
		[]string{`note use of logins: never used, although registered more than a month ago: "clerk.pbk"`},
		false, "UPDATE patronctl.staff SET valid_from = patronctl.today(NULL) - 1 WHERE login = 'clerk.pbk'",
	},
	{
		"UPDATE patronctl.staff SET valid_from = valid_from - 400 WHERE login = 'auditor'",
		[]string{"note use of logins: registered more than a year ago, without an end: auditor"},
		true, "UPDATE patronctl.staff SET valid_from = patronctl.today(NULL) - 1, valid_to = NULL WHERE login = 'auditor'",
	},
	{
		`ALTER ROLE "clerk.pbk" PASSWORD 'md50123456789abcdef0123456789abcdef'`,
		[]string{`error passwords: the password of "clerk.pbk" is stored as md5, which is easily guessed`},
		false, `ALTER ROLE "clerk.pbk" PASSWORD NULL`,
	},
	{
		"GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint), lo_create(oid) TO PUBLIC",
		[]string{"warning defaults of PUBLIC: every login may squat advisory locks"},
		true, "",
	},
	{
		"GRANT CONNECT ON DATABASE postgres TO PUBLIC",
		[]string{"note other databases: staff may log in to other databases of this server too: postgres"},
		true, "",
	},
}
