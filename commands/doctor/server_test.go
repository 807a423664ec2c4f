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
	"strings"
	"testing"
	"time"

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

// What holds sealing up is named with what ends it. Nobody waits for a quarter of an hour here.
func TestOldTransactions(t *testing.T) {
	p := admit(t)
	other := p.db.Connect(t, "clerk.cam")
	for _, statement := range []string{"BEGIN", "SELECT desk.open_access('patron show', '', '', '{\"ref\": \"id:36\"}')"} {
		if _, err := other.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	p.sql("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'for''gotten'")
	old := func() (found int, mend string) {
		err := p.super.QueryRow(t.Context(), `SELECT count(*), coalesce(string_agg(mend, '; '), '') FROM desk.check_transactions(TRUE, '0')`).Scan(&found, &mend)
		if err != nil {
			t.Fatal(err)
		}
		return found, mend
	}
	found, mend := old()
	if found != 2 {
		t.Errorf("found %d: %s", found, mend)
	}
	p.sql(mend)
	for range 100 {
		if found, mend = old(); found == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("afterwards: %s", mend)
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
