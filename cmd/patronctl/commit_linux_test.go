package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg/pgtest"
)

// TestServerGoneDuringCommit cuts the connection at the commit of a write: before the server heard of it, and after the
// server did it. The program cannot know which; the record it names does.
func TestServerGoneDuringCommit(t *testing.T) {
	for _, job := range []struct{ line, done string }{
		{"history anonymize 90000036 --before today --yes", "SELECT count(*) < 20 FROM lms.loan WHERE patron = 36"},
		{"password reset 90000001 --yes", "SELECT one_time_until IS NOT NULL FROM lms.credential WHERE patron = 1"},
	} {
		for _, reached := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, commit done %v", job.line, reached), func(t *testing.T) {
				t.Parallel()
				db := pgtest.New(t)
				// The first commit is that of the access record.
				code, out, errs := through(t, cutAtCommit(t, db, 2, reached), job.line)
				named := regexp.MustCompile(`^error: outcome unknown, see: patronctl audit show ([0-9]+)\n`).FindStringSubmatch(errs)
				if code != 1 || out != "" || named == nil {
					t.Fatalf("exit %d, stdout %q, stderr %q", code, out, errs)
				}
				var done bool
				super := db.Super(t)
				eventually(t, "the server notices", func() bool {
					var busy int
					must(t, super.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = 'clerk.cam'",
						db.Name).Scan(&busy))
					return busy == 0
				})
				must(t, super.QueryRow(t.Context(), job.done).Scan(&done))
				if done != reached {
					t.Fatalf("the change was made: %v, want %v", done, reached)
				}
				code, out, errs = through(t, db.DSN("clerk.cam"), "audit show "+named[1])
				if said := !strings.Contains(out, "nothing was written"); code != 0 || said != done {
					t.Errorf("the change was made: %v; exit %d, %s%s", done, code, out, errs)
				}
			})
		}
	}
}

// TestServerGoneBeforeAnythingIsShown cuts the connection at the commit of the access record: whether it is there or not,
// nobody's data were opened.
func TestServerGoneBeforeAnythingIsShown(t *testing.T) {
	t.Parallel()
	for _, reached := range []bool{false, true} {
		db := pgtest.New(t)
		code, out, errs := through(t, cutAtCommit(t, db, 1, reached), "patron show 90000041")
		if code != 4 || out != "" || !strings.Contains(errs, "nothing was shown") {
			t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
		}
	}
}

func through(t *testing.T, dsn, line string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "patronctl", strings.Fields(line)...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+dsn)
	_ = cmd.Run() // the exit code tells
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// cutAtCommit returns the connection string of a way to the server that breaks at the n-th commit: before it is passed on,
// or when the server has answered that it is done.
func cutAtCommit(t *testing.T, db *pgtest.DB, n int, reached bool) (dsn string) {
	t.Helper()
	settings, err := pgx.ParseConfig(db.DSN("clerk.cam"))
	must(t, err)
	dir, err := os.MkdirTemp("/tmp", "cut") //nolint:usetesting // t.TempDir is too long for a socket
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		defer client.Close() //nolint:errcheck // cutting it is the point
		server, err := net.Dial("unix", filepath.Join(settings.Host, fmt.Sprintf(".s.PGSQL.%d", settings.Port)))
		if err != nil {
			return
		}
		defer server.Close() //nolint:errcheck // likewise
		relay(client, server, n, reached)
	}()
	return strings.Replace(db.DSN("clerk.cam"), settings.Host, dir, 1)
}

// relay passes messages on until the n-th commit. Answers go back on their own, except the one to that commit.
func relay(client, server net.Conn, n int, reached bool) {
	answers := make(chan struct{})
	last := make(chan struct{})
	go func() {
		defer close(answers)
		buffer := make([]byte, 64<<10)
		for {
			got, err := server.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-last: // the server has answered to the commit; nobody will hear of it
				return
			default:
				_, _ = client.Write(buffer[:got])
			}
		}
	}()
	for kind := 0; ; kind = 1 { // only the first message has no letter for its kind
		message, err := readMessage(client, kind)
		if err != nil {
			return
		}
		if strings.EqualFold(string(message), "Q\x00\x00\x00\x0bcommit\x00") {
			if n--; n == 0 {
				if reached {
					close(last)
					_, _ = server.Write(message)
					<-answers
				}
				return
			}
		}
		_, _ = server.Write(message)
	}
}

// readMessage reads a message of the protocol: a letter for the kind or none, the length, the rest.
func readMessage(from io.Reader, kind int) ([]byte, error) {
	head := make([]byte, kind+4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	rest := make([]byte, binary.BigEndian.Uint32(head[kind:])-4)
	_, err := io.ReadFull(from, rest)
	return append(head, rest...), err
}
