package doctor_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"patronctl/client/install"
)

// Lines of pg_hba.conf that let in whom nobody knows are found, and what each finding says to write mends it.
func TestLoginRules(t *testing.T) {
	p := admit(t)
	defer p.setRules("local all all trust")
	for _, c := range []struct {
		rules []string // after the one that lets the tests in
		finds []string
	}{
		{
			[]string{
				"# nothing", "host all all 127.0.0.1/32 scram-sha-256", "host all all ::1/128 scram-sha-256",
				"host all all localhost scram-sha-256", "hostssl all all all scram-sha-256",
			},
			nil,
		},
		{
			[]string{
				"hostssl all all 10.0.0.0/8 cert", "host all all 10.0.0.0/8 reject", "host all all 0.0.0.0/0 reject",
				"host all all 10.1.0.0/16 scram-sha-256",
			},
			nil,
		},
		{[]string{"host all all 10.0.0.0/8 scram-sha-256"}, []string{"error 2 lets 10.0.0.0 255.0.0.0 in without encryption"}},
		{[]string{"hostnossl all all all scram-sha-256"}, []string{"error 2 lets all in without encryption"}},
		{[]string{"hostnogssenc sameuser +patronctl_clerk samenet scram-sha-256"}, []string{"error 2 lets samenet in without encryption"}},
		{[]string{"host $DB,other all 2001:db8::/32 scram-sha-256"}, []string{"error 2 lets 2001:db8:: ffff:ffff:: in without encryption"}},
		{[]string{"host replication all 10.0.0.9/32 scram-sha-256"}, []string{"error 2 lets 10.0.0.9 255.255.255.255 in without encryption"}},
		{[]string{"host elsewhere all all scram-sha-256", "host elsewhere all all md5"}, nil},
		// After a line that rejects all that is not encrypted, in the same family and for the same databases.
		{[]string{"hostnossl all all all reject", "host all all 10.0.0.0/8 scram-sha-256", "host all all ::/0 scram-sha-256"}, nil},
		{
			[]string{
				"hostnossl all all 0.0.0.0/0 reject", "host all all 10.0.0.0/8 scram-sha-256", "host all all fd00::/8 scram-sha-256",
				"host replication all 10.0.0.0/8 scram-sha-256",
			},
			[]string{"error 4 lets fd00:: ff00:: in without encryption", "error 5 lets 10.0.0.0 255.0.0.0 in without encryption"},
		},
		{
			[]string{"hostnossl all staff all reject", "host all all 10.0.0.0/8 scram-sha-256"},
			[]string{"error 3 lets 10.0.0.0 255.0.0.0 in without encryption"},
		},
		{[]string{"hostssl all all 10.0.0.0/8 trust"}, []string{"error 2 lets 10.0.0.0 255.0.0.0 in under any name"}},
		{[]string{"hostssl elsewhere postgres all trust"}, []string{"error 2 lets all in under any name"}},
		{[]string{"hostssl all all 10.0.0.0/8 ident"}, []string{"error 2 lets 10.0.0.0 255.0.0.0 in under any name"}},
		{[]string{"host all all samehost trust"}, []string{"warning 2 lets every account of the server's machine in under any name"}},
		{[]string{"host all all 127.0.0.0/8 trust"}, []string{"warning 2 lets every account of the server's machine in under any name"}},
		{[]string{"host all all ::1/128 trust"}, []string{"warning 2 lets every account of the server's machine in under any name"}},
		{[]string{"hostssl all all 10.0.0.0/8 password"}, []string{"warning 2 asks for passwords in clear"}},
		{[]string{"local all all md5"}, []string{"note 2 lets logins in whose password is stored as md5"}},
		{
			[]string{"host all all 10.0.0.0/8 trust", "", "host all all 10.0.0.0/8 md5"},
			[]string{
				"error 2 lets 10.0.0.0 255.0.0.0 in under any name", "error 2 lets 10.0.0.0 255.0.0.0 in without",
				"error 4 lets 10.0.0.0 255.0.0.0 in without", "note 4 lets logins in",
			},
		},
		{
			[]string{"host all all 10.0.0.0/33 scram-sha-256"},
			[]string{"error 2 is no rule, and the server will not start again: invalid CIDR mask"},
		},
		{
			[]string{"hosts all all all scram-sha-256"},
			[]string{"error 2 is no rule, and the server will not start again: invalid connection type"},
		},
	} {
		p.setRules(append([]string{"local all all trust"}, c.rules...)...)
		found := p.examine("auditor", install.PartServer)
		if len(found) != len(c.finds) {
			t.Errorf("%q: found %d: %s", c.rules, len(found), told(found))
		}
		for _, want := range c.finds {
			severity, rest, _ := strings.Cut(want, " ")
			n, what, _ := strings.Cut(rest, " ")
			want = fmt.Sprintf("%s login rules: line %s of %s %s", severity, n, p.rulesFile(), what)
			if !slices.ContainsFunc(found, func(a install.Ailment) bool { return strings.HasPrefix(line(a), want) }) {
				t.Errorf("%q: found %s\nnot %s", c.rules, told(found), want)
			}
		}
		for _, a := range found {
			if mend, broken := strings.CutPrefix(a.Mend, "correct "); broken {
				if !strings.HasPrefix(mend, "line 2 of "+p.rulesFile()+"; ") {
					t.Errorf("%q: %s", c.rules, a.Mend)
				}
				p.setRules()
				continue
			}
			p.mend(a.Mend)
		}
		p.heal(install.PartServer)
	}
	// A socket that every account of the machine reaches is no better.
	var found string
	p.setRules("local all all trust")
	p.sql("CREATE FUNCTION desk.current_setting(text) RETURNS text LANGUAGE sql AS $$SELECT '0777'$$; ALTER FUNCTION " +
		"desk.check_login_rules() SET search_path = desk, pg_catalog, pg_temp")
	if err := p.super.QueryRow(
		t.Context(), "SELECT severity || ' ' || finding FROM desk.check_login_rules()",
	).Scan(&found); err != nil || !strings.HasPrefix(
		found, "warning line 1 of "+p.rulesFile()+" lets every account of the server's machine in",
	) {
		t.Errorf("with an open socket: %s, %v", found, err)
	}
}

// rewriting is what a finding says about a line of pg_hba.conf.
var rewriting = regexp.MustCompile(`^in line (\d+) of (.+) write (\S+) instead of (\S+)$`)

func (p *patient) rulesFile() (path string) {
	p.Helper()
	if err := p.super.QueryRow(p.Context(), "SHOW hba_file").Scan(&path); err != nil {
		p.Fatal(err)
	}
	return path
}

// setRules writes pg_hba.conf.
func (p *patient) setRules(lines ...string) {
	p.Helper()
	text := strings.ReplaceAll(strings.Join(lines, "\n"), "$DB", p.db.Name)
	copying := fmt.Sprintf("COPY (SELECT unnest(string_to_array('%s', E'\\n'))) TO '%s'", text, p.rulesFile())
	if _, err := p.super.Exec(p.Context(), copying); err != nil {
		p.Fatalf("%s: %v", copying, err)
	}
}

// rewriteRule writes one word of one line of pg_hba.conf otherwise.
func (p *patient) rewriteRule(line, path, word, instead string) {
	p.Helper()
	var text string
	if err := p.super.QueryRow(p.Context(), "SELECT pg_read_file($1)", path).Scan(&text); err != nil {
		p.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	n, err := strconv.Atoi(line)
	if err != nil || n > len(lines) || !slices.Contains(strings.Fields(lines[n-1]), instead) {
		p.Fatalf("line %s of %q holds no %s", line, lines, instead)
	}
	lines[n-1] = strings.Replace(lines[n-1], instead, word, 1)
	p.setRules(lines...)
}
