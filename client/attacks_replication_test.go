package client_test

import (
	"context"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client/localpg"
	"patronctl/client/localpg/pgtest"
)

// replicationAttacks ask for the log of changes or the files of the server, which hold everybody, as a standby or a backup
// does. Each is a connection of its own, to a server that would take standbys.
var replicationAttacks = []struct{ replication, command string }{
	{"true", "IDENTIFY_SYSTEM"},
	{"true", "BASE_BACKUP"},
	{"true", "START_REPLICATION PHYSICAL 0/1000000"},
	{"true", "CREATE_REPLICATION_SLOT attack PHYSICAL RESERVE_WAL"},
	{"true", "TIMELINE_HISTORY 1"},
	{"true", "SHOW data_directory"},
	{"database", "IDENTIFY_SYSTEM"},
	{"database", "BASE_BACKUP"},
	{"database", "CREATE_REPLICATION_SLOT attack LOGICAL pgoutput"},
	{"database", "CREATE_REPLICATION_SLOT attack TEMPORARY LOGICAL test_decoding"},
	{"database", "START_REPLICATION SLOT attack LOGICAL 0/0 (proto_version '1', publication_names 'attack')"},
	{"database", "SELECT surname FROM lms.identity"},
}

// attackReplication returns the lines of the table, and how often somebody tried.
func attackReplication(t *testing.T) (lines [][]string, tried int) {
	t.Helper()
	s, remove, err := localpg.Temporary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	})
	maps.Copy(s.Settings, map[string]string{"wal_level": "logical", "max_wal_senders": "5"})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateConsortium(t.Context(), "library", pgtest.Date(t, pgtest.Day), func(string) {}); err != nil {
		t.Fatal(err)
	}
	conn, err := pgconn.Connect(t.Context(), s.DSN(localpg.Superuser, "library"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	super := pgtest.On(t, conn)
	super.Must(`
		CREATE ROLE "late.attacker" LOGIN IN ROLE patronctl_clerk, patronctl_supervisor, patronctl_officer;
		CREATE ROLE "out.attacker" LOGIN;
		CREATE ROLE standby LOGIN REPLICATION;
		GRANT CONNECT ON DATABASE library TO "out.attacker", standby`)
	try := func(login, replication, command string) string {
		conn, err := pgconn.Connect(t.Context(), s.DSN(login, "library")+" replication="+replication)
		if err != nil {
			return "refused " + pgtest.Code(err)
		}
		defer conn.Close(t.Context()) //nolint:errcheck // its work is done
		if _, failure := (&wire{t, conn}).say(command, false); failure != "" {
			return "let in, refused " + failure
		}
		return "let in"
	}
	for _, a := range replicationAttacks {
		line := []string{"replication=" + a.replication + ": " + a.command}
		for _, who := range attackers {
			line = append(line, try(who.login, a.replication, a.command))
			tried++
		}
		lines = append(lines, line)
	}
	if left := super.Must("SELECT count(*) FROM pg_replication_slots"); left != "0" {
		t.Errorf("%s replication slots are left", left)
	}
	for _, replication := range []string{"true", "database"} { // and so it was the login that was refused
		for _, command := range []string{
			"IDENTIFY_SYSTEM", "CREATE_REPLICATION_SLOT standby TEMPORARY PHYSICAL",
			"BASE_BACKUP (TARGET 'blackhole', CHECKPOINT 'fast', WAIT false)",
		} {
			if got := try("standby", replication, command); got != "let in" {
				t.Errorf("a standby, replication=%s: %s: %s", replication, command, got)
			}
		}
	}
	return lines, tried
}
