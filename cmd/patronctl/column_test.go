package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client/localpg/pgtest"
)

// TestOneMoreColumn builds the program with one more column about people: a migration and a line of the catalogue, no more.
// What an import brings in it is in an export, is in the schema of exports, and is gone with the person.
func TestOneMoreColumn(t *testing.T) {
	t.Parallel()
	program := withColumn(t, "pronouns")
	db := pgtest.New(t)
	run := func(login string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+db.DSN(login), "PATRONCTL_STATE_DIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("patronctl %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	held := func() (rows int) {
		t.Helper()
		if err := db.Super(t).QueryRow(t.Context(), `SELECT count(*) FROM lms.identity WHERE pronouns = 'xe'`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	delivery := t.TempDir()
	for name, content := range map[string]string{
		"patron.csv":   "id,authority,branch,category,expires_on\n7001,CAM,CAM-CEN,ADULT,2020-01-31\n",
		"identity.csv": "patron,surname,pronouns\n7001,Quillfeather,xe\n",
		"card.csv":     "number,patron\n97000001,7001\n",
	} {
		if err := os.WriteFile(filepath.Join(delivery, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	run("library", "db", "upgrade")
	run("library", "db", "import", delivery)
	if held() != 1 {
		t.Error("the import did not bring it")
	}
	export := filepath.Join(t.TempDir(), "person.json")
	run("officer.cam", "export", "97000001", "--to", export, "-q")
	text, err := os.ReadFile(export)
	if err != nil || !strings.Contains(string(text), `"pronouns":"xe"`) {
		t.Errorf("an export lacks it: %v", err)
	}
	for _, format := range []string{"json", "xml"} {
		if schema := run("officer.cam", "export", "--schema", "--format", format); !strings.Contains(schema, `"pronouns"`) {
			t.Errorf("the schema of %s lacks it", format)
		}
	}
	run("officer.cam", "patron", "erase", "97000001", "--yes")
	if held() != 0 {
		t.Error("erasing left it")
	}
}

// withColumn builds the program as it would be with one more column of lms.identity.
func withColumn(t *testing.T, column string) string {
	t.Helper()
	const schema = "../../client/schema"
	dir := t.TempDir()
	catalogue, err := os.ReadFile(filepath.Join(schema, "catalogue.csv"))
	if err != nil {
		t.Fatal(err)
	}
	const before = "lms,identity,language,"
	lines := strings.Replace(string(catalogue), before, "lms,identity,"+column+",personal,text?,may,yes,\n"+before, 1)
	migration := "ALTER TABLE lms.identity ADD COLUMN " + column + " text;\n"
	replace := map[string]string{}
	for path, content := range map[string]string{"catalogue.csv": lines, "native/migrations/9999_more/1_more.sql": migration} {
		original, err := filepath.Abs(filepath.Join(schema, path))
		if err != nil {
			t.Fatal(err)
		}
		replace[original] = filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(replace[original], []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "patronctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program,
		".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build patronctl with one more column: %v: %s", err, out)
	}
	return program
}
