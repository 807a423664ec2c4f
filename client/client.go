// Package client is the core of patronctl's typed access to the library database: the connection, the gate through which every
// call opens and answers, errors, dates, money and values. The rooms under it hold the subjects; it imports none of them. Who
// must see each connection is an Observer.
package client

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config says where the database is and how patient to be with it.
type Config struct {
	// DSN is a libpq connection string or URL; empty means libpq's own environment, service file and passfile.
	DSN string
	// Timeout bounds each transaction; zero means 30 seconds.
	Timeout time.Duration
	// Debug receives one line per call when not nil. It never sees arguments.
	Debug func(line string)
	// StateDir is where the newest ledger of erasures and the newest head of the audit tree seen are kept, by which a restored
	// backup and changed access records are recognized; empty for nowhere.
	StateDir string
	// Notice receives a line for the user, when not nil: that the database was restored.
	Notice func(line string)
	// Restored lets an audit tree be shorter than it was: whoever connects is about to seal its successor.
	Restored bool
	// AnyVersion connects to a database that cannot tell its heads too: whoever connects makes it one of this version.
	AnyVersion bool
	// Observers see the connection begin and end, in this order, where there is a StateDir.
	Observers []Observer
}

// Client is one connection to the database. It is not for concurrent use.
type Client struct {
	conn    *pgx.Conn
	config  Config
	erased  bool     // people, so that there is a newer ledger to remember
	notices []string // that the database has for this login
}

// Open connects. A failure is an *Error of kind Connect that names the address tried, never a password.
func Open(ctx context.Context, config Config) (*Client, error) {
	if config.Timeout == 0 {
		config.Timeout = 30 * time.Second
	}
	settings, err := parse(config.DSN)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, settings)
	if err != nil {
		return nil, connectError(ctx, settings, err)
	}
	c := &Client{conn: conn, config: config}
	if config.StateDir != "" {
		if err := c.observe(ctx); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Notices are lines that this login must see, a problem each: open incidents that it has not taken note of. They come with
// what is fetched on connecting, so only with a StateDir.
func (c *Client) Notices() []string { return c.notices }

// Config is what the client was opened with.
func (c *Client) Config() Config { return c.config }

// Close ends the connection.
func (c *Client) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if c.config.StateDir != "" {
		if c.erased {
			_ = c.observe(ctx) // the next run tells what is wrong
		}
		for _, o := range c.config.Observers {
			o.Closing(c)
		}
	}
	_ = c.conn.Close(ctx) // nothing is pending, and the server notices either way
}

// parse reads a connection string and libpq's environment, with defaults fit for data about people.
func parse(dsn string) (*pgx.ConnConfig, error) {
	settings, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, &Error{
			Kind:    KindUsage,
			Message: "the connection settings cannot be read",
			Hint:    "give --dsn \"host=… dbname=… user=…\" or set PGHOST, PGDATABASE, PGUSER",
			Cause:   err,
		}
	}
	// libpq's defaults fall back to an unencrypted connection, and to a read-only copy, without a word. The environment
	// ranks below a service file and the connection string.
	all := hosts(settings)
	if slices.ContainsFunc(all, remote) {
		setDefault("PGSSLMODE", "verify-full")
	}
	if len(all) > 1 {
		setDefault("PGTARGETSESSIONATTRS", "read-write")
	}
	if settings, err = pgx.ParseConfig(dsn); err != nil {
		return nil, &Error{Kind: KindUsage, Message: "the connection settings cannot be read", Hint: "see patronctl help environment", Cause: err}
	}
	if err := checkPassfile(dsn, settings); err != nil {
		return nil, err
	}
	if !strings.Contains(dsn, "default_query_exec_mode") {
		// Named prepared statements do not survive a pooler in transaction mode.
		settings.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if settings.ConnectTimeout == 0 {
		settings.ConnectTimeout = 10 * time.Second
	}
	if settings.RuntimeParams["application_name"] == "" {
		settings.RuntimeParams["application_name"] = "patronctl"
	}
	return settings, nil
}

// hosts are all that a connection may go to.
func hosts(settings *pgx.ConnConfig) []string {
	all := []string{settings.Host}
	for _, f := range settings.Fallbacks {
		if !slices.Contains(all, f.Host) {
			all = append(all, f.Host)
		}
	}
	return all
}

// remote says whether a host is neither a Unix socket nor this machine.
func remote(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err != nil || !address.IsLoopback()
}

func setDefault(variable, value string) {
	if os.Getenv(variable) == "" {
		_ = os.Setenv(variable, value) // fails for malformed names only
	}
}

// Address is where a connection goes: host and port, or the directory of a socket.
func Address(settings *pgx.ConnConfig) string {
	if strings.HasPrefix(settings.Host, "/") {
		return settings.Host
	}
	return net.JoinHostPort(settings.Host, fmt.Sprint(settings.Port))
}

// begin sets limits for the transaction only: nothing of a session survives a pooler.
const (
	begin = `
		BEGIN ISOLATION LEVEL READ COMMITTED;
		SET LOCAL statement_timeout = '30s';
		SET LOCAL lock_timeout = '2s';
		SET LOCAL idle_in_transaction_session_timeout = '60s'`
	beginLong = `
		BEGIN ISOLATION LEVEL READ COMMITTED;
		SET LOCAL statement_timeout = 0;
		SET LOCAL lock_timeout = '2s';
		SET LOCAL idle_in_transaction_session_timeout = '60s'`
	beginMaintenance = `
		BEGIN ISOLATION LEVEL READ COMMITTED;
		SET LOCAL statement_timeout = 0;
		SET LOCAL lock_timeout = '30s';
		SET LOCAL idle_in_transaction_session_timeout = 0`
)

// Transact runs work in one transaction and commits it even when ctx ends meanwhile, so that the outcome is known.
// access, when not 0, is named if the connection breaks during that commit.
func (c *Client) Transact(ctx context.Context, access int64, work func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	return c.transaction(ctx, begin, access, func(ctx context.Context, tx pgx.Tx) error {
		if c.config.Timeout > 30*time.Second {
			if _, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', $1, TRUE)`, fmt.Sprint(c.config.Timeout.Milliseconds())); err != nil {
				return err
			}
		}
		return work(ctx, tx)
	})
}

// Maintain is transact without time limits, for the owner's long work.
func (c *Client) Maintain(ctx context.Context, work func(context.Context, pgx.Tx) error) error {
	return c.transaction(ctx, beginMaintenance, 0, work)
}

func (c *Client) transaction(ctx context.Context, begin string, access int64, work func(context.Context, pgx.Tx) error) error {
	started := time.Now()
	tx, err := c.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return dbError(ctx, err, c.conn.IsClosed())
	}
	if err = work(ctx, tx); err != nil {
		c.rollback(ctx, tx)
		return dbError(ctx, err, c.conn.IsClosed())
	}
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), CommitLimit)
	defer stop()
	if err = tx.Commit(ending); err != nil {
		return commitError(ending, err, access)
	}
	c.Debug("transaction of " + time.Since(started).Round(time.Microsecond).String())
	return nil
}

// CommitLimit is how long a commit may take that an interruption must not cut short.
const CommitLimit = 5 * time.Second

// rollback gives a transaction up; when the connection is gone the server does it by itself.
func (c *Client) rollback(ctx context.Context, tx pgx.Tx) {
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), CommitLimit)
	defer stop()
	_ = tx.Rollback(ending)
}

// Once asks in one round trip, outside of any transaction, for what needs no record.
func (c *Client) Once(ctx context.Context, query string, args []any, into ...any) error {
	err := c.conn.QueryRow(ctx, query, append([]any{pgx.QueryExecModeExec}, args...)...).Scan(into...)
	if err != nil {
		return dbError(ctx, err, c.conn.IsClosed())
	}
	return nil
}

// Settings are a copy of those that the connection was made with.
func (c *Client) Settings() *pgx.ConnConfig { return c.conn.Config() }

// Wire is the connection itself.
func (c *Client) Wire() net.Conn { return c.conn.PgConn().Conn() }

// Debug tells a line to whoever looks for what is wrong.
func (c *Client) Debug(line string) {
	if c.config.Debug != nil {
		c.config.Debug(line)
	}
}

// Notice tells the user a line.
func (c *Client) Notice(line string) {
	if c.config.Notice != nil {
		c.config.Notice(line)
	}
}
