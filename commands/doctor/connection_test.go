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
	"patronctl/client/install"
)

// A connection over the network must be encrypted, and to the right server.
func TestConnections(t *testing.T) {
	p := admit(t)
	for what, want := range map[string]string{
		"sslmode=disable": "error connection: this connection is not encrypted",
		"sslmode=require": "error connection: nothing proves that this is the right server",
	} {
		host, port := relay(t, p.db.DSN("admin"))
		c, err := client.Open(
			t.Context(), client.Config{DSN: fmt.Sprintf("host=%s port=%s user=admin dbname=%s %s", host, port, p.db.Name, what)},
		)
		if err != nil {
			t.Fatal(err)
		}
		e, err := install.Examine(t.Context(), c, client.Why{}, []string{install.PartServer})
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
