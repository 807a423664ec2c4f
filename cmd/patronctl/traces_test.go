package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client/localpg/pgtest"
	"patronctl/commands"
	"patronctl/commands/kit"
	"patronctl/output"
)

// marked are the people whose values the story knows: two at home in CAM, one of them to be erased, and one in KEN.
var marked = []int{14, 42, 3}

// markPerson writes values into every personal column; they come as parameters, so that no statement holds them.
var markPerson = []string{
	`UPDATE lms.identity
		SET surname = $2, forenames = $3, title = $4, emails = ARRAY[$5], phones = ARRAY[$6], document_number = $7, guardian = $8
		WHERE patron = $1`,
	`
		WITH d AS (DELETE FROM lms.address WHERE patron = $1) INSERT INTO lms.address (
			patron, authority, kind, place, lines, town, postcode, country
		)
		SELECT $1, authority, 'permanent', 1, $2, $3, $4, $5
		FROM lms.patron
		WHERE id = $1
		ON CONFLICT (patron, authority, kind, place) DO UPDATE SET lines = excluded.lines, town = excluded.town,
			postcode = excluded.postcode, country = excluded.country`,
	`
		INSERT INTO lms.special (patron, authority, faith, sexuality, disability, ethnic_origin)
		SELECT $1, authority, $2, $3, $4, $5
		FROM lms.patron
		WHERE id = $1
		ON CONFLICT (patron, authority) DO UPDATE SET faith = excluded.faith, sexuality = excluded.sexuality,
			disability = excluded.disability, ethnic_origin = excluded.ethnic_origin`,
	`UPDATE lms.card SET number = $2 WHERE patron = $1`,
	`INSERT INTO lms.consent (patron, authority, purpose, channel, given_at, source)
		SELECT $1, authority, 'marketing', $2, now(), $3
		FROM lms.patron
		WHERE id = $1`,
}

// TestWorkLeavesNoTraces lets every role do everything with people of whom 50 values and more are known, hostile ones among
// them. The server's log, its statistics of statements, and all that the program says beside the answer hold none.
func TestWorkLeavesNoTraces(t *testing.T) {
	db := pgtest.New(t)
	super := db.Super(t)
	var values []string
	value := func(format string) string {
		v := "z" + strings.ToLower(rand.Text()[:14])
		values = append(values, v)
		return fmt.Sprintf(format, v)
	}
	known := map[string]string{"DIR": t.TempDir(), "STRANGER": value("%s"), "BORN": "1984-03-15"}
	for n, patron := range marked {
		fill := func(statement int, args ...any) {
			if _, err := super.Exec(t.Context(), markPerson[statement], append([]any{patron}, args...)...); err != nil {
				t.Fatal(err)
			}
		}
		surname, email, phone, card := value("%s"), value("%s@example.org"), value("+44 %s"), value("%s")
		forenames := [...]string{"=1+1 %s", "\x1b[31m%s\x1b[0m", "O'%s\"); --"}[n]
		fill(0, surname, value(forenames), value("Dr %s"), email, phone, value("%s"), value("%s"))
		fill(1, value("1, %s\r\n=2+2"), value("%s"), value("%s"), value("%s"))
		fill(2, value("%s"), value("%s"), value("%s"), value("%s"))
		fill(3, card)
		fill(4, value("%s"), value("%s"))
		for name, v := range map[string]string{"SURNAME": surname, "EMAIL": email, "PHONE": phone, "CARD": card} {
			known[fmt.Sprint(name, n+1)] = v
		}
	}
	if len(values) < 50 {
		t.Fatalf("only %d values are known", len(values))
	}
	list := filepath.Join(known["DIR"], "cards.csv")
	if err := os.WriteFile(list, []byte("card\n"+known["CARD1"]+"\n"+known["CARD3"]+"\n"+known["STRANGER"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	known["LIST"] = list
	_, err := super.Exec(t.Context(), `
		DELETE FROM lms.payment WHERE patron = 42;
		DELETE FROM lms.fee WHERE patron = 42;
		DELETE FROM lms.loan WHERE patron = 42;
		DELETE FROM lms.hold WHERE patron = 42;
		DELETE FROM lms.membership WHERE patron = 42;
		UPDATE lms.patron SET expires_on = '2024-01-01', protected = FALSE WHERE id = 42`)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATRONCTL_STATE_DIR", filepath.Join(known["DIR"], "state"))

	everything := []string{
		"patron find SURNAME1", "patron find EMAIL1", "patron find PHONE1", "patron find CARD1", "patron find SURNAME3 --purpose debt -o csv",
		"patron find STRANGER", "patron find SURNAME1 STRANGER",
		"patron show CARD1 --fees", "patron show SURNAME1 -o json", "patron show EMAIL3", "patron show STRANGER",
		"patron show CARD1 --reason SURNAME1", "patron show CARD3 --purpose marketing",
		"debt check CARD1", "debt check SURNAME3", "debt check --file LIST",
		"debt check --applicant --surname SURNAME1 --forenames STRANGER --born BORN", "debt check STRANGER",
		"item show STRANGER", "item show CARD1 --last --reason ticket", "history show CARD1 --reason ticket",
		"history show SURNAME3 --reason ticket",
		"history anonymize CARD1 --before 2020-01-01 --yes", "history anonymize SURNAME1 --before today --dry-run",
		"history anonymize CARD3 --before today --yes", "history anonymize --file LIST --before 2020-01-01 --yes",
		"password reset CARD1 --yes", "password reset CARD3 --yes", "password check CARD1 --stdin", "password change CARD1 --stdin",
		"export CARD1 --to DIR/LOGIN.json", "export CARD3 --to DIR/LOGIN3.json", "export SURNAME1 --to DIR/LOGIN --format csv --scope access",
		"audit list --patron id:14", "audit list --login STRANGER", "audit report --subject CARD1 --reason ticket",
		"audit report --subject SURNAME3 --reason ticket",
		"patron reactivate CARD1 --expires 2027-01-31 --yes", "patron erase CARD1 --dry-run", "patron erase CARD3 --yes",
		"patron erase SURNAME1 --yes",
		"retention plan --all", "retention set SURNAME1 --action erase-patrons --age 3y", "retention list --authority STRANGER",
		"staff grant STRANGER --support CARD1 --hours 1", "staff grant support --support CARD1 --hours 1",
		"staff add STRANGER --role clerk --authority CAM --external", "staff show STRANGER", "settings set k STRANGER --authority CAM",
		"erasure list --authority STRANGER", "db status",
	}
	done := map[int]int{}
	run := func(login, line string) int {
		words := strings.Fields(line)
		for i, word := range words {
			for name, v := range known {
				word = strings.ReplaceAll(word, name, v)
			}
			words[i] = strings.ReplaceAll(word, "LOGIN", login)
		}
		var out, errs bytes.Buffer
		in := strings.NewReader(known["STRANGER"] + "\n" + known["STRANGER"] + "\n")
		env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, &out, &errs)}
		code := commands.Run(t.Context(), env, append(words, "--dsn", db.DSN(login)))
		for _, v := range values {
			// What was typed may be repeated to who typed it; what came from the database may not.
			if said := errs.String(); strings.Contains(strings.ToLower(said), v) && !strings.Contains(strings.Join(words, " "), v) {
				t.Errorf("%s: %s: a value of a person beside the answer: %s", login, line, said)
			}
		}
		done[code]++
		return code
	}
	for _, login := range []string{"clerk.cam", "supervisor.cam", "officer.cam", "officer.ken", "support", "admin", "job", "auditor", "opac"} {
		for _, line := range everything {
			run(login, line)
		}
	}
	if code := run("officer.cam", "patron erase CARD2 --yes"); code != 0 {
		t.Errorf("erased with exit %d", code)
	}
	if done[0] < 80 || done[8] < 50 {
		t.Errorf("too little was done, and refused: %v", done)
	}
	for _, trace := range pgtest.Traces(t, values...) {
		t.Error("a value of a person is left: ", trace)
	}
	t.Logf("%d values, %d command lines, by exit code: %v", len(values), 9*len(everything)+1, done)
}
