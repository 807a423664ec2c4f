package audit

import (
	"context"
	"encoding/hex"
	"regexp"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// Proof shows that a write is among the records that a head vouches for.
type Proof struct {
	Access int64            `json:"access"`
	Number int64            `json:"number"` // its place in the tree, from 0
	Head   *Head            `json:"head"`
	Proof  tlog.RecordProof `json:"proof"` // hashes, as in RFC 6962, 2.1.1
}

var receiptForm = regexp.MustCompile(`^([1-9][0-9]{0,17})-([0-9a-f]{64})$`)

// ProveReceipt finds the write that a receipt is about in the audit tree, and proves with the newest head that it says
// exactly what it said then.
func ProveReceipt(ctx context.Context, c *client.Client, why client.Why, receipt string) (*Proof, error) {
	part := receiptForm.FindStringSubmatch(receipt)
	if part == nil {
		return nil, &client.Error{
			Kind:    client.KindUsage,
			Message: "this is no receipt",
			Hint:    "a receipt is the number of an access, a hyphen and 64 digits from 0 to f",
		}
	}
	var hash tlog.Hash
	_, _ = hex.Decode(hash[:], []byte(part[2])) // the form was checked
	id, _ := strconv.ParseInt(part[1], 10, 64)
	head, _, err := NewestHead(ctx, c)
	if err != nil {
		return nil, err
	}
	var found struct {
		There  bool   `json:"there"`
		Number *int64 `json:"number"`
	}
	if err := c.Read(ctx, "audit prove", why, client.Criteria{"access": id}, &found, `SELECT desk.find_leaf($1)`); err != nil {
		return nil, err
	}
	switch {
	case found.Number == nil && !found.There:
		return nil, &client.Error{
			Kind:    client.KindRefused,
			Message: "there is no such write: it was lost in a restore, removed, or never made",
			Hint:    "compare the receipt, then run: patronctl audit verify",
		}
	case found.Number == nil || *found.Number >= head.Size:
		return nil, &client.Error{
			Kind:    client.KindBusy,
			Message: "this write was not sealed yet",
			Hint:    "try again after the next patronctl audit seal",
		}
	}
	p := &Proof{Access: id, Number: *found.Number, Head: head}
	if p.Proof, err = tlog.ProveRecord(head.Size, p.Number, treeReader{ctx, c}); err != nil {
		return nil, err
	}
	if tlog.CheckRecord(p.Proof, head.Size, head.Root, p.Number, hash) != nil {
		return nil, &client.Error{
			Kind:    client.KindRefused,
			Message: "the receipt does not fit the write that was sealed",
			Hint:    "compare the receipt, then run: patronctl audit verify",
		}
	}
	return p, nil
}
