package doctor_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
	"patronctl/commands"
	"patronctl/commands/kit"
	"patronctl/output"
)

// Roles belong to the whole server: the tests of this package make none that they do not remove, one after the other.
func TestMain(m *testing.M) { pgtest.Main(m) }

// patient is a database to be broken by its superuser, mended, and looked at.
type patient struct {
	*testing.T
	db    *pgtest.DB
	super *pgx.Conn
	in    string // what a command is given
}

// admit returns a database that nothing is wrong with but what the server of tests does for speed.
func admit(t *testing.T) *patient {
	t.Helper()
	t.Setenv("PATRONCTL_STATE_DIR", t.TempDir())
	db := pgtest.New(t)
	p := &patient{T: t, db: db, super: db.Super(t)}
	p.sql("SELECT patronctl.set_clock_offset('0'); UPDATE patronctl.staff SET valid_from = patronctl.today(NULL) - 1")
	return p
}

// unsafe are the settings that make the server of tests fast rather than durable.
var unsafe = []string{"full_page_writes = off", "fsync = off"}

// sql runs statements one by one, as psql does.
func (p *patient) sql(statements string) {
	p.Helper()
	for statement := range strings.SplitSeq(statements, "; ") {
		statement = strings.NewReplacer("$DB", p.db.Name, "'CLASS'", "'fact'").Replace(statement)
		if _, err := p.super.Exec(p.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			p.Fatalf("%s: %v", statement, err)
		}
	}
}

// examine returns what a login is told, but for the unsafe settings.
func (p *patient) examine(login string, parts ...string) []install.Ailment {
	p.Helper()
	c, err := client.Open(p.Context(), client.Config{DSN: p.db.DSN(login)})
	if err != nil {
		p.Fatal(err)
	}
	defer c.Close()
	e, err := install.Examine(p.Context(), c, client.Why{}, parts)
	if err != nil {
		p.Fatalf("%s: %v (%v)", login, err, errors.Unwrap(err))
	}
	return slices.DeleteFunc(e.Ailments, func(a install.Ailment) bool {
		return slices.ContainsFunc(unsafe, func(setting string) bool { return strings.HasPrefix(a.Finding, setting+": ") })
	})
}

// mend does what a finding says: a command of the member of staff whose work it is, or SQL.
func (p *patient) mend(mend string) {
	p.Helper()
	_, sql, found := strings.Cut(mend, "else: ")
	if !found {
		sql = mend
	}
	for step := range strings.SplitSeq(sql, "; ") {
		if edit := rewriting.FindStringSubmatch(step); edit != nil {
			p.rewriteRule(edit[1], edit[2], edit[3], edit[4])
			continue
		}
		command, ours := strings.CutPrefix(step, "patronctl ")
		if !ours {
			p.sql(step)
			continue
		}
		command = strings.ReplaceAll(command, `"`, "") // as a shell would
		login := map[string]string{"staff": "admin", "db": localpg.Owner}[strings.Fields(command)[0]]
		if login == "" {
			login = "job"
		}
		p.patronctl(login, strings.Fields(strings.ReplaceAll(command, "DAY", "2099-12-31"))...)
	}
}

func (p *patient) patronctl(login string, args ...string) {
	p.Helper()
	if args[0] == "staff" && args[1] == "disable" {
		args = append(args, "--yes")
	}
	var out, errs bytes.Buffer
	in := strings.NewReader(p.in)
	env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, &out, &errs)}
	if code := commands.Run(p.Context(), env, append(args, "--dsn", p.db.DSN(login))); code != 0 {
		p.Fatalf("%s: patronctl %s: exit %d: %s", login, strings.Join(args, " "), code, errs.String())
	}
}

// illness is a way to break something, and all that must be found then in its part, each as "severity check: finding".
type illness struct {
	breaks string
	finds  []string
	mends  bool   // and nothing else is needed
	after  string // what undoes what mending cannot
}

// Each thing that is broken is found, alone, and mended by what the finding says.
func TestEachFindingIsMended(t *testing.T) {
	for _, part := range install.Parts {
		t.Run(part, func(t *testing.T) {
			p := admit(t)
			p.heal(install.Parts...)
			for _, i := range illnesses[part] {
				p.suffer(part, i)
			}
			p.heal(install.Parts...)
		})
	}
}

func (p *patient) suffer(part string, i illness) {
	p.Helper()
	p.sql(i.breaks)
	found := p.await(len(i.finds), part)
	if len(found) != len(i.finds) {
		p.Errorf("%s:\nfound %d: %s", i.breaks, len(found), told(found))
	}
	for _, want := range i.finds {
		if !slices.ContainsFunc(found, func(a install.Ailment) bool { return strings.HasPrefix(line(a), want) }) {
			p.Errorf("%s:\nfound %s\nnot %s", i.breaks, told(found), want)
		}
	}
	for _, a := range p.examine("support", part) {
		for _, login := range []string{"clerk.cam", "clerk.ken", "clerk.pbk", "guest", "reader"} {
			if strings.Contains(a.Finding+a.Mend, login) {
				p.Errorf("support is told of %s: %s: %s", login, a.Finding, a.Mend)
			}
		}
	}
	for _, a := range found {
		p.Logf("%s\n    %s", line(a), a.Mend)
		if i.mends {
			p.mend(a.Mend)
		}
	}
	if i.after != "" {
		p.sql(i.after)
	}
	p.heal(part)
}

// await examines until there are as many findings as expected: some settings take a moment to be read.
func (p *patient) await(findings int, parts ...string) (found []install.Ailment) {
	p.Helper()
	for range 100 {
		if found = p.examine("auditor", parts...); len(found) == findings {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return found
}

// heal fails when something is found.
func (p *patient) heal(parts ...string) {
	p.Helper()
	if left := p.await(0, parts...); len(left) > 0 {
		p.Fatalf("after mending: %s", told(left))
	}
}

func line(a install.Ailment) string { return fmt.Sprintf("%s %s: %s", a.Severity, a.Check, a.Finding) }

func told(found []install.Ailment) string {
	var b strings.Builder
	for _, a := range found {
		b.WriteString("\n  " + line(a) + "\n    " + a.Mend)
	}
	return b.String()
}
