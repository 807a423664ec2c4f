package doctor_test

var schemaIllnesses = []illness{
	{
		"UPDATE patronctl.installation SET functions_hash = 'another'",
		[]string{"error version: the functions are those of another patronctl"},
		true, "",
	},
	{
		"INSERT INTO patronctl.version (schema_name, version) VALUES ('patronctl', 99)",
		[]string{"error version: this database was upgraded by a newer patronctl"},
		false,
		"DELETE FROM patronctl.version WHERE version = 99",
	},
	{
		"UPDATE patronctl.version SET version = 0 WHERE schema_name = 'lms'",
		[]string{"error version: the tables are those of an older patronctl"},
		false,
		"UPDATE patronctl.version SET version = 1",
	},
	{"ALTER TABLE lms.card ADD COLUMN nick text", []string{"error columns: the column lms.card.nick has no class"}, true, ""},
	{"ALTER TABLE lms.card DROP COLUMN nick", []string{"warning columns: the column lms.card.nick is classified, and is not there"}, true, ""},
	{
		"CREATE TABLE patronctl.notes (id integer)",
		[]string{"error columns: the column patronctl.notes.id has no class"},
		false,
		"DROP TABLE patronctl.notes",
	},
	{
		"ALTER TABLE lms.identity_of_cam ALTER surname SET STATISTICS 100",
		[]string{"error statistics: values of the column lms.identity_of_cam.surname get into the server's statistics"},
		true, "",
	},
	{
		"ALTER TABLE lms.card ALTER number SET STATISTICS 100; ANALYZE lms.card; ALTER TABLE lms.card ALTER number SET STATISTICS 0",
		[]string{"error statistics: values of people are in the server's statistics of lms.card.number"},
		true, "",
	},
	{
		"CREATE STATISTICS lms.spread ON patron, number FROM lms.card",
		[]string{"error statistics: values of people get into the statistics lms.spread"},
		true, "",
	},
	{
		"ALTER FUNCTION desk.show_patron(bigint, boolean) RESET search_path",
		[]string{
			"error functions: the function desk.show_patron(bigint,boolean) is not the one",
			"error definer functions: desk.show_patron(bigint,boolean) looks names up where its caller says",
		},
		true, "",
	},
	{
		"CREATE OR REPLACE FUNCTION desk.operations() RETURNS text LANGUAGE sql STABLE SET search_path = " +
			"pg_catalog, pg_temp AS 'SELECT $$all$$::text'",
		[]string{"error functions: the function desk.operations() is not the one"},
		true, "",
	},
	{"DROP FUNCTION desk.names(text)", []string{"error functions: the function desk.names(text) is missing"}, true, ""},
	{
		"UPDATE patronctl.rights SET reach = 'any' WHERE operation = 'export'",
		[]string{"error copy of the rights: the right to export of the role officer was changed in patronctl.rights"},
		true, "",
	},
	{
		"INSERT INTO patronctl.rights VALUES ('export', 'clerk', 'any', FALSE)",
		[]string{"error copy of the rights: the right to export of the role clerk was changed in patronctl.rights"},
		true, "",
	},
	{
		"UPDATE patronctl.operation SET marks = '{}' WHERE name = 'export'",
		[]string{"error copy of the rights: export was changed in patronctl.operation"},
		true, "",
	},
	{
		"CREATE FUNCTION desk.backdoor() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
		[]string{
			"warning functions: the function desk.backdoor() is none of patronctl's",
			"error definer functions: desk.backdoor() looks names up",
			"error definer functions: desk.backdoor() belongs to a superuser",
		},
		false, "DROP FUNCTION desk.backdoor()",
	},
	{
		"ALTER FUNCTION lms.search(text[], text, integer) OWNER TO library",
		[]string{
			"error functions: the function lms.search(text[],text,integer) is not the one",
			"error definer functions: lms.search(text[],text,integer) belongs to another role",
		},
		false, "ALTER FUNCTION lms.search(text[], text, integer) OWNER TO patronctl_owner",
	},
	{
		"CREATE FUNCTION lms.mine() RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS 'SELECT 1'; ALTER " +
			"FUNCTION lms.mine() OWNER TO patronctl_owner",
		[]string{"warning functions: the function lms.mine() is none of patronctl's"},
		true, "",
	},
	{
		"CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; ALTER FUNCTION public.mine() " +
			"OWNER TO patronctl_owner",
		[]string{
			"error definer functions: public.mine() looks names up",
			"error definer functions: public.mine() runs with the rights of patronctl's owner",
			"warning definer functions: everybody may call public.mine()",
		},
		true, "DROP FUNCTION public.mine()",
	},
	{"DROP INDEX lms.loan_item", []string{"warning indexes: the index lms.loan_item is missing"}, true, ""},
	{
		"ALTER INDEX lms.loan_item RENAME TO kept; CREATE INDEX loan_item ON lms.loan (item)",
		[]string{"warning indexes: the index lms.loan_item is not the one"},
		true, "DROP INDEX lms.kept",
	},
	{
		"ALTER TABLE patronctl.purpose DROP CONSTRAINT purpose_name_authority_key",
		[]string{"warning indexes: the index patronctl.purpose_name_authority_key is missing"},
		true, "",
	},
	{
		"UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'lms.loan_item'::regclass",
		[]string{"warning invalid indexes: the index lms.loan_item is not valid"},
		true, "",
	},
	{
		"DROP TRIGGER append_only ON patronctl.access",
		[]string{"error triggers: the trigger append_only ON patronctl.access is missing"},
		true, "",
	},
	{
		"CREATE TRIGGER spy AFTER INSERT ON lms.card FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only()",
		[]string{"error triggers: the trigger spy ON lms.card is none of patronctl's"},
		true, "",
	},
	{
		"CREATE OR REPLACE TRIGGER append_only BEFORE DELETE ON patronctl.result FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only()",
		[]string{"error triggers: the trigger append_only ON patronctl.result is not the one"},
		true, "",
	},
	{
		"CREATE TRIGGER spy BEFORE INSERT ON lms.identity_of_cam FOR EACH ROW EXECUTE FUNCTION patronctl.append_only()",
		[]string{"error triggers: the trigger spy ON lms.identity_of_cam is none of patronctl's"},
		true, "",
	},
	{
		"CREATE RULE lost AS ON INSERT TO patronctl.incident_entry DO INSTEAD NOTHING",
		[]string{"error rules: the rule lost ON patronctl.incident_entry is none of patronctl's"},
		true, "",
	},
	{
		`CREATE RULE "A copy" AS ON UPDATE TO lms.identity_of_cam DO ALSO NOTIFY spy`,
		[]string{`error rules: the rule "A copy" ON lms.identity_of_cam is none of patronctl's`},
		true, "",
	},
	{
		"CREATE POLICY hides ON lms.block USING (FALSE); ALTER TABLE lms.block ENABLE ROW LEVEL SECURITY",
		[]string{
			"error policies: the policy hides ON lms.block is none of patronctl's",
			"error policies: row security is enabled on the table lms.block",
		},
		true, "",
	},
	{
		"ALTER TABLE patronctl.staff FORCE ROW LEVEL SECURITY",
		[]string{"error policies: row security is forced on the table patronctl.staff"},
		true, "",
	},
	{
		"CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watches ON " +
			"table_rewrite EXECUTE FUNCTION public.watch()",
		[]string{"warning event triggers: the event trigger watches (table_rewrite public.watch()) is none of patronctl's"},
		true, "DROP FUNCTION public.watch()",
	},
	{
		"ALTER TABLE patronctl.access DISABLE TRIGGER append_only",
		[]string{"error disabled triggers: the trigger append_only on patronctl.access is disabled"},
		true, "",
	},
	{
		"ALTER TABLE lms.payment DISABLE TRIGGER ALL",
		[]string{"error disabled triggers: checks of foreign keys on lms.payment are disabled"},
		true, "",
	},
}
