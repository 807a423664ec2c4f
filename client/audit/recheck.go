package audit

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// The sealer looks at old records in slices of the tree: 2^sliceLevel leaves, whose root is kept. At every seal it looks at
// those after the last whole slice, and at slicesPerSeal of the others in turn.
var sliceLevel = 16

const slicesPerSeal = 2

// looked is how far the sealer has come in looking at old records. It is kept where the sealer is, out of reach of whoever
// rules the server.
type looked struct {
	slice   int64 // the next
	access  int64 // records up to this one were looked at for ones that were put in
	touched int64 // how often rows had been changed or removed, as the server counts it
}

func (w witness) lookedFile(database string) string {
	return filepath.Join(w.dir, "looked-"+database)
}

func (w witness) looked(database string) looked {
	l := looked{access: math.MinInt64, touched: -1}
	if text, err := os.ReadFile(w.lookedFile(database)); err == nil {
		_, _ = fmt.Sscan(string(text), &l.slice, &l.access, &l.touched) // what cannot be read is looked at again
	}
	return l
}

// recheck compares some of the records before a head with the tree, all of them when any row was changed or removed since the
// last time, and writes what is wrong into the next head, which is about to be signed. The function returned remembers how far
// it came; where something is wrong, the next seal looks again.
func recheck(ctx context.Context, c *client.Client, access int64, head, next *Head, touched int64) (done func() error, err error) {
	if head == nil || next.lost != nil { // nothing to look at, or not what it was
		return func() error { return nil }, nil
	}
	w, sliceSize := witnessOf(c), int64(1)<<sliceLevel
	from := looked{access: math.MinInt64}
	if c.Config().StateDir != "" {
		from = w.looked(head.Database)
	}
	whole := head.Size / sliceSize
	slices := min(whole, slicesPerSeal)
	if from.touched != touched {
		slices = whole
	}
	roots, err := sliceRoots(ctx, c, whole)
	if err != nil {
		return nil, err
	}
	for n := range slices {
		slice := (from.slice + n) % whole
		root, err := recheckLeaves(ctx, c, access, slice*sliceSize, (slice+1)*sliceSize, next)
		if err != nil {
			return nil, err
		}
		if root.root() != roots[slice] {
			next.wrong("leaves %d to %d of the tree", slice*sliceSize, (slice+1)*sliceSize)
		}
	}
	tail, err := recheckLeaves(ctx, c, access, whole*sliceSize, head.Size, next)
	if err != nil {
		return nil, err
	}
	tree := grower{}
	for _, root := range roots {
		tree.add(root)
	}
	tree.whole = append(tree.whole, tail.whole...)
	if tree.root() != head.Root {
		next.wrong("leaves %d to %d of the tree", whole*sliceSize, head.Size)
	}
	to := looked{touched: touched}
	if whole > 0 {
		to.slice = (from.slice + slices) % whole
	}
	to.access, err = recheckOthers(ctx, c, access, from.access, next)
	return func() error {
		if next.Wrong != "" || c.Config().StateDir == "" {
			return nil
		}
		return client.ReplaceFile(w.lookedFile(head.Database), fmt.Sprintln(to.slice, to.access, to.touched))
	}, err
}

// sliceRoots are the kept roots of the whole slices.
func sliceRoots(ctx context.Context, c *client.Client, whole int64) (roots []tlog.Hash, err error) {
	const most = 1000 // at a time
	for first := int64(0); first < whole; first += most {
		var indexes []int64
		for n := first; n < min(first+most, whole); n++ {
			indexes = append(indexes, tlog.StoredHashIndex(sliceLevel, n))
		}
		page, err := treeReader{ctx, c}.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		roots = append(roots, page...)
	}
	return roots, nil
}

// recheckLeaves compares leaves with what their records say, and returns the tree over them.
func recheckLeaves(ctx context.Context, c *client.Client, access, first, past int64, head *Head) (tree grower, err error) {
	for at := first; at < past; at += sealBatch {
		var hashes []byte
		var wrong []Tampered
		most := min(sealBatch, past-at)
		err := c.Unhurried(ctx, func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT hashes, wrong FROM desk.recheck_leaves($1, $2, $3)`, access, at, most).Scan(&hashes, &wrong)
		})
		if err != nil {
			return tree, err
		}
		for _, f := range wrong {
			head.wrong("%d: %s", f.Access, f.What)
		}
		if int64(len(hashes)) != most*tlog.HashSize {
			head.wrong("leaves between %d and %d of the tree are missing", at, at+most)
			return tree, nil
		}
		for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
			tree.add(tlog.Hash(hashes[:tlog.HashSize]))
		}
	}
	return tree, nil
}

// recheckOthers looks for records that were put in among the next ones after a number. It returns where to go on.
func recheckOthers(ctx context.Context, c *client.Client, access, after int64, head *Head) (next int64, err error) {
	var found struct {
		Last  *int64     `json:"last"`
		Wrong []Tampered `json:"wrong"`
	}
	err = c.Answer(ctx, access, &found, `SELECT desk.recheck_others($1, $2, $3)`, []any{after, (slicesPerSeal + 1) << sliceLevel}, c.Unhurried)
	for _, f := range found.Wrong {
		head.wrong("%d: %s", f.Access, f.What)
	}
	if found.Last == nil {
		return math.MinInt64, err
	}
	return *found.Last, err
}

// wrong notes the first thing that is found.
func (h *Head) wrong(format string, args ...any) {
	if h.Wrong == "" {
		h.Wrong = fmt.Sprintf(format, args...)
	}
}

// wrongError is what the sealer ends with when something was found; the head tells everybody else.
func wrongError(head *Head) error {
	if head.Wrong == "" {
		return nil
	}
	return &client.Error{
		Kind:    client.KindRefused,
		Message: "sealed access records were changed (" + head.Wrong + ")",
		Hint:    "tell the data-protection officer; patronctl audit verify --full lists them",
	}
}
