// Package install makes the database what this program needs: init, upgrade, authorities, and the doctor that finds what is
// not as it should be. Nearly all of it is for the owner of the database. It imports the core and the embedded SQL.
package install

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/schema"
)

// TableRows is an approximate row count.
type TableRows struct {
	Relation string `json:"relation"`
	Rows     int64  `json:"rows"`
}

// Status describes an installation.
type Status struct {
	Server      string      `json:"server"` // PostgreSQL version
	Database    string      `json:"database"`
	LMS         int64       `json:"lms_version"`
	Records     int64       `json:"records_version"`
	Desk        string      `json:"desk_hash"`    // content hash of the files that made the functions
	DeskCurrent bool        `json:"desk_current"` // the functions installed are those of this program
	Pending     []Migration `json:"pending"`
	ClockOffset string      `json:"clock_offset"`
	Quarantined *time.Time  `json:"quarantined_at"` // since when; null when the database is open
	Rows        []TableRows `json:"rows"`
}

// Authority is a member of the consortium.
type Authority struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Currency string `json:"currency"`  // ISO 4217
	TimeZone string `json:"time_zone"` // IANA name
}

// Init installs everything into an empty database, as its owner, and names the first administrator. It happens as a whole or not at
// all; a second one is refused and changes nothing.
func Init(ctx context.Context, c *client.Client, admin string, step func(string)) error {
	if err := RequireOwner(ctx, c); err != nil {
		return err
	}
	state, err := installed(ctx, c)
	if err != nil {
		return err
	}
	switch state {
	case stateOurs:
		return &client.Error{
			Kind: client.KindRefused, Message: "patronctl is installed in this database already; nothing was changed",
			Hint: "to bring it up to date: patronctl db upgrade",
		}
	case stateForeign:
		return &client.Error{
			Kind:    client.KindRefused,
			Message: "this database has a schema named lms, patronctl or desk that is not patronctl's; nothing was changed",
			Hint:    "use an empty database",
		}
	}
	if err := requireLogin(ctx, c, admin); err != nil {
		return err
	}
	return c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := bootstrap(ctx, tx, step); err != nil {
			return err
		}
		if err := LockInstallation(ctx, tx); err != nil {
			return err
		}
		return AsOwner(ctx, tx, func() error {
			if err := renew(ctx, tx, pending(0, 0), step); err != nil {
				return err
			}
			step("first administrator")
			_, err := tx.Exec(ctx, `SELECT desk.register_staff($1, NULL, 'admin', NULL)`, admin)
			return err
		})
	})
}

// Upgrade applies pending migrations and functions. It returns the migrations it applied; doing nothing is not an error.
// It may be interrupted at any time and run again: it happens as a whole or not at all. A second one at the same time is told that
// the first is busy.
func Upgrade(ctx context.Context, c *client.Client, step func(string)) (todo []Migration, err error) {
	if err := RequireOwner(ctx, c); err != nil {
		return nil, err
	}
	if err := RequireInstalled(ctx, c); err != nil {
		return nil, err
	}
	err = c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := LockInstallation(ctx, tx); err != nil {
			return err
		}
		lms, patronctl, err := versions(ctx, tx)
		if err != nil {
			return err
		}
		if err := addGroups(ctx, tx, step); err != nil {
			return err
		}
		todo = pending(lms, patronctl)
		return AsOwner(ctx, tx, func() error { return renew(ctx, tx, todo, step) })
	})
	if err != nil {
		return nil, err
	}
	return todo, nil
}

// ShowStatus tells versions, pending migrations and row counts: to staff who may see it, and to the database's owner.
func ShowStatus(ctx context.Context, c *client.Client, why client.Why) (*Status, error) {
	var status Status
	err := RequireInstalled(ctx, c)
	if err == nil {
		err = askStatus(ctx, c, why, &status)
	}
	if err != nil {
		return nil, err
	}
	status.DeskCurrent = status.Desk == schema.FunctionsHash()
	status.Pending = pending(status.LMS, status.Records)
	return &status, nil
}

func askStatus(ctx context.Context, c *client.Client, why client.Why, status *Status) error {
	if RequireOwner(ctx, c) != nil {
		return c.Read(ctx, "db status", why, nil, status, `SELECT desk.status($1)`)
	}
	var document []byte
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT desk.installation_status()`).Scan(&document)
	})
	if err != nil {
		return err
	}
	return json.Unmarshal(document, status)
}

// AddAuthority adds a member of the consortium, as the database owner.
func AddAuthority(ctx context.Context, c *client.Client, a Authority) error {
	if err := RequireOwner(ctx, c); err != nil {
		return err
	}
	err := c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := LockInstallation(ctx, tx); err != nil {
			return err
		}
		return AsOwner(ctx, tx, func() error {
			_, err := tx.Exec(ctx, `SELECT lms.add_authority($1, $2, $3, $4)`, a.Code, a.Name, a.Currency, a.TimeZone)
			return err
		})
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case "23505", "42P07":
		return &client.Error{Kind: client.KindRefused, Message: "there is an authority " + a.Code + " already", Cause: err}
	case "23514":
		return &client.Error{
			Kind:    client.KindUsage,
			Message: "a code is up to 16 capital letters, digits and underscores, beginning with a letter; a currency is three capital letters",
			Hint:    "such as: patronctl db authority add CAM --name \"Cambermere Libraries\" --currency GBP --time-zone Europe/London", Cause: err,
		}
	}
	return err
}

type installState int

const (
	stateEmpty installState = iota
	stateForeign
	stateOurs
)

func installed(ctx context.Context, c *client.Client) (state installState, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		var foreign, ours bool
		err := tx.QueryRow(ctx, `
			SELECT count(*) > 0, count(c.oid) > 0
			FROM pg_namespace AS n
			LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND n.nspname = 'patronctl' AND c.relname = 'installation'
			WHERE n.nspname IN ('lms', 'patronctl', 'desk')`).Scan(&foreign, &ours)
		switch {
		case ours:
			state = stateOurs
		case foreign:
			state = stateForeign
		}
		return err
	})
	return state, err
}

// RequireInstalled refuses a database where patronctl is not installed, or not yet whole.
func RequireInstalled(ctx context.Context, c *client.Client) error {
	state, err := installed(ctx, c)
	if err == nil && state != stateOurs {
		return &client.Error{
			Kind: client.KindRefused, Message: "patronctl is not installed in this database",
			Hint: "its owner runs: patronctl db init --admin LOGIN",
		}
	}
	return err
}

// RequireOwner refuses everybody but the owner of the database.
func RequireOwner(ctx context.Context, c *client.Client) error {
	var owner string
	var mine bool
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT pg_get_userbyid(d.datdba), d.datdba = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = session_user)
			FROM pg_database AS d
			WHERE d.datname = current_database()`).Scan(&owner, &mine)
	})
	if err == nil && !mine {
		return &client.Error{Kind: client.KindRefused, Message: "this is for the owner of the database, " + owner, Hint: "connect as that login"}
	}
	return err
}

// requireLogin finds out before any work whether the first administrator can be one.
func requireLogin(ctx context.Context, c *client.Client, login string) error {
	var known bool
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND rolcanlogin)`, login).Scan(&known)
	})
	if err == nil && !known {
		return &client.Error{
			Kind: client.KindNotFound, Message: "there is no such login in this PostgreSQL server; nothing was changed",
			Hint: "create it first: CREATE ROLE ... LOGIN",
		}
	}
	return err
}
