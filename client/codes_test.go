package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// sqlFiles are the texts of all SQL of the program, without comments.
func sqlFiles(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	comment := regexp.MustCompile(`(?m)(^|\s)-- .*$`)
	err := filepath.WalkDir("schema", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".sql" {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = comment.ReplaceAllString(string(text), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// failing finds each call of desk.fail, up to the end of its statement.
var failing = regexp.MustCompile(`PERFORM desk\.fail\(('(?:[^']|'')*'|[^;'])*;`)

// Every code that the SQL raises is in the table, and every one of the table is raised.
func TestCodesAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	raised, known := map[string]bool{}, map[string]bool{}
	code := regexp.MustCompile(`(?:desk\.fail\(\s*|ERRCODE = )'(\w+)'`)
	for path, text := range sqlFiles(t) {
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			raised[m[1]] = true
		}
		ours := strings.HasPrefix(path, "schema/desk/") && !strings.HasSuffix(path, "/fail.sql")
		if n := strings.Count(text, "RAISE EXCEPTION"); ours && n > 0 {
			t.Errorf("%s: %d times RAISE EXCEPTION, which desk.fail is for", path, n)
		}
	}
	for _, c := range client.Codes {
		known[c.State] = true
	}
	if in, table := slices.Sorted(maps.Keys(raised)), slices.Sorted(maps.Keys(known)); !slices.Equal(in, table) {
		t.Errorf("raised are %v, the table has %v", in, table)
	}
}

// What a message and its hint name is given, and nothing else: it would stand in the server's log and be said to nobody.
func TestMessagesSayAllTheirParts(t *testing.T) {
	t.Parallel()
	named, given := regexp.MustCompile(`\{([a-z_]+)\}`), regexp.MustCompile(`(?:jsonb_build_object\(|,)\s*'([a-z_]+)',`)
	calls := 0
	for path, text := range sqlFiles(t) {
		for _, call := range failing.FindAllString(text, -1) {
			calls++
			said, parts, _ := strings.Cut(call, "jsonb_build_object(")
			says, has := map[string]bool{}, map[string]bool{}
			for _, m := range named.FindAllStringSubmatch(said, -1) {
				says[m[1]] = true
			}
			for _, m := range given.FindAllStringSubmatch("jsonb_build_object("+parts, -1) {
				has[m[1]] = true
			}
			if !maps.Equal(says, has) {
				t.Errorf("%s: says %v, is given %v: %s", path, slices.Sorted(maps.Keys(says)), slices.Sorted(maps.Keys(has)), call)
			}
		}
	}
	if calls < 200 {
		t.Errorf("%d calls of desk.fail were read", calls)
	}
}

// An error of ours comes with the templates of what it says and with what fills them, to psql and to the client.
func TestErrorsComeInParts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	const message, hint = "{what} {n} is {state}, {nothing}", "see {n}"
	for _, c := range client.Codes {
		_, err := super.Run(`SELECT desk.fail('%s', '%s', '%s', '{"what": "a {n}", "n": 9007199254740993, "state": null}')`,
			c.State, message, hint)
		var pg *pgconn.PgError
		var parts map[string]any
		switch {
		case !errors.As(err, &pg) || pg.Code != c.State:
			t.Errorf("%s: %v", c.State, err)
		case pg.Message != "a {n} 9007199254740993 is ?, {nothing}" || pg.Hint != "see 9007199254740993":
			t.Errorf("%s: %s (%s)", c.State, pg.Message, pg.Hint)
		case json.Unmarshal([]byte(pg.Detail), &parts) != nil || parts["message"] != message || parts["hint"] != hint:
			t.Errorf("%s: %s", c.State, pg.Detail)
		}
	}
	_, err := super.Run(`SELECT desk.fail('LB409', 'just so')`)
	if pgtest.Code(err) != "LB409" || !strings.HasPrefix(pgtest.Details(err), "just so\n") {
		t.Errorf("without parts: %v", pgtest.Details(err))
	}

	_, err = forgetting.ShowPlan(t.Context(), db.Client(t, "officer.cam"), client.Why{}, 4711)
	var known *client.Error
	if !errors.As(err, &known) || known.Template == "" || known.Message != known.Template {
		t.Errorf("no such plan: %#v", known)
	}
	_, err = staff.SetSetting(t.Context(), db.Client(t, "admin"), client.Why{}, "CAM", "debt_limit_others", "much")
	const limits = "{name} takes limits by currency such as GBP=10.00,EUR=12.00"
	if !errors.As(err, &known) || known.Template != limits || fmt.Sprint(known.Params["name"]) != "debt_limit_others" {
		t.Errorf("a limit of much: %#v", known)
	}
}
