package people

import (
	"context"
	"time"

	"patronctl/client"
)

// Borrower is who has, or last had, an item.
type Borrower struct {
	Patron    int64  `json:"patron"`
	Card      string `json:"card"`
	Surname   string `json:"surname"`
	Forenames string `json:"forenames"`
	Erased    bool   `json:"erased"` // the account was erased: there is no name any more
}

// Item is a physical item and who has it.
type Item struct {
	Barcode      string     `json:"barcode"`
	Title        string     `json:"title"`
	Branch       string     `json:"branch"`
	Status       string     `json:"status"` // on_loan, available
	LentAt       *time.Time `json:"lent_at"`
	DueAt        *time.Time `json:"due_at"`
	Overdue      bool       `json:"overdue"`
	Borrower     *Borrower  `json:"borrower"`      // who has it now
	LastBorrower *Borrower  `json:"last_borrower"` // only for those who may, at home, with a reason
	ReturnedAt   *time.Time `json:"returned_at"`
	Access       int64      `json:"access"`
}

// ShowItem tells who has an item. last also asks for the last borrower: an access of its own, which needs the right and a
// reason.
func ShowItem(ctx context.Context, c *client.Client, why client.Why, barcode string, last bool) (*Item, error) {
	var item Item
	err := c.Read(ctx, "item show", why, client.Criteria{"barcode": barcode}, &item, `SELECT desk.show_item($1)`)
	if err == nil && last {
		err = c.Read(ctx, "item show last", why, client.Criteria{"barcode": barcode}, &item, `SELECT desk.show_last_borrower($1)`)
	}
	if err != nil {
		return nil, err
	}
	return &item, nil
}
