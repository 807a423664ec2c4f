package client

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// attempts are all that pgx tries with these settings: an encrypted and a plain one may go to the same host.
func attempts(settings *pgx.ConnConfig) map[string][]*tls.Config {
	all := map[string][]*tls.Config{settings.Host: {settings.TLSConfig}}
	for _, f := range settings.Fallbacks {
		all[f.Host] = append(all[f.Host], f.TLSConfig)
	}
	return all
}

// describe says how well the attempts at a host are protected, the first one first.
func describe(host string, tried []*tls.Config) (said string) {
	for _, t := range tried {
		switch {
		case t == nil:
			said += "plain "
		case t.InsecureSkipVerify:
			said += "unverified "
		case t.ServerName == host:
			said += "verified "
		default:
			said += "verified for another host "
		}
	}
	return said
}

// Unless somebody says otherwise, a server across a network proves who it is, whatever it is called.
func TestEncryptionByDefault(t *testing.T) {
	services := filepath.Join(t.TempDir(), "pg_service.conf")
	if err := os.WriteFile(services, []byte("[silent]\nhost=db.example.org\n\n[spoken]\nhost=db.example.org\nsslmode=disable\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dsn, environment string
		want             map[string]string
	}{
		{"host=db.example.org", "", map[string]string{"db.example.org": "verified "}},
		{"postgres://db.example.org/library", "", map[string]string{"db.example.org": "verified "}},
		{"host=db-service.example.org", "", map[string]string{"db-service.example.org": "verified "}},
		{"postgres://sslmode.example.org/library?application_name=service", "", map[string]string{"sslmode.example.org": "verified "}},
		{"host=db.example.org password=sslmode", "", map[string]string{"db.example.org": "verified "}},
		{"host=192.0.2.7", "", map[string]string{"192.0.2.7": "verified "}},
		{"host=localhost.example.org", "", map[string]string{"localhost.example.org": "verified "}},
		{"host=a.example.org,b.example.org", "", map[string]string{"a.example.org": "verified ", "b.example.org": "verified "}},
		{"host=localhost,b.example.org", "", map[string]string{"localhost": "verified ", "b.example.org": "verified "}},
		{"host=/tmp,b.example.org", "", map[string]string{"/tmp": "plain ", "b.example.org": "verified "}},
		{"postgres://localhost,b.example.org/library", "", map[string]string{"localhost": "verified ", "b.example.org": "verified "}},
		{"service=silent", "", map[string]string{"db.example.org": "verified "}},

		{"host=/tmp", "", map[string]string{"/tmp": "plain "}},
		{"host=localhost", "", map[string]string{"localhost": "unverified plain "}},
		{"host=127.0.0.1", "", map[string]string{"127.0.0.1": "unverified plain "}},
		{"host=::1", "", map[string]string{"::1": "unverified plain "}},
		{"host=127.0.0.1,::1", "", map[string]string{"127.0.0.1": "unverified plain ", "::1": "unverified plain "}},

		{"host=db.example.org sslmode=disable", "", map[string]string{"db.example.org": "plain "}},
		{"postgres://db.example.org/library?sslmode=require", "", map[string]string{"db.example.org": "unverified "}},
		{"host=db.example.org sslmode=verify-full", "disable", map[string]string{"db.example.org": "verified "}},
		{"host=db.example.org", "disable", map[string]string{"db.example.org": "plain "}},
		{"host=db.example.org", "require", map[string]string{"db.example.org": "unverified "}},
		{"host=localhost", "verify-full", map[string]string{"localhost": "verified "}},
		{"service=spoken", "", map[string]string{"db.example.org": "plain "}},
	} {
		t.Run(test.dsn+" "+test.environment, func(t *testing.T) {
			for _, variable := range []string{"PGHOST", "PGSERVICE", "PGTARGETSESSIONATTRS", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"} {
				t.Setenv(variable, "")
			}
			t.Setenv("PGSERVICEFILE", services)
			t.Setenv("PGSSLMODE", test.environment)
			settings, err := parse(test.dsn)
			if err != nil {
				t.Fatal(err)
			}
			tried := attempts(settings)
			for host, want := range test.want {
				if got := describe(host, tried[host]); got != want {
					t.Errorf("%s: %s, want %s", host, got, want)
				}
			}
			if len(tried) != len(test.want) {
				t.Errorf("%d hosts, want %d", len(tried), len(test.want))
			}
			if several := len(test.want) > 1; several != (settings.ValidateConnect != nil) {
				t.Errorf("of several servers one that takes writes: %v", !several)
			}
		})
	}
}
