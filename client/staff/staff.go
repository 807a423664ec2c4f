// Package staff is who works here: logins and their roles, grants to support, passwords of staff, and the settings of the
// authorities. Passwords are checked and made into verifiers here, and never leave this process. It imports the core only.
package staff

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"patronctl/client"
)

// Registration is one registration of a PostgreSQL login.
type Registration struct {
	Login        string       `json:"login"`
	Authority    string       `json:"authority"` // empty: the whole consortium
	Role         string       `json:"role"`
	ValidFrom    *client.Date `json:"valid_from"`
	ValidTo      *client.Date `json:"valid_to"`          // nil: for good
	Kind         string       `json:"kind"`              // employee, volunteer, partner
	Organisation string       `json:"organisation"`      // whose people partners are
	Agreement    string       `json:"agreement"`         // the number of the agreement with it
	Receipt      string       `json:"receipt,omitempty"` // of the registration, for audit.ProveReceipt
}

// Login is what opens a login.
type Login struct {
	Password string // of a login to be made; only its verifier leaves this process
	External bool   // a certificate, LDAP or GSSAPI opens it
}

// Member is one login with everything that is known of it.
type Member struct {
	Login         string         `json:"login"`
	External      bool           `json:"external"`
	DisabledAt    *time.Time     `json:"disabled_at"`
	MayLogIn      bool           `json:"may_log_in"`     // as the server has it
	PasswordUntil *time.Time     `json:"password_until"` // nil: for good
	LastUsedAt    *time.Time     `json:"last_used_at"`   // nil: never
	Registrations []Registration `json:"registrations"`
}

// Revoked is a registration that was ended.
type Revoked struct {
	Login     string `json:"login"`
	Authority string `json:"authority"` // empty: the whole consortium
	Role      string `json:"role"`
	Receipt   string `json:"receipt"` // for audit.ProveReceipt
}

// Disabled is what came of disabling a login.
type Disabled struct {
	Login    string `json:"login"`
	Closed   bool   `json:"closed"`   // the server no longer lets it in; else it comes in and every call is refused
	Sessions *int   `json:"sessions"` // that were ended; nil where the server's administrator did not set that up
	Access   int64  `json:"access"`
	Receipt  string `json:"receipt"` // for audit.ProveReceipt
}

// Enabled is what came of enabling a login.
type Enabled struct {
	Login   string `json:"login"`
	Opened  bool   `json:"opened"` // the server lets it in; else its administrator has to
	Access  int64  `json:"access"`
	Receipt string `json:"receipt"` // for audit.ProveReceipt
}

// PasswordSet says whose password was changed.
type PasswordSet struct {
	Login   string `json:"login"`
	Access  int64  `json:"access"`
	Receipt string `json:"receipt"` // for audit.ProveReceipt
}

// Roles are the roles of staff.
var Roles = []string{"clerk", "supervisor", "officer", "support", "admin", "job", "auditor", "opac"}

// AuthorityRoles are those that nobody has for the whole consortium.
var AuthorityRoles = []string{"clerk", "supervisor", "officer"}

// Kinds are the kinds of staff. Volunteers and partners need a last day; partners an organisation and an agreement.
var Kinds = []string{"employee", "volunteer", "partner"}

// HasLogin tells whether the server has a role of this name.
func HasLogin(ctx context.Context, c *client.Client, login string) (known bool, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, login).Scan(&known)
	})
	return known, err
}

// Add registers a login that exists and puts it into the role's group.
func Add(ctx context.Context, c *client.Client, why client.Why, s Registration) (*Registration, error) {
	return AddLogin(ctx, c, why, s, Login{})
}

// AddLogin is Add for a login that need not exist: it is made when how says what opens it.
func AddLogin(ctx context.Context, c *client.Client, why client.Why, s Registration, how Login) (*Registration, error) {
	if s.Kind == "" {
		s.Kind = "employee"
	}
	var until pgtype.Date // NULL: for good
	if s.ValidTo != nil {
		until = s.ValidTo.Param()
	}
	verifier, err := verifierOf(s.Login, how.Password)
	if err != nil {
		return nil, err
	}
	err = c.Write(ctx, "staff add", why, nil, &s, `SELECT desk.add_staff($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		s.Login, client.OrNull(s.Authority), s.Role, until, s.Kind, client.OrNull(s.Organisation), client.OrNull(s.Agreement), verifier,
		how.External)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Revoke ends a registration at once.
func Revoke(ctx context.Context, c *client.Client, why client.Why, login, authority, role string) (*Revoked, error) {
	ended := Revoked{Login: login, Authority: authority, Role: role}
	err := c.Write(ctx, "staff revoke", why, nil, &ended, `SELECT desk.revoke_staff($1, $2, $3, $4)`, login, client.OrNull(authority), role)
	if err != nil {
		return nil, err
	}
	return &ended, nil
}

// Disable closes a login at once and ends its sessions.
func Disable(ctx context.Context, c *client.Client, why client.Why, login string) (*Disabled, error) {
	var done Disabled
	if err := c.Write(ctx, "staff disable", why, nil, &done, `SELECT desk.disable_staff($1, $2)`, login); err != nil {
		return nil, err
	}
	// Only now that it is committed does nobody come in any more.
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return client.Ask(ctx, tx, &done, `SELECT desk.end_sessions($1)`, done.Access)
	})
	return &done, err
}

// Enable lets a login in again that was disabled.
func Enable(ctx context.Context, c *client.Client, why client.Why, login string) (*Enabled, error) {
	var done Enabled
	if err := c.Write(ctx, "staff enable", why, nil, &done, `SELECT desk.enable_staff($1, $2)`, login); err != nil {
		return nil, err
	}
	return &done, nil
}

// SetPassword gives a member of staff, or without a login oneself, another password, of which only the verifier
// leaves this process.
func SetPassword(ctx context.Context, c *client.Client, why client.Why, login, password string) (*PasswordSet, error) {
	owner := login
	if owner == "" {
		owner = c.Settings().User
	}
	if password == "" {
		return nil, weakPassword()
	}
	verifier, err := verifierOf(owner, password)
	if err != nil {
		return nil, err
	}
	var done PasswordSet
	if login == "" {
		err = c.Write(ctx, "staff password own", why, nil, &done, `SELECT desk.set_own_password($1, $2)`, verifier)
	} else {
		err = c.Write(ctx, "staff password", why, nil, &done, `SELECT desk.set_staff_password($1, $2, $3)`, login, verifier)
	}
	if err != nil {
		return nil, err
	}
	return &done, nil
}

// verifierOf checks a password and returns what the server stores of it; nil for no password.
func verifierOf(login, password string) (*string, error) {
	if password == "" {
		return nil, nil
	}
	if err := CheckPassword(login, password); err != nil {
		return nil, err
	}
	verifier := scramVerifier(password)
	return &verifier, nil
}

// List returns the registrations, by authority, role and login.
func List(ctx context.Context, c *client.Client, why client.Why) ([]Registration, error) {
	access, err := c.Open(ctx, "staff list", why, nil)
	if err != nil {
		return nil, err
	}
	var found []Registration
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT login, coalesce(authority, ''), role, valid_from, valid_to, kind, coalesce(organisation, ''), coalesce(agreement, '')
			FROM desk.list_staff($1)`, access)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Registration, error) {
			var s Registration
			var from, to *time.Time
			err := row.Scan(&s.Login, &s.Authority, &s.Role, &from, &to, &s.Kind, &s.Organisation, &s.Agreement)
			s.ValidFrom, s.ValidTo = client.Day(from), client.Day(to)
			return s, err
		})
		return err
	})
	return found, err
}

// Show returns everything about one login.
func Show(ctx context.Context, c *client.Client, why client.Why, login string) (*Member, error) {
	var member Member
	if err := c.Read(ctx, "staff list", why, nil, &member, `SELECT desk.show_staff($1, $2)`, login); err != nil {
		return nil, err
	}
	return &member, nil
}
