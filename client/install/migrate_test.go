package install_test

import (
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
)

// Two schemas migrate in one transaction: when the second fails, the first is as it was, and so are all functions.
func TestMigrationsHappenAsAWhole(t *testing.T) {
	db := pgtest.New(t)
	before := schemaOf(t, db)
	more := map[string]string{
		"native/migrations/0002_shelf/1_shelf.sql":        "CREATE TABLE lms.shelf (code text)",
		"native/migrations/0003_shelves/1_number.sql":     "ALTER TABLE lms.shelf ADD COLUMN number integer",
		"patronctl/migrations/0002_broken/1_shelf.sql":    "CREATE TABLE patronctl.shelf (code text)",
		"patronctl/migrations/0002_broken/2_division.sql": "SELECT 1 / 0",
		"desk/gate/shelf.sql":                             "CREATE FUNCTION desk.shelf() RETURNS text LANGUAGE sql AS 'SELECT NULL'",
	}
	install.Overlay(t, more)
	var told []string
	owner := db.Client(t, "library")
	applied, err := install.Upgrade(t.Context(), owner, func(step string) { told = append(told, step) })
	if err == nil || len(applied) > 0 {
		t.Fatalf("the upgrade went through: %v", applied)
	}
	if want := []string{"lms 2 shelf", "lms 3 shelves", "patronctl 2 broken"}; !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
	if !slices.Equal(schemaOf(t, db), before) {
		t.Error("a failed upgrade changed something")
	}

	more["patronctl/migrations/0002_broken/2_division.sql"] = "SELECT 1"
	install.Overlay(t, more)
	if applied, err = install.Upgrade(t.Context(), owner, func(string) {}); err != nil || len(applied) != 3 {
		t.Errorf("mended: %v, applied %v", err, applied)
	}
	if applied, err = install.Upgrade(t.Context(), owner, func(string) {}); err != nil || len(applied) != 0 {
		t.Errorf("again: %v, applied %v", err, applied)
	}
}

// What made no table of versions, or is before the first migration of this program, is nothing this program could upgrade.
func TestUpgradeOfAnOlderDatabase(t *testing.T) {
	for _, older := range []string{
		"DROP TABLE patronctl.version", "DELETE FROM patronctl.version", "UPDATE patronctl.version SET version = 0 WHERE schema_name = 'lms'",
	} {
		db := pgtest.New(t)
		super := pgtest.Connect(t, db, "postgres")
		super.Must("%s; UPDATE patronctl.installation SET functions_hash = 'older'", older)
		super.Must("REVOKE CONNECT ON DATABASE %s FROM patronctl_opac", db.Name)
		_, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(step string) { t.Errorf("%s: began with %s", older, step) })
		pgtest.OfKind(t, err, client.KindRefused)
		if err == nil || !strings.Contains(err.Error(), "older patronctl than this one can upgrade; nothing was changed") {
			t.Errorf("%s: %v", older, err)
		}
	}
}

// Another folding, on a database with people: they are found by it, no word of the old one is left, and the way back leads to
// what was there before.
func TestUpgradeComputesAnewWhatWasFolded(t *testing.T) {
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	oids := func() string {
		return super.Must(`SELECT string_agg(p.oid::text, ' ' ORDER BY p.oid)
			FROM pg_proc AS p WHERE p.proname IN ('fold', 'phone_key', 'append_only', 'name_added')`)
	}
	before, bound := db.Fingerprint(t), oids()
	folding := install.SQL("port/folding.sql")
	changed := strings.NewReplacer(
		"translate(lms.fold(value), '", "translate(lms.fold(value), 'w", "', '')", "', 'v')", // letter by letter, the rest for none
		"right(regexp_replace", "left(regexp_replace",
	).Replace(folding)
	if strings.Count(changed, "'v')") != 1 || !strings.Contains(changed, "left(") {
		t.Fatal("the folding is written otherwise by now")
	}
	t.Run("forth", func(t *testing.T) {
		install.Overlay(t, map[string]string{"port/folding.sql": changed})
		if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err != nil {
			t.Fatal(err)
		}
		if old := super.Must("SELECT word FROM lms.word WHERE word ~ 'w' LIMIT 3"); old != "" {
			t.Errorf("words of the old folding: %s", old)
		}
		wrong := super.Must(`
			WITH computed AS (
				SELECT i.patron, w, TRUE AS surname FROM lms.identity AS i, lms.name_words(i.surname) AS w
				UNION SELECT i.patron, w, FALSE FROM lms.identity AS i, lms.name_words(i.forenames) AS w
			), stored AS (
				SELECT n.patron, d.word, n.surname FROM lms.named AS n JOIN lms.word AS d ON d.id = n.word
			)
			SELECT count(*) FROM ((TABLE computed EXCEPT TABLE stored) UNION ALL (TABLE stored EXCEPT TABLE computed)) AS d`)
		if wrong != "0" {
			t.Errorf("%s entries of the dictionary are not those of the names", wrong)
		}
		by := super.Must(`SET enable_seqscan = off;
			SELECT count(*) > 0 AND count(*) = (SELECT count(*) FROM lms.identity AS o WHERE o.phones <> '{}') FROM lms.identity AS i
			WHERE EXISTS (SELECT FROM lms.identity AS n WHERE lms.phone_keys(n.phones) @> ARRAY[lms.phone_key(i.phones[1])])`)
		if by != "t" {
			t.Error("the index of telephone numbers does not find them")
		}
		found := super.Must(`SELECT count(*) > 0
			FROM lms.search('{vardley}', NULL, 20) AS s JOIN lms.identity AS i USING (patron) WHERE i.surname ~ 'Wardley'`)
		if found != "t" {
			t.Error("nobody is found by the new folding")
		}
	})
	if _, err := install.Upgrade(t.Context(), db.Client(t, "library"), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if db.Fingerprint(t) != before {
		t.Error("the way back leads elsewhere")
	}
	if oids() != bound {
		t.Error("a function that something depends on was dropped")
	}
}
