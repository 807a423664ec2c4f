package forgetting_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// stops are where the server works on a move, in order: who holds one of these keeps it there.
var stops = []string{
	"LOCK TABLE patronctl.access IN SHARE MODE", "SELECT FROM lms.patron WHERE id = %s FOR UPDATE",
	"LOCK TABLE lms.anonymous_patron IN SHARE MODE", "LOCK TABLE lms.payment IN SHARE MODE", "LOCK TABLE lms.anonymous_fee IN SHARE MODE",
	"LOCK TABLE lms.fee IN SHARE MODE", "LOCK TABLE lms.anonymous_loan IN SHARE MODE", "LOCK TABLE lms.loan IN SHARE MODE",
	"LOCK TABLE lms.anonymous_hold IN SHARE MODE", "LOCK TABLE lms.hold IN SHARE MODE", "LOCK TABLE patronctl.imported_loan IN SHARE MODE",
	"LOCK TABLE patronctl.imported_hold IN SHARE MODE", "LOCK TABLE patronctl.imported_fee IN SHARE MODE",
	"LOCK TABLE patronctl.result IN SHARE MODE",
}

// A client sends twenty messages for an anonymizing. The first ten open the access; the last is the commit of the move.
const firstFrame, frames = 10, 11

// However often anonymizing is killed, at the server or at the client, and however many do it at once: run again it ends
// as if nobody had disturbed it.
func TestInterruptedAnonymizingEndsTheSame(t *testing.T) {
	t.Parallel()
	calm, rough := pgtest.New(t), pgtest.New(t)
	super := pgtest.Connect(t, rough, "postgres")
	needed := 2*len(stops) + 2*frames + 5
	patrons, err := super.Run(`SELECT p.id FROM lms.patron AS p JOIN lms.loan AS l ON l.patron = p.id
		WHERE p.authority = 'CAM' AND l.returned_at IS NOT NULL GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT %d`, needed)
	if err != nil || len(patrons) != needed {
		t.Fatalf("%d patrons, want %d: %v", len(patrons), needed, err)
	}
	options := people.AnonymizeOptions{Before: pgtest.Date(t, "2025-09-01"), IncludeOwing: true}
	anonymize := func(c *client.Client, patron string) error {
		_, err := people.AnonymizeHistory(context.WithoutCancel(t.Context()), c, client.Why{}, "id:"+patron, options)
		return err
	}
	undisturbed := calm.Client(t, "clerk.cam")
	for _, patron := range patrons {
		if err := anonymize(undisturbed, patron); err != nil {
			t.Fatal(err)
		}
	}

	movable := "SELECT count(*) FROM lms.loan WHERE patron = %s AND returned_at < '2025-08-31 23:00Z'"
	state := func(patron string) string {
		left := super.Must(movable, patron)
		if linked := super.Must(`
			SELECT count(*)
			FROM lms.fee AS f
			WHERE f.patron = %s AND f.loan IS NOT NULL AND NOT EXISTS (SELECT FROM lms.loan AS l WHERE l.id = f.loan)`, patron); linked != "0" {
			t.Errorf("patron %s: %s fees point nowhere", patron, linked)
		}
		return left
	}
	kills, cuts, unknown := 0, 0, 0
	for n, patron := range patrons {
		before := state(patron)
		switch {
		case n < 2*len(stops):
			byClient := n >= len(stops)
			if err := killedAt(t, rough, super, stops[n%len(stops)], patron, byClient, anonymize); err == nil {
				t.Errorf("stop %d: not killed", n)
			}
			if after := state(patron); after != before {
				t.Errorf("%s: %s of %s loans are left after a kill before the commit", stops[n%len(stops)], after, before)
			}
			kills++
		case n < 2*len(stops)+2*frames:
			frame := firstFrame + (n-2*len(stops))/2
			err := cutAt(t, rough, frame, n%2 == 0, func(c *client.Client) error { return anonymize(c, patron) })
			after := state(patron)
			if after != before && after != "0" {
				t.Errorf("message %d: %s of %s loans are left", frame, after, before)
			}
			if pgtest.Kind(err) == client.KindUnknown {
				unknown++
				_, id, _ := strings.Cut(err.Error(), "audit show ")
				if done := super.Must("SELECT count(*) FROM patronctl.result WHERE access = %s", id); (done == "1") != (after == "0") {
					t.Errorf("message %d: %s results, %s loans left: the record does not tell what happened", frame, done, after)
				}
			}
			if err != nil {
				cuts++
			}
		default:
			var together sync.WaitGroup
			for range 2 {
				c := rough.Client(t, "clerk.cam")
				together.Go(func() {
					if err := anonymize(c, patron); err != nil {
						t.Errorf("two at once: %v", err)
					}
				})
			}
			together.Wait()
		}
		again := rough.Client(t, "clerk.cam")
		if err := anonymize(again, patron); err != nil {
			t.Errorf("run again after disturbance %d: %v", n, err)
		}
		again.Close()
	}
	if kills < 28 || cuts != 2*frames || unknown < 2 {
		t.Errorf("%d kills, %d cuts, %d unknown outcomes", kills, cuts, unknown)
	}
	if quiet, noisy := lasting(pgtest.Connect(t, calm, "postgres")), lasting(super); quiet != noisy {
		t.Errorf("undisturbed:\n%sdisturbed:\n%s", quiet, noisy)
	}
}

// killedAt ends an anonymizing while it waits at a stop: the server's process, or the client.
func killedAt(t *testing.T, db *pgtest.DB, super *pgtest.Session, stop, patron string, byClient bool, anonymize func(*client.Client,
	string) error,
) error {
	t.Helper()
	super.Must("BEGIN")
	if strings.Contains(stop, "%s") {
		super.Must(stop, patron)
	} else {
		super.Must("%s", stop)
	}
	ended := make(chan error, 1)
	link := newLink(t, db, 0, false)
	go func() {
		c, err := client.Open(context.WithoutCancel(t.Context()), client.Config{DSN: link.dsn})
		if err == nil {
			err = anonymize(c, patron)
			c.Close()
		}
		ended <- err
	}()
	observer := pgtest.Connect(t, db, "postgres")
	var pid string
	for deadline := time.Now().Add(10 * time.Second); pid == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		pid = observer.Must(`
			SELECT pid
			FROM pg_stat_activity
			WHERE datname = current_database() AND usename = 'clerk.cam' AND wait_event_type = 'Lock'`)
	}
	if pid == "" {
		t.Fatalf("%s stopped nobody", stop)
	}
	if byClient {
		link.cut()
	} else {
		observer.Must("SELECT pg_terminate_backend(%s)", pid)
	}
	super.Must("ROLLBACK")
	err := <-ended
	gone(t, observer)
	return err
}

// cutAt runs work through a link that breaks at a message of the client, before it arrived or right after.
func cutAt(t *testing.T, db *pgtest.DB, message int, arrives bool, work func(*client.Client) error) error {
	t.Helper()
	link := newLink(t, db, message, arrives)
	c, err := client.Open(t.Context(), client.Config{DSN: link.dsn})
	if err == nil {
		err = work(c)
		c.Close()
	}
	link.cut()
	gone(t, pgtest.Connect(t, db, "postgres"))
	return err
}

// gone waits until no process of the clerk is left in this database.
func gone(t *testing.T, observer *pgtest.Session) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		left := observer.Must("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'clerk.cam'")
		if left == "0" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a process of the clerk does not end")
		}
	}
}

// link passes a connection on, until it is cut.
type link struct {
	dsn string
	cut func()
}

// newLink listens on the loopback interface. message counts what the client sends after the start; 0 never breaks.
func newLink(t *testing.T, db *pgtest.DB, message int, arrives bool) *link {
	t.Helper()
	config, err := pgx.ParseConfig(db.DSN("clerk.cam"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	near, far := make(chan net.Conn, 1), make(chan net.Conn, 1)
	l := &link{cut: func() {
		_ = listener.Close()
		for _, end := range []chan net.Conn{near, far} {
			select {
			case conn := <-end:
				_ = conn.Close()
			default: // cut already, or nobody came
			}
		}
	}}
	l.dsn = fmt.Sprintf("host=127.0.0.1 port=%d user=clerk.cam dbname=%s sslmode=disable", listener.Addr().(*net.TCPAddr).Port,
		config.Database)
	go func() {
		defer l.cut()
		client, err := listener.Accept()
		if err != nil {
			return
		}
		near <- client
		server, err := net.Dial("unix", filepath.Join(config.Host, fmt.Sprintf(".s.PGSQL.%d", config.Port)))
		if err != nil {
			return
		}
		far <- server
		go func() { _, _ = io.Copy(client, server); l.cut() }()
		forward(client, server, message, arrives)
	}()
	t.Cleanup(l.cut)
	return l
}

// forward passes messages of the frontend on: a length behind the start, a type and a length behind every other.
func forward(from io.Reader, to io.Writer, last int, arrives bool) {
	for n := 0; ; n++ {
		head := make([]byte, 5)
		if n == 0 {
			head = head[:4]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		if n > 0 && n == last && !arrives {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if _, err := to.Write(append(head, body...)); err != nil {
			return
		}
		if n > 0 && n == last {
			return
		}
	}
}

// lasting is all that an anonymizing changes, without the numbers that stand-ins were given.
func lasting(super *pgtest.Session) string {
	var all strings.Builder
	for _, query := range []string{
		"SELECT * FROM lms.loan", "SELECT * FROM lms.hold", "SELECT * FROM lms.fee", "SELECT * FROM lms.payment",
		`SELECT 'loan', * FROM patronctl.imported_loan
			UNION ALL SELECT 'hold', * FROM patronctl.imported_hold
			UNION ALL SELECT 'fee', * FROM patronctl.imported_fee`,
		"SELECT authority, branch, category, birth_year FROM lms.anonymous_patron",
		`SELECT p.authority, p.branch, p.category, p.birth_year, l.item, l.authority, l.branch, l.lent_at, l.due_at,
				l.returned_at, l.renewals
			FROM lms.anonymous_loan AS l JOIN lms.anonymous_patron AS p ON p.id = l.anonymous_patron`,
		`SELECT p.authority, p.branch, p.category, p.birth_year, h.kind, h.item, h.placed_at, h.closed_at, h.outcome
			FROM lms.anonymous_hold AS h JOIN lms.anonymous_patron AS p ON p.id = h.anonymous_patron`,
		`SELECT p.authority, p.branch, p.category, p.birth_year, f.authority, f.kind, f.amount, f.raised_on
			FROM lms.anonymous_fee AS f JOIN lms.anonymous_patron AS p ON p.id = f.anonymous_patron`,
	} {
		fmt.Fprintln(&all, query, super.Must("SELECT count(*), md5(string_agg(s::text, '|' ORDER BY s::text)) FROM (%s) AS s", query))
	}
	return all.String()
}
