package client

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Staff is one registration of a PostgreSQL login.
type Staff struct {
	Login     string `json:"login"`
	Authority string `json:"authority"` // empty: the whole consortium
	Role      string `json:"role"`
	ValidFrom *Date  `json:"valid_from"`
	ValidTo   *Date  `json:"valid_to"`
}

// Roles are the roles of staff.
var Roles = []string{"clerk", "supervisor", "officer", "support", "admin", "job", "auditor"}

// AddStaff registers an existing PostgreSQL login and puts it into the role's group.
func (c *Client) AddStaff(ctx context.Context, why Why, s Staff) (*Staff, error) {
	var until pgtype.Date // NULL: for good
	if s.ValidTo != nil {
		until = s.ValidTo.param()
	}
	err := c.write(ctx, "staff add", why, nil, nil, `SELECT desk.add_staff($1, $2, $3, $4, $5)`, s.Login, orNull(s.Authority), s.Role, until)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// ListStaff returns the registrations, by authority, role and login.
func (c *Client) ListStaff(ctx context.Context, why Why) ([]Staff, error) {
	access, err := c.open(ctx, "staff list", why, nil)
	if err != nil {
		return nil, err
	}
	var found []Staff
	err = c.transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT login, coalesce(authority, ''), role, valid_from, valid_to FROM desk.list_staff($1)`, access)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Staff, error) {
			var s Staff
			var from, to *time.Time
			err := row.Scan(&s.Login, &s.Authority, &s.Role, &from, &to)
			s.ValidFrom, s.ValidTo = day(from), day(to)
			return s, err
		})
		return err
	})
	return found, err
}
