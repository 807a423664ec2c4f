package client

import "context"

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
func (c *Client) AddStaff(ctx context.Context, why Why, s Staff) (*Staff, error) { panic("stub") }

// ListStaff returns the registrations, by authority, role and login.
func (c *Client) ListStaff(ctx context.Context, why Why) ([]Staff, error) { panic("stub") }

// Names for completion: no personal data, no access record. kind is authority, branch or category.
func (c *Client) Names(ctx context.Context, kind string) ([]string, error) { panic("stub") }
