package client

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3/database"
)

// versionStore keeps goose's versions of one schema in a table that the tool's owner owns. goose's own store would
// create it as the login.
type versionStore struct{ folder string }

// versionQueries are the statements for each schema: a table's name cannot be a parameter.
var versionQueries = map[string]struct{ list, latest, get, insert string }{
	"lms": {
		list:   `SELECT version_id, is_applied FROM patronctl.lms_version ORDER BY id DESC`,
		latest: `SELECT max(version_id) FROM patronctl.lms_version`,
		get:    `SELECT tstamp, is_applied FROM patronctl.lms_version WHERE version_id = $1 ORDER BY id DESC LIMIT 1`,
		insert: `INSERT INTO patronctl.lms_version (version_id, is_applied) VALUES ($1, TRUE)`,
	},
	"records": {
		list:   `SELECT version_id, is_applied FROM patronctl.records_version ORDER BY id DESC`,
		latest: `SELECT max(version_id) FROM patronctl.records_version`,
		get:    `SELECT tstamp, is_applied FROM patronctl.records_version WHERE version_id = $1 ORDER BY id DESC LIMIT 1`,
		insert: `INSERT INTO patronctl.records_version (version_id, is_applied) VALUES ($1, TRUE)`,
	},
}

func (s versionStore) Tablename() string { return "patronctl." + s.folder + "_version" }

// TableExists is always so: bootstrap.sql made it.
func (s versionStore) TableExists(context.Context, database.DBTxConn) (bool, error) { return true, nil }

func (s versionStore) CreateVersionTable(context.Context, database.DBTxConn) error {
	return database.ErrNotImplemented
}

// Insert ends a migration: it hands the owner's rights back.
func (s versionStore) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	for _, statement := range []string{`RESET ROLE`, `REVOKE patronctl_owner FROM CURRENT_USER`} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, versionQueries[s.folder].insert, req.Version)
	return err
}

func (s versionStore) Delete(context.Context, database.DBTxConn, int64) error {
	return errors.New("migrations are never taken back")
}

func (s versionStore) GetMigration(ctx context.Context, db database.DBTxConn, version int64) (*database.GetMigrationResult, error) {
	var found database.GetMigrationResult
	err := db.QueryRowContext(ctx, versionQueries[s.folder].get, version).Scan(&found.Timestamp, &found.IsApplied)
	return &found, err
}

func (s versionStore) GetLatestVersion(ctx context.Context, db database.DBTxConn) (latest int64, err error) {
	err = db.QueryRowContext(ctx, versionQueries[s.folder].latest).Scan(&latest)
	return latest, err
}

func (s versionStore) ListMigrations(ctx context.Context, db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	rows, err := db.QueryContext(ctx, versionQueries[s.folder].list)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []*database.ListMigrationsResult
	for rows.Next() {
		var r database.ListMigrationsResult
		if err := rows.Scan(&r.Version, &r.IsApplied); err != nil {
			return nil, err
		}
		found = append(found, &r)
	}
	return found, rows.Err()
}
