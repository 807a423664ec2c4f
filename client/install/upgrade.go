package install

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/schema"
)

// AsOwner lends the connection the rights of the tool's owner for as long as work takes, within one transaction: nobody
// is a standing member.
func AsOwner(ctx context.Context, tx pgx.Tx, work func() error) error {
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
		return &client.Error{
			Kind: client.KindBusy, Message: "another db command of this login is at work in this server",
			Hint: "wait until it ended, then run this again", Cause: err,
		}
	}
	return err
}

// bootstrap makes what everything else stands on. It may be run again.
func bootstrap(ctx context.Context, tx pgx.Tx, step func(string)) error {
	step("roles and schemas")
	err := runFiles(ctx, tx, "bootstrap.sql")
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505", "42P06", "42710": // somebody else made the same thing in this moment
			return &client.Error{
				Kind:    client.KindBusy,
				Message: "another db init is at work in this server",
				Hint:    "try again in a moment",
				Cause:   err,
			}
		case "42501":
			return &client.Error{
				Kind:    client.KindRefused,
				Message: "the owner of the database needs CREATEROLE and, where another database made patronctl's roles, ADMIN OPTION on them",
				Cause:   err,
				Hint:    "a server administrator runs the lines for that in: patronctl db init --print-admin-sql",
			}
		}
	}
	return grantError(err)
}

// addGroups makes the groups that an earlier version did not have.
func addGroups(ctx context.Context, tx pgx.Tx, step func(string)) error {
	var missing bool
	err := tx.QueryRow(ctx, `
		SELECT count(x.grantee) = 0
		FROM pg_database AS d CROSS JOIN aclexplode(d.datacl) AS x
		WHERE d.datname = current_database() AND x.grantee = to_regrole('patronctl_opac')`).Scan(&missing)
	if err != nil || !missing {
		return err
	}
	return bootstrap(ctx, tx, step)
}

// LockInstallation lets one upgrade or import work at a time. The lock is a row: it ends with the transaction, and no
// login but the owner can take it.
func LockInstallation(ctx context.Context, tx pgx.Tx) error {
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
	return &client.Error{
		Kind: client.KindBusy, Message: "another db command is at work in this database: " + holder,
		Hint: "wait until it ended, then run this again",
	}
}

// renew applies migrations and, when they are not those of this program, makes all functions anew. It is part of the one
// transaction of an init or upgrade, which holds the lock: whatever fails, nothing was changed.
func renew(ctx context.Context, tx pgx.Tx, todo []Migration, step func(string)) error {
	if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '10s'`); err != nil { // who waits for a table must not make all staff wait behind it
		return err
	}
	current, err := functionsCurrent(ctx, tx)
	if err != nil {
		return err
	}
	if len(todo) > 0 || !current {
		return recreate(ctx, tx, todo, step)
	}
	return loadLists(ctx, tx)
}

// loadLists puts what stands in one list each where functions read it.
func loadLists(ctx context.Context, tx pgx.Tx) error {
	if err := client.LoadCatalogue(ctx, tx); err != nil {
		return err
	}
	return client.LoadOperations(ctx, tx)
}

// functionsCurrent tells whether every function is as this program makes it, also after somebody's hand.
func functionsCurrent(ctx context.Context, tx pgx.Tx) (bool, error) {
	var installed *string
	err := tx.QueryRow(ctx, `SELECT functions_hash FROM patronctl.installation`).Scan(&installed)
	if err != nil || installed == nil || *installed != schema.FunctionsHash() {
		return false, err
	}
	lines, err := found(ctx, tx, definitionsFile)
	return len(differences("function", lines)) == 0, err
}

// recreate drops the functions one by one, never with CASCADE, so that anything that came to depend on one stops the upgrade;
// replaces those that tables depend on, applies migrations and makes the functions. What was computed with another folding is
// computed anew.
func recreate(ctx context.Context, tx pgx.Tx, todo []Migration, step func(string)) error {
	before, err := computedWith(ctx, tx)
	if err != nil {
		return err
	}
	if err := runFiles(ctx, tx, append([]string{"recreate.sql"}, schema.BoundFiles...)...); err != nil {
		return err
	}
	after, err := computedWith(ctx, tx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, tx, todo, step); err != nil {
		return err
	}
	step("functions")
	if err := runFiles(ctx, tx, schema.FunctionFiles()...); err != nil {
		return err
	}
	if err := loadLists(ctx, tx); err != nil { // the grants follow from the operations
		return err
	}
	// definers.sql sets what all functions that run as their owner have; grants.sql says who may call what; roles.sql gives those
	// that name logins to the one role that may.
	if err := runFiles(ctx, tx, "definers.sql", "grants.sql", "roles.sql"); err != nil {
		return err
	}
	if before != after {
		step("names, folded anew")
		if _, err := tx.Exec(ctx, `SELECT lms.refold()`); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE patronctl.installation SET functions_hash = $1`, schema.FunctionsHash())
	return err
}

// computedWith identifies the functions that indexes and the dictionary of names are computed with.
func computedWith(ctx context.Context, tx pgx.Tx) (fingerprint string, err error) {
	err = tx.QueryRow(ctx, schema.File("computed.sql")).Scan(&fingerprint)
	return fingerprint, err
}
