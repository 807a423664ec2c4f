package password

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestCodeAppearsOnce resets a password on a server that logs every statement with its parameters.
func TestCodeAppearsOnce(t *testing.T) {
	db := pgtest.New(t)
	super := db.Super(t)
	for _, set := range []string{"log_statement = 'all'", "log_min_messages = 'debug1'", "log_parameter_max_length = -1"} {
		if _, err := super.Exec(t.Context(), "ALTER DATABASE "+db.Name+" SET "+set); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	in := strings.NewReader("")
	env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, io.Discard, &errs)}
	env.Flags = kit.Flags{Output: output.JSON, Yes: true, Debug: true, DSN: db.DSN("clerk.cam"), Timeout: time.Minute}
	defer env.Close()
	if err := reset(t.Context(), env, kit.People{Words: []string{sample.CardLockedOut}}); err != nil {
		t.Fatal(err)
	}
	var done people.PasswordReset
	if err := json.Unmarshal(out.Bytes(), &done); err != nil {
		t.Fatal(err)
	}
	var stored string
	if err := super.QueryRow(t.Context(), `
		SELECT string_agg(to_jsonb(c)::text, '') || (SELECT string_agg(to_jsonb(a)::text, '') FROM patronctl.access AS a)
			|| (SELECT string_agg(to_jsonb(r)::text, '') FROM patronctl.result AS r)
		FROM lms.credential AS c`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	log := pgtest.Log(t)
	if !strings.Contains(log, "desk.reset_password") || !strings.Contains(stored, "$argon2id$") {
		t.Fatal("the server's log or its tables do not show the reset at all")
	}
	if done.Code == nil {
		t.Fatal("no code")
	}
	code := *done.Code
	for place, text := range map[string]string{"stderr": errs.String(), "the server's log": log, "the database": stored} {
		if len(code) < 12 || strings.Contains(text, code) || strings.Contains(text, strings.ReplaceAll(code, "-", "")) {
			t.Errorf("the code %q is also in %s", code, place)
		}
	}
	if n := strings.Count(out.String(), code); n != 1 {
		t.Errorf("the code is %d times on stdout", n)
	}
}
