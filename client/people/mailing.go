package people

import (
	"context"
	"iter"

	"patronctl/client"
)

// Reachable is somebody who consented to be reached over a channel.
type Reachable struct {
	Name    string `json:"name"`
	Channel string `json:"channel"` // email, phone, sms, post
	Address string `json:"address"` // an e-mail address, phone number or postal address
}

// ConsentFilter narrows a list of people; empty fields do not.
type ConsentFilter struct {
	Authority string // whose people; empty: those of the only authority of this login
	Channel   string
	Branch    string
}

// ListConsented lists the people at home at an authority who consented to the purpose that why names, with one access for
// each 2,000 of them: only those are opened who were listed.
func ListConsented(ctx context.Context, c *client.Client, why client.Why, filter ConsentFilter) iter.Seq2[Reachable, error] {
	return func(yield func(Reachable, error) bool) {
		var after int64
		for {
			asked := client.Criteria{"consented": map[string]any{
				"channel": client.OrNull(filter.Channel), "branch": client.OrNull(filter.Branch),
				"after": after,
			}}
			if filter.Authority != "" {
				asked["authority"] = filter.Authority
			}
			var page struct {
				After  int64 // zero at the end
				People []Reachable
			}
			err := c.Read(ctx, "patron list", why, asked, &page, `SELECT desk.list_consented($1, $2)`, client.OrNull(filter.Channel))
			if err != nil {
				yield(Reachable{}, err)
				return
			}
			for _, r := range page.People {
				if !yield(r, nil) {
					return
				}
			}
			if after = page.After; after == 0 {
				return
			}
		}
	}
}
