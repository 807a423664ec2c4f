package staff

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
)

// Setting is one setting as it holds for an authority, or for the consortium when Authority is empty.
type Setting struct {
	Name      string `json:"name"`
	Authority string `json:"authority"`
	Value     string `json:"value"`
	Default   string `json:"default"`
	Type      string `json:"type"`
	About     string `json:"about"`
	Own       bool   `json:"own"` // set here, not inherited
}

// ListSettings returns every setting as it holds for authority (empty: the consortium).
func ListSettings(ctx context.Context, c *client.Client, authority string) ([]Setting, error) {
	var found []Setting
	err := c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT name, value, preset, type, about, own FROM desk.list_settings($1)`, client.OrNull(authority))
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Setting, error) {
			s := Setting{Authority: authority}
			return s, row.Scan(&s.Name, &s.Value, &s.Default, &s.Type, &s.About, &s.Own)
		})
		return err
	})
	return found, err
}

// GetSetting returns one setting as it holds for authority.
func GetSetting(ctx context.Context, c *client.Client, authority, name string) (*Setting, error) {
	all, err := ListSettings(ctx, c, authority)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return &s, nil
		}
		names = append(names, s.Name)
	}
	return nil, &client.Error{Kind: client.KindUsage, Message: "unknown setting; use one of " + strings.Join(names, ", ")}
}

// SetSetting changes a setting; the database validates the value.
func SetSetting(ctx context.Context, c *client.Client, why client.Why, authority, name, value string) (*Setting, error) {
	err := c.Write(ctx, "settings set", why, nil, nil, `SELECT desk.set_setting($1, $2, $3, $4)`, client.OrNull(authority), name, value)
	if err != nil {
		return nil, err
	}
	return GetSetting(ctx, c, authority, name)
}
