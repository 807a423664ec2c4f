package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg"
)

// Releases with known holes, and the first ones without.
func TestReleases(t *testing.T) {
	p := admit(t)
	for version, want := range map[int]string{
		140020: "15.14", 150013: "15.14", 150014: "", 160009: "16.10", 160010: "", 170005: "17.6", 170006: "", 180000: "",
	} {
		var mend string
		err := p.super.QueryRow(t.Context(), "SELECT coalesce(min(severity || ' ' || mend), '') FROM desk.check_release($1)", version).Scan(&mend)
		if err != nil || (want == "") != (mend == "") || !strings.Contains(mend, want) || want != "" && !strings.HasPrefix(mend, "error ") {
			t.Errorf("%d: %q, want %q (%v)", version, mend, want, err)
		}
	}
}

// A transaction at work that holds sealing up is named with what ends it. Nobody waits for a quarter of an hour here.
func TestOldTransactions(t *testing.T) {
	p := admit(t)
	other := p.db.Connect(t, "clerk.cam")
	ended := make(chan error, 1)
	go func() {
		_, err := other.Exec(t.Context(), "SELECT desk.open_access('patron show', '', '', '{\"ref\": \"id:36\"}'), pg_sleep(3600)")
		ended <- err
	}()
	found := p.awaitCheck("check_transactions", 1)
	if !strings.HasPrefix(found[0].Finding, `a transaction of "clerk.cam" in `+p.db.Name+" is open since ") {
		t.Errorf("found %s", told(found))
	}
	p.mend(found[0].Mend)
	if err := <-ended; err == nil {
		t.Error("it was not ended")
	}
	p.awaitCheck("check_transactions", 0)
}

// Sessions that sit in a transaction are named with who ends them: an administrator those of staff, who may come in again
// unless they were disabled before, and who runs the server the others. Nobody waits for five minutes here.
func TestIdleTransactions(t *testing.T) {
	p := admit(t)
	p.sql("INSERT INTO patronctl.login (login, disabled_at) VALUES ('clerk.ken', now())")
	defer p.sql(`DELETE FROM patronctl.login; ALTER ROLE "clerk.ken" LOGIN`)
	for login, want := range map[string]string{
		"clerk.cam":   `patronctl staff disable "clerk.cam"; patronctl staff enable "clerk.cam"`,
		"clerk.ken":   `patronctl staff disable "clerk.ken"`,
		localpg.Owner: "SELECT pg_terminate_backend($PID)",
	} {
		idle := p.db.Connect(t, login)
		if _, err := idle.Exec(t.Context(), "BEGIN"); err != nil {
			t.Fatal(err)
		}
		pid := fmt.Sprint(idle.PgConn().PID())
		found := p.awaitCheck("check_idle", 1)
		if !strings.HasPrefix(found[0].Finding, "session "+pid+" of ") || !strings.Contains(found[0].Finding, login) || found[0].Mend != strings.ReplaceAll(want, "$PID", pid) {
			t.Errorf("%s: found %s\nnot %s", login, told(found), want)
		}
		p.mend(found[0].Mend)
		p.awaitCheck("check_idle", 0)
		if _, err := idle.Exec(t.Context(), "COMMIT"); err == nil {
			t.Errorf("the session of %s goes on", login)
		}
		if login == "clerk.cam" {
			if _, err := p.db.Client(t, login).ShowPatron(t.Context(), client.Why{}, "id:36", client.ShowOptions{}); err != nil {
				t.Errorf("%s cannot work again: %v", login, err)
			}
		}
	}
	// Whoever does nothing outside a transaction, or in one that failed and holds nothing any more, is in nobody's way.
	p.db.Connect(t, "clerk.cam")
	if _, err := p.db.Connect(t, "clerk.pbk").Exec(t.Context(), "BEGIN; SELECT 1 / 0"); err == nil {
		t.Fatal("nothing failed")
	}
	p.awaitCheck("check_idle", 0)
}

// A prepared transaction outlives its session.
func TestPreparedTransactions(t *testing.T) {
	p := admit(t)
	const prepare = "BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'for''gotten'"
	p.sql(prepare)
	found := p.awaitCheck("check_idle", 1)
	if !strings.HasPrefix(found[0].Finding, "a transaction was prepared by postgres in "+p.db.Name+" at ") {
		t.Errorf("found %s", told(found))
	}
	p.mend(found[0].Mend)
	p.awaitCheck("check_idle", 0)

	other := admit(t)
	other.sql(prepare)
	found = p.awaitCheck("check_idle", 1)
	mend, elsewhere := strings.CutPrefix(found[0].Mend, "in the database "+other.db.Name+": ")
	if !elsewhere {
		t.Errorf("found %s", told(found))
	}
	other.mend(mend)
	p.awaitCheck("check_idle", 0)
}

// awaitCheck calls a check about transactions, however young they are, until it finds so many.
func (p *patient) awaitCheck(check string, want int) (found []client.Ailment) {
	p.Helper()
	for range 100 {
		rows, err := p.super.Query(p.Context(), "SELECT '', '', severity, finding, mend FROM desk."+check+"(TRUE, '0')")
		if err != nil {
			p.Fatal(err)
		}
		if found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[client.Ailment]); err != nil {
			p.Fatal(err)
		}
		if len(found) == want {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.Fatalf("%s finds %d, not %d: %s", check, len(found), want, told(found))
	return nil
}

// Lines of pg_hba.conf that let in whom nobody knows are found, and what each finding says to write mends it.
func TestLoginRules(t *testing.T) {
	p := admit(t)
	defer p.setRules("local all all trust")
	for _, c := range []struct {
		rules []string // after the one that lets the tests in
		finds []string
	}{
		{[]string{"# nothing", "host all all 127.0.0.1/32 scram-sha-256", "host all all ::1/128 scram-sha-256", "host all all localhost scram-sha-256", "hostssl all all all scram-sha-256"}, nil},
		{[]string{"hostssl all all 10.0.0.0/8 cert", "host all all 10.0.0.0/8 reject", "host all all 0.0.0.0/0 reject", "host all all 10.1.0.0/16 scram-sha-256"}, nil},
		{[]string{"host all all 10.0.0.0/8 scram-sha-256"}, []string{"error 2 lets 10.0.0.0 255.0.0.0 in without encryption"}},
		{[]string{"hostnossl all all all scram-sha-256"}, []string{"error 2 lets all in without encryption"}},
		{[]string{"hostnogssenc sameuser +patronctl_clerk samenet scram-sha-256"}, []string{"error 2 lets samenet in without encryption"}},
		{[]string{"host $DB,other all 2001:db8::/32 scram-sha-256"}, []string{"error 2 lets 2001:db8:: ffff:ffff:: in without encryption"}},
		{[]string{"host replication all 10.0.0.9/32 scram-sha-256"}, []string{"error 2 lets 10.0.0.9 255.255.255.255 in without encryption"}},
		{[]string{"host elsewhere all all scram-sha-256", "host elsewhere all all md5"}, nil},
		// After a line that rejects all that is not encrypted, in the same family and for the same databases.
		{[]string{"hostnossl all all all reject", "host all all 10.0.0.0/8 scram-sha-256", "host all all ::/0 scram-sha-256"}, nil},
		{
			[]string{"hostnossl all all 0.0.0.0/0 reject", "host all all 10.0.0.0/8 scram-sha-256", "host all all fd00::/8 scram-sha-256", "host replication all 10.0.0.0/8 scram-sha-256"},
			[]string{"error 4 lets fd00:: ff00:: in without encryption", "error 5 lets 10.0.0.0 255.0.0.0 in without encryption"},
		},
		{[]string{"hostnossl all staff all reject", "host all all 10.0.0.0/8 scram-sha-256"}, []string{"error 3 lets 10.0.0.0 255.0.0.0 in without encryption"}},
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
			[]string{"error 2 lets 10.0.0.0 255.0.0.0 in under any name", "error 2 lets 10.0.0.0 255.0.0.0 in without", "error 4 lets 10.0.0.0 255.0.0.0 in without", "note 4 lets logins in"},
		},
		{[]string{"host all all 10.0.0.0/33 scram-sha-256"}, []string{"error 2 is no rule, and the server will not start again: invalid CIDR mask"}},
		{[]string{"hosts all all all scram-sha-256"}, []string{"error 2 is no rule, and the server will not start again: invalid connection type"}},
	} {
		p.setRules(append([]string{"local all all trust"}, c.rules...)...)
		found := p.examine("auditor", client.PartServer)
		if len(found) != len(c.finds) {
			t.Errorf("%q: found %d: %s", c.rules, len(found), told(found))
		}
		for _, want := range c.finds {
			severity, rest, _ := strings.Cut(want, " ")
			n, what, _ := strings.Cut(rest, " ")
			want = fmt.Sprintf("%s login rules: line %s of %s %s", severity, n, p.rulesFile(), what)
			if !slices.ContainsFunc(found, func(a client.Ailment) bool { return strings.HasPrefix(line(a), want) }) {
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
		p.heal(client.PartServer)
	}
	// A socket that every account of the machine reaches is no better.
	var found string
	p.setRules("local all all trust")
	p.sql("CREATE FUNCTION desk.current_setting(text) RETURNS text LANGUAGE sql AS $$SELECT '0777'$$; ALTER FUNCTION desk.check_login_rules() SET search_path = desk, pg_catalog, pg_temp")
	if err := p.super.QueryRow(t.Context(), "SELECT severity || ' ' || finding FROM desk.check_login_rules()").Scan(&found); err != nil || !strings.HasPrefix(found, "warning line 1 of "+p.rulesFile()+" lets every account of the server's machine in") {
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

// The password of a member of staff that is stored as md5 is given anew.
func TestStoredPasswords(t *testing.T) {
	p := admit(t)
	login := "nina." + p.db.Name
	defer p.sql(`DROP ROLE "` + login + `"`)
	if _, err := p.db.Client(t, "admin").AddLogin(t.Context(), client.Why{}, client.Staff{Login: login, Authority: "CAM", Role: "clerk"}, client.StaffLogin{Password: "seven blue kettles hum"}); err != nil {
		t.Fatal(err)
	}
	p.heal(client.PartPrivileges)
	p.sql(`ALTER ROLE "` + login + `" PASSWORD 'md50123456789abcdef0123456789abcdef'`)
	found := p.examine("auditor", client.PartPrivileges)
	if len(found) != 1 || line(found[0]) != `error passwords: the password of "`+login+`" is stored as md5, which is easily guessed` || found[0].Mend != `patronctl staff password "`+login+`"` {
		t.Fatalf("found %s", told(found))
	}
	if hidden := p.examine("job", client.PartPrivileges); strings.Contains(told(hidden), login) {
		t.Errorf("a job is told %s", told(hidden))
	}
	p.in = "nine red kettles drum\n"
	p.mend(found[0].Mend + " --stdin")
	p.heal(client.PartPrivileges)
}

// A connection over the network must be encrypted, and to the right server.
func TestConnections(t *testing.T) {
	p := admit(t)
	for what, want := range map[string]string{
		"sslmode=disable": "error connection: this connection is not encrypted",
		"sslmode=require": "error connection: nothing proves that this is the right server",
	} {
		host, port := relay(t, p.db.DSN("admin"))
		c, err := client.Open(t.Context(), client.Config{DSN: fmt.Sprintf("host=%s port=%s user=admin dbname=%s %s", host, port, p.db.Name, what)})
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Examine(t.Context(), client.Why{}, []string{client.PartServer})
		c.Close()
		if err != nil {
			t.Fatal(err)
		}
		found := told(e.Ailments)
		if !strings.Contains(found, want) || strings.Count(found, "connection:") != 1 || !strings.Contains(found, "sslmode=verify-full") {
			t.Errorf("%s: %s", what, found)
		}
	}
}

// relay carries connections from an address of this machine that is not loopback to the server's socket, and answers for
// it to those who want them encrypted.
func relay(t *testing.T, dsn string) (host, port string) {
	t.Helper()
	_, socket, _ := strings.Cut(dsn, "host='")
	socket, _, _ = strings.Cut(socket, "'")
	listener, err := net.Listen("tcp", net.JoinHostPort(ownAddress(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go carry(from, socket+"/.s.PGSQL.5432", config)
		}
	}()
	host, port, _ = net.SplitHostPort(listener.Addr().String())
	return host, port
}

func carry(from net.Conn, socket string, config *tls.Config) {
	defer from.Close() //nolint:errcheck // the test is over
	to, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer to.Close() //nolint:errcheck // the test is over
	first := make([]byte, 8)
	if _, err := io.ReadFull(from, first); err != nil {
		return
	}
	if string(first) == "\x00\x00\x00\x08\x04\xd2\x16\x2f" { // may this be encrypted?
		_, _ = from.Write([]byte("S"))
		from = tls.Server(from, config)
	} else {
		_, _ = to.Write(first)
	}
	go func() { _, _ = io.Copy(to, from) }()
	_, _ = io.Copy(from, to)
}

// ownAddress is one of this machine that others could reach.
func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	t.Fatal("this machine has no network but itself")
	return ""
}

// certificate is one that nobody has a reason to trust.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

// Only those whose work it is may look, and every look is recorded.
func TestWhoMayExamine(t *testing.T) {
	p := admit(t)
	for login, allowed := range map[string]bool{
		"support": true, "admin": true, "job": true, "auditor": true,
		"clerk.cam": false, "supervisor.cam": false, "officer.cam": false, "opac": false, localpg.Owner: false,
	} {
		for _, part := range client.Parts {
			var before, after int
			records := "SELECT count(*) FROM patronctl.access WHERE login = $1 AND operation = 'doctor' AND purpose = 'maintenance' AND outcome = 'allowed'"
			if err := p.super.QueryRow(t.Context(), records, login).Scan(&before); err != nil {
				t.Fatal(err)
			}
			_, err := p.db.Client(t, login).Examine(t.Context(), client.Why{}, []string{part})
			if (err == nil) != allowed {
				t.Errorf("%s, %s: %v", login, part, err)
			}
			if err := p.super.QueryRow(t.Context(), records, login).Scan(&after); err != nil || (after == before+1) != allowed {
				t.Errorf("%s, %s: %d records more (%v)", login, part, after-before, err)
			}
		}
	}
}
