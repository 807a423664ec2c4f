package install_test

import (
	"strings"
	"testing"

	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
)

// lints are queries over the system's catalogues that must find nothing.
var lints = map[string]string{
	// A body that was bound when it was created looks nothing up.
	"a function without a fixed search_path that ends in pg_temp": `
		SELECT p.oid::regprocedure FROM pg_proc AS p
		WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk') AND NOT own.extension AND p.prosqlbody IS NULL
			AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c ~ '^search_path=pg_catalog, (lms, )?pg_temp$')`,
	"a function that PUBLIC may execute": `
		SELECT p.oid::regprocedure FROM pg_proc AS p
		WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk') AND NOT own.extension
			AND has_function_privilege('public', p.oid, 'EXECUTE')`,
	"a function of another owner": `
		SELECT p.oid::regprocedure FROM pg_proc AS p
		WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk') AND NOT own.extension
			AND (
				p.proowner::regrole::text,
				p.oid::regprocedure::text IN (
					'desk.alter_login(text,text,boolean,timestamp with time zone)', 'desk.join_group(text,text)',
					'desk.leave_group(text,text)', 'desk.make_login(text,text)', 'desk.refuse_oneself(text)',
					'desk.require_plain_login(text,boolean)', 'desk.require_verifier(text)', 'desk.staff_group(text)'
				)
			) NOT IN (('patronctl_owner', FALSE), ('patronctl_roles', TRUE))`,
	"a definer function outside desk": `
		SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.prosecdef AND p.pronamespace::regnamespace::text <> 'desk'`,
	"a function that staff may call but that does not run as its owner": `
		SELECT p.oid::regprocedure FROM pg_proc AS p
		WHERE p.pronamespace = 'desk'::regnamespace AND has_function_privilege('clerk.cam', p.oid, 'EXECUTE') AND NOT p.prosecdef`,
	"a definer function whose plans the caller can have printed, or whose texts the caller can have read otherwise": `
		SELECT p.oid::regprocedure FROM pg_proc AS p
		WHERE p.prosecdef AND NOT p.proconfig @> '{debug_print_plan=off,standard_conforming_strings=on,jit=off}'`,
	"a definer function in another language or with EXECUTE, but those that name logins, partitions, the catalogue's relations, the " +
		"log's files, or the right to execute": `
		SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
		WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk') AND NOT own.extension
			AND (l.lanname NOT IN ('sql', 'plpgsql') OR p.prosrc ~* '\mexecute\M'
				AND p.oid::regprocedure::text NOT IN (
					'desk.join_group(text,text)', 'desk.leave_group(text,text)', 'desk.make_login(text,text)',
						'desk.alter_login(text,text,boolean,timestamp with time zone)',
					'lms.add_authority(text,text,text,text)', 'lms.refold()', 'lms.erase_patrons(bigint[])', 'lms.personal_rows(bigint)',
					'lms.rewrite_personal(text)', 'lms.load_home_rows(text)', 'lms.copy_grants(regclass,regclass)',
						'desk.log_lines(timestamp with time zone)', 'desk.require_scrubbing()',
					'desk.check_help()', 'desk.check_public()', 'desk.check_defaults(boolean)', 'desk.check_definers()', 'desk.check_login_rules()'))`,
	"a view, rule, column, index or trigger that depends on desk": `
		SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
		FROM pg_depend AS d
		JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND p.pronamespace = 'desk'::regnamespace
		WHERE d.classid <> 'pg_proc'::regclass
			OR NOT EXISTS (SELECT FROM pg_proc AS q WHERE q.oid = d.objid AND q.pronamespace = p.pronamespace)`,
	"data in desk": `
		SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'desk'::regnamespace`,
	"a reference or trigger from outside lms to lms": `
		SELECT c.conname FROM pg_constraint AS c
		WHERE c.contype = 'f' AND (SELECT relnamespace FROM pg_class WHERE oid = c.confrelid) = 'lms'::regnamespace
			AND (SELECT relnamespace FROM pg_class WHERE oid = c.conrelid) <> 'lms'::regnamespace
		UNION ALL
		SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
		WHERE NOT t.tgisinternal AND c.relnamespace = 'lms'::regnamespace AND p.pronamespace <> 'lms'::regnamespace`,
	"a column without a class": `
		SELECT n.nspname || '.' || c.relname || '.' || a.attname
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE n.nspname IN ('lms', 'patronctl') AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
			AND a.attnum > 0 AND NOT a.attisdropped
			AND NOT EXISTS (
				SELECT FROM patronctl.catalogue AS k
				WHERE (k.schema_name, k.relation, k.column_name) = (n.nspname, c.relname, a.attname)
			)`,
	"a class without a column": `
		SELECT k.schema_name || '.' || k.relation || '.' || k.column_name FROM patronctl.catalogue AS k
		WHERE NOT EXISTS (
			SELECT FROM pg_attribute AS a
			WHERE a.attrelid = to_regclass(k.schema_name || '.' || k.relation) AND a.attname = k.column_name
				AND NOT a.attisdropped
		)`,
	"a personal column that is sampled for statistics, itself or in an index": `
		WITH RECURSIVE family AS (
			SELECT k.column_name, to_regclass(k.schema_name || '.' || k.relation)::oid AS relation
			FROM patronctl.catalogue AS k WHERE k.class IN ('personal', 'special', 'secret')
			UNION
			SELECT f.column_name, i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.relation
		)
		SELECT a.attrelid::regclass || '.' || a.attname
		FROM family AS f JOIN pg_attribute AS a ON a.attrelid = f.relation AND a.attname = f.column_name
		WHERE a.attstattarget IS DISTINCT FROM 0
			OR EXISTS (SELECT FROM pg_statistic AS s WHERE s.starelid = a.attrelid AND s.staattnum = a.attnum)
		UNION ALL
		SELECT DISTINCT s.starelid::regclass::text
		FROM family AS f JOIN pg_index AS i ON i.indrelid = f.relation JOIN pg_statistic AS s ON s.starelid = i.indexrelid
		UNION ALL
		SELECT x.stxname FROM family AS f JOIN pg_statistic_ext AS x ON x.stxrelid = f.relation`,
	// On 16 and later who made a role may administer it, without having its rights.
	"a member of the owners": `
		SELECT m.member::regrole FROM pg_auth_members AS m
		WHERE m.roleid IN ('patronctl_owner'::regrole, 'patronctl_roles'::regrole)
			AND (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, TRUE) OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, TRUE))`,
	"an owner who could do more than needed": `
		SELECT r.rolname FROM pg_roles AS r
		WHERE r.rolname IN ('patronctl_owner', 'patronctl_roles')
			AND (
				r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
				OR r.rolcreaterole <> (r.rolname = 'patronctl_roles')
			)`,
	"a group that could do more than needed, or is member of something": `
		SELECT r.rolname FROM pg_roles AS r
		WHERE r.rolname LIKE 'patronctl\_%' AND r.rolname NOT IN ('patronctl_owner', 'patronctl_roles')
			AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
				OR EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid))`,
	"something that patronctl_roles owns besides functions of desk": `
		SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_shdepend AS d
		WHERE d.refobjid = 'patronctl_roles'::regrole AND d.deptype = 'o'
			AND d.dbid IN (0, (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))
				AND d.objid NOT IN (SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace = 'desk'::regnamespace)`,
	"a login or group that may make temporary tables or schemas": `
		SELECT r.rolname FROM pg_roles AS r
		WHERE r.rolname NOT IN (SELECT d.datdba::regrole::text FROM pg_database AS d WHERE d.datname = current_database()) AND NOT r.rolsuper
			AND r.rolname NOT LIKE 'pg\_%'
				AND (
					has_database_privilege(r.oid, current_database(), 'TEMPORARY')
					OR has_database_privilege(r.oid, current_database(), 'CREATE')
				)`,
	"a default that gives PUBLIC new functions": `
		SELECT 'functions of patronctl_owner' WHERE NOT EXISTS (
			SELECT FROM pg_default_acl AS d WHERE d.defaclrole = 'patronctl_owner'::regrole AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0
				AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) AS x WHERE x.grantee = 0))`,
	"a personal column in patronctl": `
		SELECT k.relation || '.' || k.column_name FROM patronctl.catalogue AS k
		WHERE k.schema_name = 'patronctl' AND k.class NOT IN ('pseudonym', 'fact')`,
	"a personal column outside the places that erasing empties": `
		SELECT k.relation || '.' || k.column_name FROM patronctl.catalogue AS k
		WHERE k.class NOT IN ('pseudonym', 'fact')
			AND k.relation NOT IN ('identity', 'address', 'special', 'credential', 'card', 'consent', 'word')`,
	"a row about a person without the patron's number": `
		SELECT DISTINCT k.relation FROM patronctl.catalogue AS k
		WHERE k.schema_name = 'lms' AND k.class IN ('personal', 'special', 'secret') AND k.relation <> 'word'
			AND NOT EXISTS (
				SELECT FROM patronctl.catalogue AS p
				WHERE p.schema_name = 'lms' AND p.relation = k.relation AND p.column_name = 'patron'
			)`,
	"a moved row with an id or a reference": `
		SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute AS a
		WHERE a.attrelid IN ('lms.anonymous_loan'::regclass, 'lms.anonymous_hold'::regclass, 'lms.anonymous_fee'::regclass)
			AND a.attname IN ('id', 'patron', 'loan', 'fee', 'hold')
		UNION ALL
		SELECT c.conname FROM pg_constraint AS c
		WHERE c.conrelid IN ('lms.anonymous_loan'::regclass, 'lms.anonymous_hold'::regclass, 'lms.anonymous_fee'::regclass)
			AND c.contype NOT IN ('c', 'n')`,
}

func TestLints(t *testing.T) {
	t.Parallel()
	super := pgtest.Connect(t, pgtest.New(t), "postgres")
	super.Must("ANALYZE")
	for what, query := range lints {
		// Functions of extensions belong to others.
		query = strings.Replace(query, "FROM pg_proc AS p", `FROM pg_proc AS p CROSS JOIN LATERAL (
			SELECT EXISTS (
				SELECT FROM pg_depend AS d
				WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
			) AS extension) AS own`, 1)
		found, err := super.Run("%s", query)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, object := range found {
			t.Errorf("%s: %s", what, object)
		}
	}
}

// Installing the functions again gives the same functions and rights, and lends nobody the owner's.
func TestDeskIsRecreated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	state := `
		SELECT md5(
			string_agg(
			pg_get_functiondef(p.oid) || p.proowner::regrole || coalesce(p.proacl::text, ''),
			'|' ORDER BY p.oid::regprocedure::text
			)
		)
		FROM pg_proc AS p WHERE p.pronamespace = 'desk'::regnamespace`
	before, hash := super.Must("%s", state), super.Must("SELECT functions_hash FROM patronctl.installation")
	for range 2 {
		super.Must(`
			UPDATE patronctl.installation SET functions_hash = 'another';
			CREATE FUNCTION desk.left_over() RETURNS integer LANGUAGE sql AS 'SELECT 1'`)
		if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err != nil {
			t.Fatal(err)
		}
		if after := super.Must("%s", state); after != before {
			t.Error("the functions or their rights differ")
		}
		if again := super.Must("SELECT functions_hash FROM patronctl.installation"); again != hash {
			t.Errorf("hash %s, was %s", again, hash)
		}
	}
	if members := super.Must("%s", lints["a member of the owners"]); members != "" {
		t.Errorf("members of the owners: %s", members)
	}
	// Something that came to depend on a function stops the upgrade, which changes nothing.
	super.Must("UPDATE patronctl.installation SET functions_hash = 'another'; CREATE VIEW public.mine AS SELECT desk.names('branch')")
	if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err == nil {
		t.Error("upgraded under a view that depends on desk")
	}
	if after := super.Must("%s", state); after != before {
		t.Error("a failed upgrade changed the functions")
	}
}
