package install

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/schema"
)

// Migration is one versioned step of a schema.
type Migration struct {
	Schema  string `json:"schema"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	folder  string
}

// migrationFolders hold the tables of a schema.
var migrationFolders = map[string]string{"lms": "native/migrations", "patronctl": "patronctl/migrations"}

// migrations lists those of a schema past a version. A migration is a folder, its files run in the order of their names.
func migrations(schemaName string, version int64) (found []Migration) {
	folders, err := fs.Glob(schema.Files, migrationFolders[schemaName]+"/*")
	if err != nil {
		panic(err) // the pattern is made of names in this repository
	}
	for _, folder := range folders {
		number, name, _ := strings.Cut(path.Base(folder), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			panic(err) // a folder's name in this repository
		}
		if n > version {
			found = append(found, Migration{Schema: schemaName, Version: n, Name: name, folder: folder})
		}
	}
	return found
}

// newest is the last version of a schema in this program.
func newest(schemaName string) int64 {
	all := migrations(schemaName, 0)
	return all[len(all)-1].Version
}

// pending lists the migrations that a database of these versions lacks, patronctl's last: nothing of lms refers to them.
func pending(lms, patronctl int64) []Migration {
	return slices.Concat(migrations("lms", lms), migrations("patronctl", patronctl))
}

// versions tells how far the schemas of a database are. One that this program cannot bring to its own version is refused, before
// anything is changed: one without a table of versions, older than the first migration here, or newer than the last.
func versions(ctx context.Context, tx pgx.Tx) (lms, patronctl int64, err error) {
	var known bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('patronctl.version') IS NOT NULL`).Scan(&known); err != nil {
		return 0, 0, err
	}
	if known {
		err = tx.QueryRow(ctx, `
			SELECT coalesce(max(version) FILTER (WHERE schema_name = 'lms'), 0), coalesce(max(version) FILTER (WHERE schema_name = 'patronctl'), 0)
			FROM patronctl.version`).Scan(&lms, &patronctl)
	}
	switch {
	case err != nil:
		return 0, 0, err
	case lms > newest("lms") || patronctl > newest("patronctl"):
		return 0, 0, &client.Error{
			Kind: client.KindRefused, Message: "this database was upgraded by a newer patronctl; nothing was changed",
			Hint: "use that version or a later one",
		}
	case lms < migrations("lms", 0)[0].Version || patronctl < migrations("patronctl", 0)[0].Version:
		return 0, 0, &client.Error{
			Kind: client.KindRefused, Message: "this database is of an older patronctl than this one can upgrade; nothing was changed",
			Hint: "install into an empty database: patronctl db init --admin LOGIN",
		}
	}
	return lms, patronctl, nil
}

// migrate applies migrations within the transaction, as the tool's owner.
func migrate(ctx context.Context, tx pgx.Tx, todo []Migration, step func(string)) error {
	for _, m := range todo {
		step(fmt.Sprintf("%s %d %s", m.Schema, m.Version, m.Name))
		if err := runFiles(ctx, tx, schema.Folder(m.folder)...); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO patronctl.version (schema_name, version) VALUES ($1, $2)`, m.Schema, m.Version); err != nil {
			return err
		}
	}
	return nil
}

// runFiles runs SQL files within the transaction; an error names the file.
func runFiles(ctx context.Context, tx pgx.Tx, names ...string) error {
	for _, name := range names {
		if _, err := tx.Exec(ctx, schema.File(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
