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

// heads is what a database says of its ledger and of its audit tree.
type heads struct {
	database    string
	number      int64
	keep        *string // proof of the ledger's head; nil while nobody was erased
	quarantined bool
	verifier    *string  // of the key that signs the audit tree; nil while nothing was sealed
	head        *string  // the newest one, signed
	successors  []string // the first heads after restores
	wrong       *string  // that sealed rows were touched since the sealer looked
	notices     []string // lines for this login to see
}

// heads asks for the newest heads and shows those of the ledger that were seen earlier, in one round trip: a database that
// lacks one of its own was restored from a backup, and closes.
func (c *Client) heads(ctx context.Context, seen []string) (h heads, err error) {
	err = c.conn.QueryRow(ctx, `SELECT database::text, number, keep, quarantined, verifier, head, successors, wrong, notices FROM desk.heads($1::text[])`, pgx.QueryExecModeExec, seen).
		Scan(&h.database, &h.number, &h.keep, &h.quarantined, &h.verifier, &h.head, &h.successors, &h.wrong, &h.notices)
	if err != nil {
		err = dbError(ctx, err, c.conn.IsClosed())
	}
	return h, err
}

// remember keeps the newest heads that this user has seen. Failing to keep the ledger's must not stop anybody at a desk; an
// audit tree that is not what it was does, and so does a database that hides it.
func (c *Client) remember(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	dir := filepath.Join(c.config.StateDir, "ledgers")
	told, err := c.heads(ctx, seenHeads(dir))
	hidden := err != nil && c.witness().database() != "" && !c.config.AnyVersion
	if hidden || c.conn.IsClosed() {
		return err
	}
	if err == nil {
		c.notices = told.notices
		if err := c.watch(ctx, told); err != nil {
			return err
		}
	}
	if err == nil && told.keep != nil && !told.quarantined {
		err = keepHead(dir, told.database, *told.keep)
	}
	switch {
	case c.config.Debug == nil:
	case err != nil:
		c.config.Debug("the head of the ledger of erasures was not kept: " + err.Error())
	case told.quarantined:
		c.config.Debug("the database is in quarantine")
	}
	return nil
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
	return replaceFile(path, head+"\n")
}

// replaceFile writes a file that only this user may read; it appears complete or not at all.
func replaceFile(path, text string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".new*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
