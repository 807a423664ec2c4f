package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// Tampered is a record that is not as it was sealed.
type Tampered struct {
	Access int64  `json:"access"` // its number; 0 is about the whole tree
	What   string `json:"what"`
}

// Verification is what a comparison of the access records with the audit tree found.
type Verification struct {
	Head    *Head      `json:"head"`
	Records int64      `json:"records"` // compared: accesses and results
	Full    bool       `json:"full"`    // what they say was read, not only their hashes
	Wrong   []Tampered `json:"wrong"`   // at most 100
}

// Verify compares every sealed record with the newest head, and with an older one that somebody kept, as it was printed.
// full computes the hashes of records anew from what they say.
func Verify(ctx context.Context, c *client.Client, why client.Why, printed string, full bool,
	progress func(records int64),
) (*Verification, error) {
	head, verifier, err := NewestHead(ctx, c)
	if err != nil {
		return nil, err
	}
	v := &Verification{Head: head, Full: full, Wrong: []Tampered{}}
	var older *Head
	if printed != "" {
		if older, err = readHead(printed, verifier); err != nil {
			return nil, err
		}
		if older.Database != head.Database {
			return nil, &client.Error{
				Kind:    client.KindRefused,
				Message: "this is a head of another database",
				Hint:    "check --dsn or PGDATABASE, and the file",
			}
		}
	}
	access, err := c.Open(ctx, "audit verify", why, nil)
	if err != nil {
		return nil, err
	}
	if access, err = regrow(ctx, c, access, why, v, older, progress); err != nil {
		return nil, err
	}
	var others []Tampered
	err = c.Answer(ctx, access, &others, `SELECT desk.verify_others($1)`, nil, c.Unhurried)
	v.Wrong = append(v.Wrong, others...)
	return v, err
}

// accessPages is how many pages are read with one access, which is good for 15 minutes.
const accessPages = 100

// regrow computes the roots of the newest and an older head from the records. It returns an access that is still good.
func regrow(ctx context.Context, c *client.Client, access int64, why client.Why, v *Verification, older *Head,
	progress func(int64),
) (int64, error) {
	var tree grower
	check := func(h *Head) {
		if h != nil && h.Size == tree.size && h.Root != tree.root() {
			v.add(Tampered{What: fmt.Sprintf("the first %d records are not those that were sealed on %s", h.Size, h.At.UTC().Format(time.RFC3339))})
		}
	}
	if older != nil && older.Size > v.Head.Size {
		v.add(Tampered{What: fmt.Sprintf("the tree ends at %d, and the head that was kept at %d", v.Head.Size, older.Size)})
	}
	for page := 1; tree.size < v.Head.Size; page++ {
		if page%accessPages == 0 {
			var err error
			if access, err = c.Open(ctx, "audit verify", why, nil); err != nil {
				return 0, err
			}
		}
		most := min(sealBatch, v.Head.Size-tree.size)
		if older != nil && older.Size > tree.size {
			most = min(most, older.Size-tree.size)
		}
		var hashes []byte
		var wrong []Tampered
		err := c.Unhurried(ctx, func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT hashes, wrong FROM desk.verify_leaves($1, $2, $3, $4)`, access, tree.size, most, v.Full).Scan(&hashes,
				&wrong)
		})
		if err != nil {
			return 0, err
		}
		for _, f := range wrong {
			v.add(f)
		}
		if int64(len(hashes)) != most*tlog.HashSize {
			v.add(Tampered{What: fmt.Sprintf("leaves between %d and %d of the tree are missing", tree.size, tree.size+most)})
			return access, nil // the roots of what remains would say nothing
		}
		for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
			tree.add(tlog.Hash(hashes[:tlog.HashSize]))
		}
		check(older)
		progress(tree.size)
		v.Records = tree.size
	}
	if older == nil || older.Size != v.Head.Size {
		check(v.Head)
	}
	return access, nil
}

func (v *Verification) add(f Tampered) {
	if len(v.Wrong) < 100 {
		v.Wrong = append(v.Wrong, f)
	}
}
