package client

import "context"

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
func (c *Client) ListSettings(ctx context.Context, authority string) ([]Setting, error) {
	panic("stub")
}

// GetSetting returns one setting as it holds for authority.
func (c *Client) GetSetting(ctx context.Context, authority, name string) (*Setting, error) {
	panic("stub")
}

// SetSetting changes a setting; the database validates the value.
func (c *Client) SetSetting(ctx context.Context, why Why, authority, name, value string) (*Setting, error) {
	panic("stub")
}
