package install_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
)

// steps of an undisturbed init, as it tells them.
func steps(t *testing.T) []string {
	t.Helper()
	var told []string
	owner := pgtest.Empty(t).Client(t, "library")
	if err := install.Init(t.Context(), owner, "admin", func(step string) { told = append(told, step) }); err != nil {
		t.Fatal(err)
	}
	return told
}

// schemaOf is everything that was installed, in words that two equal installations share.
func schemaOf(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	rows, err := db.Super(t).Query(t.Context(), `
		SELECT format('%s.%s %s %s', n.nspname, c.relname, c.relkind, c.relacl)
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('lms', 'patronctl', 'desk')
		UNION ALL
		SELECT format('%s %s %s %s', p.oid::regprocedure, md5(p.prosrc), pg_get_userbyid(p.proowner), p.proacl)
		FROM pg_proc AS p WHERE p.pronamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace, 'desk'::regnamespace)
		UNION ALL
		SELECT format('%s.%s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstattarget)
		FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
		WHERE c.relnamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace) AND c.relkind IN ('r', 'p') AND a.attnum > 0
			AND NOT a.attisdropped
		UNION ALL
		SELECT pg_get_indexdef(i.indexrelid)
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
		WHERE c.relnamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace)
		UNION ALL
		SELECT format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
		FROM pg_constraint AS k WHERE k.connamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace)
		UNION ALL
		SELECT pg_get_triggerdef(t.oid)
		FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
		WHERE NOT t.tgisinternal AND c.relnamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace)
		UNION ALL SELECT format('%s %s', login, role) FROM patronctl.staff
		UNION ALL SELECT format('version %s %s', schema_name, version) FROM patronctl.version
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestInitInterruptedAtEachStepGoesOn(t *testing.T) {
	pgtest.New(t) // makes the logins, which belong to the server
	whole := pgtest.Empty(t)
	if err := install.Init(t.Context(), whole.Client(t, "library"), "admin", func(string) {}); err != nil {
		t.Fatal(err)
	}
	want := schemaOf(t, whole)
	for n, step := range steps(t) {
		t.Run(step, func(t *testing.T) {
			db := pgtest.Empty(t)
			ctx, cancel := context.WithCancel(t.Context())
			told := 0
			err := install.Init(ctx, db.Client(t, "library"), "admin", func(string) {
				if told++; told > n {
					cancel()
				}
			})
			if err == nil {
				t.Fatal("an init that was cancelled reported success")
			}
			again := db.Client(t, "library")
			if err := install.Init(t.Context(), again, "admin", func(string) {}); err != nil {
				t.Fatalf("init after an interruption: %s", pgtest.Details(err))
			}
			if got := schemaOf(t, db); !slices.Equal(got, want) {
				t.Errorf("an interrupted init left something else than an undisturbed one")
			}
			pgtest.OfKind(t, install.Init(t.Context(), again, "admin", func(string) {}), client.KindRefused)
		})
	}
}

func TestUpgradeReplacesWhatDiffers(t *testing.T) {
	db := pgtest.New(t)
	super := db.Super(t)
	written := func() string {
		t.Helper()
		var state string
		err := super.QueryRow(t.Context(), `
			SELECT concat_ws(
				' ',
				(
					SELECT md5(string_agg(concat_ws(' ', proname, prosrc), ' ' ORDER BY oid::regprocedure::text COLLATE "C"))
					FROM pg_proc
					WHERE pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk')
				),
				(SELECT md5(string_agg(r::text, ' ' ORDER BY r.operation, r.role)) FROM patronctl.rights AS r),
				(SELECT md5(string_agg(o::text, ' ' ORDER BY o.name)) FROM patronctl.operation AS o)
			)`).Scan(&state)
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	before := written()
	for _, c := range []struct {
		change string
		told   []string
	}{
		{`SELECT`, nil},
		{`UPDATE patronctl.installation SET functions_hash = 'another'`, []string{"functions"}},
		{`DROP FUNCTION desk.names(text)`, []string{"functions"}},
		{`CREATE OR REPLACE FUNCTION lms.is_day(value text) RETURNS boolean LANGUAGE sql AS 'SELECT FALSE'`, []string{"functions"}},
		{`DROP FUNCTION lms.reactivate(bigint, date, date)`, []string{"functions"}},
		{`CREATE FUNCTION lms.backdoor() RETURNS text LANGUAGE sql AS 'SELECT 1::text'`, []string{"functions"}},
		{`CREATE OR REPLACE FUNCTION patronctl.today(authority text) RETURNS date LANGUAGE sql AS 'SELECT NULL::date'`, []string{"functions"}},
		{
			`CREATE OR REPLACE FUNCTION patronctl.append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
			[]string{"functions"},
		},
		{`CREATE OR REPLACE FUNCTION lms.name_removed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`, []string{"functions"}},
		{
			`CREATE OR REPLACE FUNCTION lms.fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN value`,
			[]string{"functions", "names, folded anew"},
		},
		{`CREATE FUNCTION desk.backdoor() RETURNS text LANGUAGE sql AS 'SELECT 1::text'`, []string{"functions"}},
		{`UPDATE patronctl.rights SET reach = 'any' WHERE operation = 'history show'`, nil},
		{`DELETE FROM patronctl.rights WHERE role = 'officer'`, nil},
		{`UPDATE patronctl.operation SET asked_by = '{}' WHERE name = 'history show'`, nil},
	} {
		if _, err := super.Exec(t.Context(), c.change); err != nil {
			t.Fatal(err)
		}
		var told []string
		if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(step string) { told = append(told, step) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, c.told) || written() != before {
			t.Errorf("%s: told %q, as it was: %v", c.change, told, written() == before)
		}
	}
}

// An installation of a version that knew fewer groups gets the others, with what they may do.
func TestUpgradeAddsGroups(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must("REVOKE CONNECT ON DATABASE %s FROM patronctl_opac; UPDATE patronctl.installation SET functions_hash = 'another'", db.Name)
	var told []string
	for range 2 {
		if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(step string) { told = append(told, step) }); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(told, []string{"roles and schemas", "functions"}) {
		t.Errorf("told %q", told)
	}
	pgtest.Connect(t, db, "opac").Must("SELECT %s", pgtest.OpenCall("password check", pgtest.BookwormsCard))
	if members := super.Must("%s", lints["a member of the owners"]); members != "" {
		t.Errorf("members of the owners: %s", members)
	}
}

// A view of somebody else on a function of desk stops the upgrade; CASCADE would have dropped the view.
func TestUpgradeStopsAtWhatDependsOnDesk(t *testing.T) {
	db := pgtest.New(t)
	super := db.Super(t)
	for _, statement := range []string{
		`CREATE VIEW public.codes AS SELECT desk.names('authority') AS code`,
		`UPDATE patronctl.installation SET functions_hash = 'another'`,
	} {
		if _, err := super.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err == nil {
		t.Error("the upgrade went through")
	}
	if _, err := super.Exec(t.Context(), `SELECT * FROM public.codes`); err != nil {
		t.Errorf("the view is gone: %v", err)
	}
}

func TestTwoUpgradesAtOnce(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Super(t).Exec(t.Context(), `UPDATE patronctl.installation SET functions_hash = 'another'`); err != nil {
		t.Fatal(err)
	}
	first, second := db.Client(t, "library"), db.Client(t, "library")
	var meanwhile error
	_, err := install.Upgrade(t.Context(), first, func(string) {
		_, meanwhile = install.Upgrade(t.Context(), second, func(string) {})
	})
	if err != nil {
		t.Errorf("the first: %v", err)
	}
	pgtest.OfKind(t, meanwhile, client.KindBusy)
	if _, err := install.Upgrade(t.Context(), second, func(string) {}); err != nil {
		t.Errorf("the second, later: %v", err)
	}
}

// The functions of an older program do not fit newer tables.
func TestUpgradeByAnOlderProgram(t *testing.T) {
	for _, schema := range []string{"lms", "patronctl"} {
		db := pgtest.New(t)
		super := pgtest.Connect(t, db, "postgres")
		super.Must(`
			INSERT INTO patronctl.version (schema_name, version) VALUES ('%s', 99);
			UPDATE patronctl.installation SET functions_hash = 'newer';
			DROP FUNCTION desk.names(text)`, schema)
		before := schemaOf(t, db)
		applied, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(step string) { t.Errorf("%s: began with %s", schema, step) })
		pgtest.OfKind(t, err, client.KindRefused)
		if err == nil || !strings.Contains(err.Error(), "newer") || len(applied) > 0 {
			t.Errorf("%s: %v, applied %v", schema, err, applied)
		}
		if !slices.Equal(schemaOf(t, db), before) || super.Must("SELECT functions_hash FROM patronctl.installation") != "newer" {
			t.Errorf("%s: a refused upgrade changed something", schema)
		}
	}
}
