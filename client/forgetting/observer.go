package forgetting

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"patronctl/client"
)

// Observer keeps the newest head of each ledger that this user has seen, by which a restored backup is recognized.
func Observer() client.Observer { return keeper{} }

type keeper struct{}

func (keeper) dir(c *client.Client) string { return filepath.Join(c.Config().StateDir, "ledgers") }

// Seen are the heads kept so far.
func (k keeper) Seen(c *client.Client) []string {
	var seen []string
	names, _ := filepath.Glob(filepath.Join(k.dir(c), "*-*")) // the pattern is constant
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil {
			seen = append(seen, strings.TrimSpace(string(text)))
		}
	}
	return seen
}

// Told keeps the newest head. Failing to must not stop anybody at a desk.
func (k keeper) Told(_ context.Context, c *client.Client, told client.Heads, err error) error {
	if err == nil && told.Keep != nil && !told.Quarantined {
		err = keepHead(k.dir(c), told.Database, *told.Keep)
	}
	switch {
	case err != nil:
		c.Debug("the head of the ledger of erasures was not kept: " + err.Error())
	case told.Quarantined:
		c.Debug("the database is in quarantine")
	}
	return nil
}

// Closing has nothing left to do.
func (keeper) Closing(*client.Client) {}

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
	return client.ReplaceFile(path, head+"\n")
}
