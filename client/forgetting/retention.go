package forgetting

import (
	"context"

	"patronctl/client"
)

// Rule says what is forgotten after which time.
type Rule struct {
	Name           string   `json:"name"`
	Authority      string   `json:"authority"` // empty: offered to all
	Branches       []string `json:"branches"`  // empty: all
	ExceptBranches []string `json:"except_branches"`
	Categories     []string `json:"categories"` // empty: all
	Action         string   `json:"action"`     // erase-deleted, erase-lapsed, anonymize-history, unlink-accounts
	Age            string   `json:"age"`        // 365 days, 18 months, 3 years
	CountedFrom    string   `json:"counted_from"`
	Despite        []string `json:"despite"`       // loans, reservations, orders, fees, memberships; keeps-history
	Cap            int      `json:"cap"`           // people; more need a second officer
	GeneralizeTo   int      `json:"generalize_to"` // people who must fit an anonymous group; 0: it is not widened
	LastBorrower   int      `json:"last_borrower_days"`
	InForce        []string `json:"in_force"`          // authorities
	Receipt        string   `json:"receipt,omitempty"` // of a change, for audit.ProveReceipt
}

// RuleChange is what to set of a rule: the fields of Rule by their JSON names; what is missing stays, or takes its preset.
type RuleChange map[string]any

// Rules lists the rules that an authority has or is offered; empty means every authority the login may see.
func Rules(ctx context.Context, c *client.Client, why client.Why, authority string) (rules []Rule, err error) {
	err = c.Read(ctx, "retention list", why, nil, &rules, `SELECT desk.list_rules($1, nullif($2, ''))`, authority)
	return rules, err
}

// SetRule makes a rule, which is in force nowhere yet, or changes one. Plans that exist stay as they are.
func SetRule(ctx context.Context, c *client.Client, why client.Why, name string, change RuleChange) (*Rule, error) {
	given := RuleChange{"name": name}
	for field, value := range change {
		given[field] = value
	}
	var rule Rule
	err := c.Write(ctx, "retention set", why, nil, &rule, `SELECT desk.set_rule($1, $2)`, given)
	return &rule, err
}

// EnableRule puts a rule in force at an authority, or ends that. No authority: wherever the rule is for and the login may.
func EnableRule(ctx context.Context, c *client.Client, why client.Why, name, authority string, enabled bool) (*Rule, error) {
	var rule Rule
	err := c.Write(ctx, "retention set", why, nil, &rule, `SELECT desk.enable_rule($1, $2, nullif($3, ''), $4)`, name, authority, enabled)
	return &rule, err
}

// RemoveRule removes a rule and returns what it was.
func RemoveRule(ctx context.Context, c *client.Client, why client.Why, name string) (*Rule, error) {
	var rule Rule
	err := c.Write(ctx, "retention set", why, nil, &rule, `SELECT desk.remove_rule($1, $2)`, name)
	return &rule, err
}
