package client

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed schema
var schema embed.FS

// schemaFile returns one embedded SQL file.
func schemaFile(name string) string {
	text, err := schema.ReadFile("schema/" + name)
	if err != nil {
		panic(err) // embedded at build time
	}
	return string(text)
}

// schemaFiles lists the SQL files of a folder by name, which is their order.
func schemaFiles(folder string) []string {
	names, err := fs.Glob(schema, "schema/"+folder+"/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	return names
}

// deskFolders holds the functions of desk by subject, in the order in which they are made: a body in SQL's own form needs those that
// it calls.
var deskFolders = []string{
	"desk/gate", "desk/people", "desk/forgetting", "desk/cases", "desk/audit", "desk/exchange", "desk/staff", "desk/install",
}

// deskFiles lists the files of desk in their order.
func deskFiles() (names []string) {
	for _, folder := range deskFolders {
		names = append(names, schemaFiles(folder)...)
	}
	return names
}

// after lists the migrations of a schema past a version.
func after(folder string, version int64) []Migration {
	var found []Migration
	for _, name := range schemaFiles(folder) {
		number, rest, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			panic(err) // a file name in this repository
		}
		if n > version {
			found = append(found, Migration{Schema: folder, Version: n, Name: rest})
		}
	}
	return found
}

// deskHash identifies the functions of this program by their content.
func deskHash() string {
	sum := sha256.New()
	for _, name := range deskFiles() {
		sum.Write([]byte(name + "\n" + schemaFile(strings.TrimPrefix(name, "schema/")) + "\n"))
	}
	sum.Write([]byte(schemaFile("operations.csv") + schemaFile("grants.sql")))
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// asOwner lends the connection the rights of the tool's owner for as long as work takes, within one transaction: nobody
// is a standing member.
func asOwner(ctx context.Context, tx pgx.Tx, work func() error) error {
	if _, err := tx.Exec(ctx, `GRANT patronctl_owner TO CURRENT_USER`); err != nil {
		return grantError(err)
	}
	if _, err := tx.Exec(ctx, `SET LOCAL ROLE patronctl_owner`); err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `RESET ROLE`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `REVOKE patronctl_owner FROM CURRENT_USER`)
	return err
}

// grantError explains a wait for the same grant: memberships belong to the whole server, so a db command of this login in
// another database holds it as well.
func grantError(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" {
		return &Error{Kind: KindBusy, Message: "another db command of this login is at work in this server", Hint: "wait until it ended, then run this again", cause: err}
	}
	return err
}

// bootstrap makes what everything else stands on. It may be run again.
func (c *Client) bootstrap(ctx context.Context) error {
	err := c.maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, schemaFile("bootstrap.sql"))
		return grantError(err)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505", "42P06", "42710": // somebody else made the same thing in this moment
			return &Error{Kind: KindBusy, Message: "another db init is at work in this server", Hint: "try again in a moment", cause: err}
		case "42501":
			return &Error{
				Kind: KindRefused, Message: "the owner of the database needs CREATEROLE and, where another database made patronctl's roles, ADMIN OPTION on them", cause: err,
				Hint: "a server administrator runs the lines for that in: patronctl db init --print-admin-sql",
			}
		}
	}
	return err
}

// addGroups makes the groups that an earlier version did not have.
func (c *Client) addGroups(ctx context.Context, step func(string)) error {
	var missing bool
	err := c.maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT count(x.grantee) = 0
			FROM pg_database AS d CROSS JOIN aclexplode(d.datacl) AS x
			WHERE d.datname = current_database() AND x.grantee = to_regrole('patronctl_opac')`).Scan(&missing)
	})
	if err != nil || !missing {
		return err
	}
	step("roles and schemas")
	return c.bootstrap(ctx)
}

// lockInstallation lets one upgrade or import work at a time. The lock is a row: it ends with the transaction, and no
// login but the owner can take it.
func lockInstallation(ctx context.Context, tx pgx.Tx) error {
	var locked bool
	err := tx.QueryRow(ctx, `SELECT TRUE FROM patronctl.installation FOR UPDATE SKIP LOCKED`).Scan(&locked)
	if err == nil {
		_, err = tx.Exec(ctx, `SET LOCAL application_name = 'patronctl db'`)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var holder string
	err = tx.QueryRow(ctx, `
		SELECT coalesce(min(format('%s since %s', usename, to_char(xact_start, 'HH24:MI:SS'))), 'another session')
		FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'patronctl db' AND pid <> pg_backend_pid()`).Scan(&holder)
	if err != nil {
		return err
	}
	return &Error{Kind: KindBusy, Message: "another db command is at work in this database: " + holder, Hint: "wait until it ended, then run this again"}
}

// upgrade applies what is new under the lock and finishes with last, all but the migrations in one transaction. Each
// migration is a transaction of its own, so an interrupted upgrade goes on where it stopped.
func (c *Client) upgrade(ctx context.Context, step func(string), last func(context.Context, pgx.Tx) error) (applied []Migration, err error) {
	err = c.maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockInstallation(ctx, tx); err != nil {
			return err
		}
		if err := requireOlder(ctx, tx); err != nil {
			return err
		}
		for _, folder := range []string{"lms", "records"} {
			done, err := c.migrate(ctx, folder, step)
			applied = append(applied, done...)
			if err != nil {
				return err
			}
		}
		return c.installDesk(ctx, tx, step, last)
	})
	return applied, err
}

// requireOlder refuses to put the functions of an older program over newer tables.
func requireOlder(ctx context.Context, tx pgx.Tx) error {
	var lms, records int64
	err := tx.QueryRow(ctx, `SELECT (SELECT max(version_id) FROM patronctl.lms_version), (SELECT max(version_id) FROM patronctl.records_version)`).Scan(&lms, &records)
	if err == nil && (lms > newest("lms") || records > newest("records")) {
		return &Error{Kind: KindRefused, Message: "this database was upgraded by a newer patronctl; nothing was changed", Hint: "use that version or a later one"}
	}
	return err
}

// newest is the last version of a schema in this program.
func newest(folder string) int64 {
	all := after(folder, 0)
	return all[len(all)-1].Version
}

// migrate applies the versioned files of one schema on a connection of its own. goose keeps the versions; each file runs
// as the tool's owner in its transaction.
func (c *Client) migrate(ctx context.Context, folder string, step func(string)) ([]Migration, error) {
	db := stdlib.OpenDB(*c.settings())
	defer func() { _ = db.Close() }() // its transactions have ended
	var steps []*goose.Migration
	named := map[int64]Migration{}
	for _, m := range after(folder, 0) {
		named[m.Version] = m
		text := schemaFile(fmt.Sprintf("%s/%05d_%s.sql", folder, m.Version, m.Name))
		steps = append(steps, goose.NewGoMigration(m.Version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			step(fmt.Sprintf("%s %d %s", folder, m.Version, m.Name))
			for _, statement := range []string{
				`SET LOCAL lock_timeout = '30s'`, `GRANT patronctl_owner TO CURRENT_USER`, `SET LOCAL ROLE patronctl_owner`,
				`SET LOCAL lock_timeout = '10s'`, text, // who waits for a table must not make all staff wait behind it
			} {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		}}, nil))
	}
	provider, err := goose.NewProvider(goose.DialectCustom, db, nil,
		goose.WithStore(versionStore{folder}), goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	var done []Migration
	for _, r := range results {
		done = append(done, named[r.Source.Version])
	}
	return done, err
}

// installDesk recreates the functions of desk when they differ from this program's, also by somebody's hand, function by function and never
// with CASCADE, so that anything that came to depend on one stops the upgrade.
func (c *Client) installDesk(ctx context.Context, tx pgx.Tx, step func(string), last func(context.Context, pgx.Tx) error) error {
	return asOwner(ctx, tx, func() error {
		var installed *string
		if err := tx.QueryRow(ctx, `SELECT desk_hash FROM patronctl.installation`).Scan(&installed); err != nil {
			return err
		}
		changed, err := deskChanged(ctx, tx)
		if err != nil {
			return err
		}
		if installed == nil || *installed != deskHash() || changed {
			step("functions of the desk")
			if err := recreateDesk(ctx, tx); err != nil {
				return err
			}
		}
		if err := loadOperations(ctx, tx); err != nil {
			return err
		}
		if last == nil {
			return nil
		}
		return last(ctx, tx)
	})
}

// deskChanged tells whether a function of desk is not as this program makes it.
func deskChanged(ctx context.Context, tx pgx.Tx) (bool, error) {
	lines, err := found(ctx, tx, definitionsFile)
	return slices.ContainsFunc(differences("function", lines), func(d difference) bool { return strings.HasPrefix(d.object, "desk.") }), err
}

func recreateDesk(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, schemaFile("recreate.sql")); err != nil {
		return err
	}
	for _, name := range deskFiles() {
		if _, err := tx.Exec(ctx, schemaFile(strings.TrimPrefix(name, "schema/"))); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimPrefix(name, "schema/"), err)
		}
	}
	if err := loadOperations(ctx, tx); err != nil { // which the grants follow from
		return err
	}
	// definers.sql sets what all functions that run as their owner have; grants.sql says who may call what; roles.sql gives those
	// that name logins to the one role that may.
	for _, name := range []string{"definers.sql", "grants.sql", "roles.sql"} {
		if _, err := tx.Exec(ctx, schemaFile(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err := tx.Exec(ctx, `UPDATE patronctl.installation SET desk_hash = $1`, deskHash())
	return err
}

// AdminSQL is the SQL that only a server administrator can run, with psql.
func AdminSQL() string { return schemaFile("admin.sql") + LoginsSQL() }

// LoginsSQL is the part of AdminSQL that lets patronctl audit logins read who logged in.
func LoginsSQL() string { return schemaFile("admin_logins.sql") }
