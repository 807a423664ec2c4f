// Package kit is what the verbs share: streams and the lazy connection, exit codes, flag types, confirmation,
// references, completion. It imports cobra, client and output only.
package kit

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"patronctl/client"
	"patronctl/output"
)

// Env is what a command needs from the world around it.
type Env struct {
	In       io.Reader // reading ends when the command is interrupted
	Out, Err io.Writer // data, and everything else
	Terminal *output.Terminal
	Flags    Flags

	// OpenDemo returns the DSN of the demo database for the login (empty: its default member of staff). With start it starts
	// the demo when it is not running; without, that is an error. The root sets it, so that kit knows nothing of clusters.
	OpenDemo func(ctx context.Context, login string, start bool) (dsn string, err error)

	// DemoState returns where a client of the demo keeps what it must remember. The root sets it.
	DemoState func() (string, error)

	// Observers see each connection. The root sets them, so that kit knows nothing of ledgers and audit trees.
	Observers []client.Observer

	// Restored is set by the command that seals a successor of an audit tree which a restore has shortened.
	Restored bool

	// AnyVersion is set by commands for a database that is not of this version, or not set up yet.
	AnyVersion bool

	client *client.Client
}

// Flags are the global flags.
type Flags struct {
	Output     output.Format
	Columns    []string
	NoHeaders  bool
	Color      string // auto, always, never
	Quiet, Yes bool
	Purpose    string
	Reason     string
	Timeout    time.Duration
	Debug      bool
	Demo       bool
	As         string // login in the demo
	DSN        string
	RawCSV     bool
}

// Client connects on the first call; later calls return the same client. Call it in a verb's run, never earlier: help,
// completion scripts and usage errors must not need a database.
func (e *Env) Client(ctx context.Context) (*client.Client, error) {
	if e.client != nil {
		return e.client, nil
	}
	c, err := e.connect(ctx, true)
	if err != nil {
		return nil, err
	}
	e.client = c
	e.warn(c.Notices())
	return c, nil
}

// warn shows what the database has for this login to see, with --quiet too: these are problems. Who reads stderr as JSON
// gets errors only.
func (e *Env) warn(notices []string) {
	if e.Flags.WantsJSON() {
		return
	}
	for _, line := range notices {
		e.stderr("warning: " + line)
	}
}

func (e *Env) connect(ctx context.Context, startDemo bool) (*client.Client, error) {
	config, err := e.config(ctx, startDemo)
	if err != nil {
		return nil, err
	}
	return client.Open(ctx, config)
}

// config says where to connect: the demo, --dsn, PATRONCTL_DSN, else libpq's own environment.
func (e *Env) config(ctx context.Context, startDemo bool) (client.Config, error) {
	config := client.Config{
		DSN: e.Flags.DSN, Timeout: e.Flags.Timeout, Restored: e.Restored, AnyVersion: e.AnyVersion, Observers: e.Observers,
	}
	config.Notice = func(line string) { e.stderr("note: " + line) }
	if e.Flags.Debug {
		config.Debug = func(line string) { e.stderr("debug: " + line) }
	}
	var err error
	config.StateDir, _ = e.StateDir() // who has no such place does without
	switch {
	case e.Flags.Demo:
		config.DSN, err = e.OpenDemo(ctx, e.Flags.As, startDemo)
	case config.DSN == "":
		config.DSN = os.Getenv("PATRONCTL_DSN")
	}
	return config, err
}

// StateDir is where this user keeps keys, and what was seen of the database: for the demo beside it.
func (e *Env) StateDir() (string, error) {
	if e.Flags.Demo && e.DemoState != nil {
		return e.DemoState()
	}
	return client.StateDir()
}

// Close ends the connection, if there is one.
func (e *Env) Close() {
	if e.client != nil {
		e.client.Close()
		e.client = nil
	}
}

// Why is what the user gave with --purpose and --reason.
func (e *Env) Why() client.Why {
	return client.Why{Purpose: e.Flags.Purpose, Reason: e.Flags.Reason}
}

// Note writes a line for the user to stderr, unless --quiet.
func (e *Env) Note(format string, args ...any) {
	if !e.Flags.Quiet {
		e.stderr(fmt.Sprintf(format, args...))
	}
}

// stderr ignores a failure: there is no other place to tell it.
func (e *Env) stderr(line string) {
	_, _ = fmt.Fprintln(e.Err, output.Clean(line))
}
