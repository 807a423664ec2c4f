package install

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/schema"
)

// Severity says how much a finding of the doctor matters.
type Severity string

// The severities. Errors break a promise, warnings put one at risk, notes are worth a look.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// The parts of an examination.
const (
	PartServer     = "server"
	PartPrivileges = "privileges"
	PartSchema     = "schema"
)

// Parts are all of them, in their order.
var Parts = []string{PartServer, PartPrivileges, PartSchema}

// Ailment is something that is not as it should be, and what mends it.
type Ailment struct {
	Part     string   `json:"part"`
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	Finding  string   `json:"finding"`
	Mend     string   `json:"mend"` // a command of patronctl, or SQL for the server's administrator
}

// Examination is what the doctor found. The gravest come first.
type Examination struct {
	Checks   int // how many were made
	Ailments []Ailment
}

// Serious tells whether there is more than notes.
func (e *Examination) Serious() bool {
	return slices.ContainsFunc(e.Ailments, func(a Ailment) bool { return a.Severity != SeverityNote })
}

// add counts a check and keeps what it found.
func (e *Examination) add(part, check string, found []Ailment) {
	e.Checks++
	for _, a := range found {
		a.Part, a.Check = part, check
		e.Ailments = append(e.Ailments, a)
	}
}

// Examine looks at the connection, the server and this installation, and changes nothing. Functions and rights are compared
// with those of this program when it is the version that made them.
func Examine(ctx context.Context, c *client.Client, why client.Why, parts []string) (*Examination, error) {
	if err := RequireInstalled(ctx, c); err != nil {
		return nil, err
	}
	access, err := c.Open(ctx, "doctor", why, nil)
	if err != nil {
		return nil, olderError(err)
	}
	e := &Examination{}
	if err := examine(ctx, c, access, "version", PartSchema, e, false); err != nil {
		return nil, err
	}
	current := len(e.Ailments) == 0
	for _, part := range parts {
		if err := examine(ctx, c, access, part, part, e, current); err != nil {
			return nil, err
		}
		switch {
		case part == PartServer:
			err = examineConnection(ctx, c, e)
		case part == PartPrivileges && current:
			err = examinePrivileges(ctx, c, e)
		case part == PartSchema && current:
			err = examineDefinitions(ctx, c, e)
		}
		if err != nil {
			return nil, err
		}
	}
	rank := []Severity{SeverityError, SeverityWarning, SeverityNote}
	slices.SortStableFunc(e.Ailments, func(a, b Ailment) int {
		return slices.Index(rank, a.Severity) - slices.Index(rank, b.Severity)
	})
	return e, nil
}

// olderError explains an operation that the functions of the database have not heard of yet.
func olderError(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == client.CodeUnknown {
		return &client.Error{
			Kind:    client.KindRefused,
			Message: "the functions of this database are those of an older patronctl",
			Hint:    "its owner runs: patronctl db upgrade",
			Cause:   err,
		}
	}
	return err
}

// program identifies this program to desk.check_version.
type program struct {
	LMS     int64  `json:"lms"`
	Records int64  `json:"records"`
	Desk    string `json:"desk"`
	// Operations are nil when the database is of another version.
	Operations []client.Operation `json:"operations,omitempty"`
}

// examine makes the checks of desk.doctor.
func examine(ctx context.Context, c *client.Client, access int64, which, part string, e *Examination, current bool) error {
	var checks map[string][]Ailment
	us := program{LMS: newest("lms"), Records: newest("patronctl"), Desk: schema.FunctionsHash()}
	if current {
		us.Operations = client.Operations()
	}
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return client.Ask(ctx, tx, &checks, `SELECT desk.doctor($1, $2, $3)`, access, which, us)
	})
	names := make([]string, 0, len(checks))
	for name := range checks {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e.add(part, name, checks[name])
	}
	return err
}

// examineConnection looks at what only this end of the connection knows.
func examineConnection(ctx context.Context, c *client.Client, e *Examination) error {
	var login string
	var server, before time.Time
	var roundTrip time.Duration
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		before = time.Now() //nolint:forbidigo // this machine's clock is what is compared
		err := tx.QueryRow(ctx, `SELECT session_user, clock_timestamp()`).Scan(&login, &server)
		roundTrip = time.Since(before)
		return err
	})
	if err != nil {
		return err
	}
	e.add(PartServer, "connection", wiretap(c.Wire()))
	e.add(PartServer, "pooler", merged(c.Settings().User, login))
	e.add(PartServer, "clocks", apart(server.Sub(before.Add(roundTrip/2)), roundTrip))
	return nil
}

// wiretap is about a connection that others on the way can read, or could have taken over.
func wiretap(conn net.Conn) []Ailment {
	const mend = "connect with sslmode=verify-full (--dsn or PGSSLMODE), and sslrootcert=FILE unless the system knows who signed the " +
		"server's certificate"
	if address, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || address.IP.IsLoopback() {
		return nil
	}
	encrypted, ok := conn.(*tls.Conn)
	switch {
	case !ok:
		return []Ailment{{
			Severity: SeverityError, Finding: "this connection is not encrypted: names and passwords can be read on the way",
			Mend: mend,
		}}
	case len(encrypted.ConnectionState().VerifiedChains) == 0:
		return []Ailment{{
			Severity: SeverityError,
			Finding:  "nothing proves that this is the right server: its certificate and name were not verified", Mend: mend,
		}}
	}
	return nil
}

// merged is about a pooler that lets everybody in as one login, so that records name the wrong person.
func merged(asked, login string) []Ailment {
	if asked == login {
		return nil
	}
	return []Ailment{{
		Severity: SeverityError,
		Finding: fmt.Sprintf("this connection was asked for as %s and is one of %s: a pooler merges logins, and access records name the "+
			"wrong person", asked, login),
		Mend: "let the pooler keep a pool for each login: in pgbouncer.ini, take user= out of the line of this database",
	}}
}

// clockTolerance is how far two clocks may be apart before days and hours that staff type mean something else.
const clockTolerance = 30 * time.Second

func apart(difference, roundTrip time.Duration) []Ailment {
	if difference.Abs() <= clockTolerance+roundTrip {
		return nil
	}
	return []Ailment{{
		Severity: SeverityWarning,
		Finding:  fmt.Sprintf("the clocks of this machine and of the server are %s apart", difference.Abs().Round(time.Second)),
		Mend:     "timedatectl set-ntp true, on the one that is wrong",
	}}
}
