package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// hostile is a value that would rename a terminal, clear it, colour it, overwrite its line and turn the rest around.
const hostile = "\x1b]0;owned\x07\x1b[2J\u009b31m\x7f\r\n\t\b\u202e\u2066\u200b\u200d\ufeff\u2028\u00ad\U000E0041end"

// hostileLogin is a member of staff of such a name.
const hostileLogin = "clerk\x1b[31m\u202e\u009b2J"

// poison adds to the awkward people of the sample: whatever a column about them, their items, places and staff can hold.
func poison(t *testing.T, db *pgtest.DB) {
	t.Helper()
	super := db.Super(t)
	for _, sql := range []string{
		`INSERT INTO lms.branch VALUES (%[1]s, 'CAM', %[1]s)`,
		`INSERT INTO lms.category VALUES (%[1]s, %[1]s)`,
		`UPDATE lms.authority SET name = %[1]s`,
		`UPDATE lms.patron SET branch = %[1]s, category = %[1]s WHERE id IN (36, 41)`,
		`UPDATE lms.identity SET (surname, forenames, title, emails, phones, document_number, guardian, language)
			= (%[1]s, %[1]s, %[1]s, ARRAY[%[1]s], ARRAY[%[1]s], %[1]s, %[1]s, %[1]s) WHERE patron IN (36, 41)`,
		`UPDATE lms.address SET (lines, town, postcode, country) = (%[1]s, %[1]s, %[1]s, %[1]s) WHERE patron IN (36, 41)`,
		`INSERT INTO lms.card VALUES (%[1]s || 'x', 41, NULL, 'active')`,
		`INSERT INTO lms.block (patron, authority, level, reason_code, placed_on) VALUES (41, 'CAM', 'warn', %[1]s, '2026-01-01')`,
		`INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, source)
			VALUES (41, 'CAM', %[1]s, %[1]s, %[1]s, '2026-01-01', %[1]s), (41, 'CAM', 'marketing', 'post', 'mk-1', '2026-01-01', 'desk')`,
		`INSERT INTO lms.special VALUES (41, 'CAM', %[1]s, %[1]s, %[1]s, %[1]s)`,
		`UPDATE lms.fee SET kind = %[1]s WHERE patron IN (36, 41)`,
		`UPDATE lms.hold SET outcome = %[1]s WHERE patron = 36`,
		`UPDATE lms.item SET title = %[1]s WHERE id IN (SELECT item FROM lms.loan WHERE patron = 36)`,
		`UPDATE lms.item SET barcode = %[1]s, branch = %[1]s WHERE id = 1`,
	} {
		_, err := super.Exec(t.Context(), fmt.Sprintf(sql, literal(hostile)))
		must(t, err)
	}
	_, err := super.Exec(t.Context(),
		fmt.Sprintf(`DO $$ BEGIN CREATE ROLE "%s" LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`, hostileLogin))
	must(t, err)
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// words splits a command line, in which some words stand for others.
func words(line string) []string {
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.NewReplacer("HOSTILE", hostile, "LOGIN", hostileLogin, "REASON", "\x1b[5mticket\u202e 4711\u009b0m\a", "NOTHING",
			"").Replace(args[i])
	}
	return args
}

// hostileCommands show everything that the program shows of a database, and what it says about hostile arguments; exit
// is their exit code where data are written as JSON.
var hostileCommands = []struct {
	login, line string
	exit        int
}{
	{"admin", "staff add LOGIN --role clerk --authority CAM", 0},
	{"admin", "staff add clerk.cam --role clerk --authority HOSTILE", 2},
	{"admin", "staff list", 0},
	{hostileLogin, "patron find 90000005 --reason REASON", 0},
	{hostileLogin, "patron find 90000006", 0},
	{"clerk.cam", "patron find debtor", 0},
	{"clerk.cam", "patron find nelson", 0},
	{"clerk.cam", "patron find 90000036", 0},
	{"clerk.cam", "patron find 90000041", 0},
	{"clerk.cam", "patron find HOSTILE", 0},
	{"clerk.cam", "patron find ellison --authority HOSTILE", 2},
	{"clerk.cam", "patron show 90000041 --fees", 0},
	{"clerk.cam", "patron show 90000041 --facts", 0},
	{"clerk.cam", "patron show HOSTILE1", 3},
	{"clerk.cam", "patron show 90000041 --purpose HOSTILE", 2},
	{"support", "patron show 90000041", 0},
	{"clerk.cam", "debt check 90000041", 0},
	{"clerk.cam", "debt check HOSTILE1", 3},
	{"clerk.cam", "debt check 90000012 HOSTILE id:41 --matches", 0},
	{"clerk.cam", "debt check --applicant --surname HOSTILE --forenames HOSTILE --born 1980-01-01", 0},
	{"clerk.cam", "debt check --applicant --surname x --forenames x --born HOSTILE", 2},
	{"clerk.cam", "debt check --file HOSTILE", 2},
	{"job", "debt check --file HOSTILE.cards", 0},
	{"supervisor.cam", "history show 90000036 --reason REASON", 0},
	{"supervisor.cam", "history anonymize 90000036 --before today --dry-run", 0},
	{"supervisor.cam", "history anonymize 90000036 --before HOSTILE", 2},
	{"supervisor.cam", "item show HOSTILE --reason REASON", 0},
	{"supervisor.cam", "item show 300000000008", 0},
	{"clerk.cam", "password reset 90000041 --yes", 0},
	{"clerk.cam", "consent list 90000041", 0},
	{"clerk.cam", "consent list --missing", 0},
	{"clerk.cam", "consent give 90000041 --purpose HOSTILE --channel post --wording x --source desk", 2},
	{"clerk.cam", "consent give 90000041 --purpose joining --wording HOSTILE --source HOSTILE", 2},
	{"clerk.cam", "consent withdraw 90000041 --purpose HOSTILE", 0},
	{"clerk.cam", "consent withdraw 90000041 --purpose joining", 0},
	{"officer.cam", "patron list --purpose marketing", 0},
	{"officer.cam", "patron list --purpose marketing --branch HOSTILE", 0},
	{"officer.cam", "patron list --purpose HOSTILE --channel HOSTILE", 2},
	{"officer.cam", "patron show 90000041 --special --reason REASON", 0},
	{"clerk.cam", "patron set 90000041 --keep-history yes", 0},
	{"clerk.cam", "patron set 90000041 --language HOSTILE", 2},
	{"clerk.cam", "patron set 90000041 --special HOSTILE", 2},
	{"clerk.cam", "block list 90000041", 0},
	{"clerk.cam", "block lift 90000041", 0},
	{"clerk.cam", "block place 90000041 --level warn --reason-code HOSTILE", 2},
	{"officer.cam", "export 90000041 --to HOSTILE.json --force", 0},
	{"officer.cam", "export 90000041 --to HOSTILE.zip --format csv --scope access --force -q", 0},
	{"officer.cam", "export 90000041 --to HOSTILE/HOSTILE", 2},
	{"officer.cam", "export 90000041 --to x --format HOSTILE", 2},
	{hostileLogin, "export 90000041 --to y.json", 8},
	{"auditor", "audit list --limit 20", 0},
	{"auditor", "audit list --login LOGIN", 0},
	{"auditor", "audit list --operation HOSTILE", 2},
	{"auditor", "audit show HOSTILE", 2},
	{"auditor", "audit show 2", 0},
	{"clerk.cam", "settings list --authority CAM", 0},
	{"clerk.cam", "settings get HOSTILE", 2},
	{"admin", "settings set reset_mode HOSTILE", 2},
	{"admin", "settings set k 5 --authority HOSTILE", 2},
	{localpg.Owner, "db status", 0},
	{localpg.Owner, "db import HOSTILE.values", 2},
	{localpg.Owner, "db import HOSTILE.header", 2},
	{localpg.Owner, "db import HOSTILE.name", 2},
	{localpg.Owner, "db import HOSTILE", 2},
	{localpg.Owner, "db init --admin HOSTILE", 8},
	{localpg.Owner, "db authority add HOSTILE --name HOSTILE --currency GBP --time-zone HOSTILE", 2},
	{"clerk.cam", "HOSTILE", 2},
	{"clerk.cam", "HOSTILE --help", 2},
	{"clerk.cam", "patron HOSTILE", 2},
	{"clerk.cam", "patron find --HOSTILE", 2},
	{"clerk.cam", "patron find -HOSTILE", 2},
	{"clerk.cam", "patron find x --columns HOSTILE", 2},
	{"clerk.cam", "patron find x --limit HOSTILE", 2},
	{"clerk.cam", "patron find x --timeout HOSTILE", 2},
	{"clerk.cam", "version HOSTILE", 2},
	{"clerk.cam", "help HOSTILE", 2},
	{"clerk.cam", "completion HOSTILE", 2},
	{"clerk.cam", "patron find x --dsn HOSTILE", 2},
	{hostileLogin + "x", "patron find x", 4},
	{"clerk.cam", "patron show nosuchcard --debug", 3},
}

// completions may hold tabs, which part a candidate from its description.
var completions = []string{
	"patron find --authority NOTHING", "patron find --authority HOSTILE", "staff add --authority NOTHING", "patron HOSTILE",
	"patron show HOSTILE", "patron find --HOSTILE", "settings set HOSTILE",
}

// TestHostileValuesOnATerminal shows hostile values in every way that the program has of showing anything.
func TestHostileValuesOnATerminal(t *testing.T) {
	for _, way := range []string{
		"-o table --color never", "-o table --color always", "-o markdown", "-o csv", "-o csv --csv-raw", "-o json", "-o jsonl",
	} {
		for _, columns := range []uint16{80, 200} {
			t.Run(fmt.Sprintf("%s, %d columns", way, columns), func(t *testing.T) {
				t.Parallel()
				db := pgtest.New(t)
				poison(t, db)
				term := newTerminal(t, columns)
				hostileFiles(t, term.dir)
				for _, command := range hostileCommands {
					shown, code := term.run(db, command.login, append(words(command.line), strings.Fields(way)...)...)
					if way == "-o json" && code != command.exit {
						t.Errorf("%q: exit %d, want %d: %s", command.line, code, command.exit, shown)
					}
					if strings.HasPrefix(command.line, "export") {
						shown = redraws.ReplaceAllString(shown, "")
					}
					if way == "-o table --color always" {
						shown = colours.ReplaceAllString(shown, "")
					}
					harmless(t, command.line, shown)
				}
			})
		}
	}
}

// TestHostileCompletions asks as the shell does, which shows what it gets.
func TestHostileCompletions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	poison(t, db)
	term := newTerminal(t, 80)
	for _, line := range completions {
		shown, _ := term.run(db, "clerk.cam", append([]string{"__complete"}, words(line)...)...)
		harmless(t, "completion of "+line, strings.ReplaceAll(shown, "\t", " "))
	}
}

// TestHostileScans shows every awkward person, one scan after the other, and scans that are hostile themselves.
func TestHostileScans(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	poison(t, db)
	scans := "\x1b[2J\n" + strings.ReplaceAll(hostile, "\n", "") + "\n\xff\xfe\x00\n"
	for _, person := range sample.Awkward {
		scans += person.Card + "\n"
	}
	for _, format := range []string{"table", "markdown", "csv", "json", "jsonl"} {
		for _, line := range []string{"patron show - --fees", "debt check -"} {
			shown := newTerminal(t, 80).scan(db, "clerk.cam", scans, append(words(line), "-o", format, "--color", "never")...)
			harmless(t, line+" -o "+format, shown)
			if last := sample.Awkward[len(sample.Awkward)-1].Card; !strings.Contains(shown, last) {
				t.Errorf("%s -o %s: a hostile scan ended the work: %s", line, format, shown)
			}
		}
	}
}

// TestHostileNamesInPrompts asks about people, places and logins of hostile names.
func TestHostileNamesInPrompts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	poison(t, db)
	for _, columns := range []uint16{80, 200} {
		for _, line := range []string{"password reset 90000041", "history anonymize 90000036 --before today"} {
			term := newTerminal(t, columns)
			term.press("no\n")
			shown, code := term.run(db, "clerk.cam", append(words(line), "--color", "never")...)
			if code != 5 || !strings.Contains(shown, `[y/N]`) || !strings.Contains(shown, `\x1b]0;owned`) {
				t.Errorf("%s: exit %d, %s", line, code, shown)
			}
			harmless(t, line, shown)
		}
	}
}

// hostileFiles makes directories to import from, and a list of cards, with hostile names and values.
func hostileFiles(t *testing.T, dir string) {
	t.Helper()
	quoted := `"` + hostile + `"`
	for name, content := range map[string]string{
		hostile + ".values/patron.csv":          "id,authority,branch,category,registered_on\n7," + quoted + ",x,x," + quoted + "\n",
		hostile + ".header/patron.csv":          "id," + quoted + "\n",
		hostile + ".name/" + hostile + "ro.csv": "x\n",
		hostile + ".cards":                      "card\n" + hostile + "\n90000041\n",
	} {
		name = filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(name), 0o700))
		must(t, os.WriteFile(name, []byte(content), 0o600))
	}
}

// colours and redraws are the only escape sequences of the program's own: the latter move a progress bar.
var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
	redraws = regexp.MustCompile("\x1b\\[[0-9]*[AKFG]|\r")
)

// harmless fails the test unless what is shown holds nothing but visible characters and line feeds.
func harmless(t *testing.T, what, shown string) {
	t.Helper()
	if !utf8.ValidString(shown) {
		t.Errorf("%s: bytes that are not UTF-8 in %q", what, shown)
	}
	for at, r := range shown {
		if r != '\n' && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			t.Errorf("%s: U+%04X in %q", what, r, shown[max(0, at-60):min(len(shown), at+60)])
			return
		}
	}
}
