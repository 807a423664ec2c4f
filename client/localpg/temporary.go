package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Temporary returns a cluster for tests, not started yet: fast rather than durable, in memory where there is room. remove
// ends and deletes it. A process that is killed leaves its cluster behind; the next call by the same user removes that.
func Temporary(ctx context.Context) (c *Cluster, remove func() error, err error) {
	name := fmt.Sprintf("patronctl-test-%d-", os.Getuid())
	removeAbandoned(ctx, filepath.Join(tempDir(), name+"*"))

	dir, err := os.MkdirTemp(tempDir(), name)
	if err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the server's account passes through
		return nil, nil, err
	}
	unlock, err := tryLock(filepath.Join(dir, "alive"))
	if err != nil {
		return nil, nil, err
	}
	c = temporary(dir)
	return c, func() error {
		defer unlock()
		return removeTemporary(context.WithoutCancel(ctx), dir)
	}, nil
}

func temporary(dir string) *Cluster {
	c := &Cluster{Dir: filepath.Join(dir, "pg"), Settings: map[string]string{
		"fsync":                     "off",
		"full_page_writes":          "off",
		"max_connections":           "200",
		"max_prepared_transactions": "10",
		"shared_buffers":            "256MB",
		"wal_level":                 "minimal",
		"max_wal_senders":           "0",
		"autovacuum":                "off",
	}}
	if bin, err := Locate(); err == nil && hasLibrary(bin, "pg_stat_statements") { // so that tests can look into what it keeps
		c.Settings["shared_preload_libraries"] = "pg_stat_statements"
		c.Settings["pg_stat_statements.max"] = "20000"
		c.Settings["pg_stat_statements.track_utility"] = "off" // as db init --print-admin-sql asks
	}
	return c
}

func removeTemporary(ctx context.Context, dir string) error {
	if err := temporary(dir).Remove(ctx); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// removeAbandoned removes temporary clusters of this user whose process has ended. It is a courtesy: failures do not count.
func removeAbandoned(ctx context.Context, pattern string) {
	dirs, _ := filepath.Glob(pattern)
	for _, dir := range dirs {
		if !ownedByUs(dir) {
			continue
		}
		unlock, err := tryLock(filepath.Join(dir, "alive"))
		if errors.Is(err, errLocked) {
			continue
		}
		if err == nil {
			_ = removeTemporary(ctx, dir)
			unlock()
		}
	}
}

// tempDir is a directory for temporary files whose path leaves room for a socket's.
func tempDir() string {
	if dir := memoryDir(); dir != "" {
		return dir
	}
	if dir := os.TempDir(); len(dir) < 50 {
		return dir
	}
	return "/tmp"
}
