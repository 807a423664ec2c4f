package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// StateDir is where patronctl keeps what it must remember on this computer: PATRONCTL_STATE_DIR, else patronctl's part of
// the user's state directory. Nothing is made yet.
func StateDir() (string, error) {
	if dir := os.Getenv("PATRONCTL_STATE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "patronctl"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for patronctl's state: set PATRONCTL_STATE_DIR: %w", err)
	}
	return filepath.Join(home, ".local", "state", "patronctl"), nil
}

// ledgerHead is what a database says of its ledger.
type ledgerHead struct {
	database    string
	number      int64
	keep        *string // proof of the head; nil while nobody was erased
	quarantined bool
}

// ledgerHead asks for the head of the ledger and shows the heads seen earlier, in one round trip: a database that lacks one
// of its own was restored from a backup, and closes.
func (c *Client) ledgerHead(ctx context.Context, seen []string) (head ledgerHead, err error) {
	err = c.conn.QueryRow(ctx, `SELECT database::text, number, keep, quarantined FROM desk.ledger_head($1::text[])`, pgx.QueryExecModeExec, seen).
		Scan(&head.database, &head.number, &head.keep, &head.quarantined)
	if err != nil {
		err = dbError(ctx, err, c.conn.IsClosed())
	}
	return head, err
}

// remember keeps the newest head of the ledger that this user has seen. A failure must not stop anybody at a desk.
func (c *Client) remember(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	dir := filepath.Join(c.config.StateDir, "ledgers")
	head, err := c.ledgerHead(ctx, seenHeads(dir))
	if err == nil && head.keep != nil && !head.quarantined {
		err = keepHead(dir, head.database, *head.keep)
	}
	switch {
	case c.config.Debug == nil:
	case err != nil:
		c.config.Debug("the head of the ledger of erasures was not kept: " + err.Error())
	case head.quarantined:
		c.config.Debug("the database is in quarantine")
	}
}

// seenHeads are the heads kept so far, of all databases: which of them this is, it knows itself.
func seenHeads(dir string) []string {
	seen := []string{}
	names, _ := filepath.Glob(filepath.Join(dir, "*-*")) // the pattern is constant
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil {
			seen = append(seen, strings.TrimSpace(string(text)))
		}
	}
	return seen
}

// keepHead writes a head into the file of its database, unless that holds one as new.
func keepHead(dir, database, head string) error {
	path := filepath.Join(dir, database)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if field(string(old), 1) >= field(head, 1) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".new*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(head + "\n")
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
