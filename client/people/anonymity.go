package people

import (
	"context"

	"patronctl/client"
)

// Anonymity is how well the anonymous histories of a branch hide people.
type Anonymity struct {
	Authority string `json:"authority"`
	Branch    string `json:"branch"` // empty: generalized away
	K         int    `json:"k"`
	Groups    int    `json:"groups"`    // anonymous patrons
	BelowK    int    `json:"below_k"`   // of these: fewer than k people behind
	Loans     int    `json:"loans"`     // anonymous loans of those below k
	Mended    int    `json:"mended"`    // below k, and k people without the birth year
	LeftOver  int    `json:"left_over"` // below k without the birth year too: the branch would have to go
}

// ReportAnonymity counts anonymous patrons behind whom stand fewer than k people; k 0 is the setting of each authority.
func ReportAnonymity(ctx context.Context, c *client.Client, why client.Why, authority string, k int) (rows []Anonymity, err error) {
	err = c.Read(ctx, "history report", why, nil, &rows, `SELECT desk.report_anonymity($1, nullif($2, ''), nullif($3::integer, 0))`,
		authority, k)
	return rows, err
}
