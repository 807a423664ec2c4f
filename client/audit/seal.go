package audit

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// sealBatch is how many records are sealed in a transaction.
const sealBatch = 20_000

// Seal adds every finished access record to the audit tree and signs its head, which must extend the one this user saw last.
// After a restore, with Config.Restored, the head names the one that was lost.
func Seal(ctx context.Context, c *client.Client, why client.Why, signer string, progress func(size int64)) (*Head, error) {
	verifier, err := client.Verifier(client.AuditKey, signer)
	if err != nil {
		return nil, &client.Error{Kind: client.KindUsage, Message: "this is no key that signs heads of the audit tree", Cause: err}
	}
	last, told, err := lastHead(ctx, c)
	if err != nil {
		return nil, err
	}
	access, err := c.Open(ctx, "audit seal", why, nil)
	if err != nil {
		return nil, err
	}
	head := &Head{Database: told.Database}
	var touched int64
	for more := true; more; {
		var tree struct {
			Size    int64 `json:"size"`
			More    bool  `json:"more"`
			Touched int64 `json:"touched"`
		}
		err := c.Answer(ctx, access, &tree, `SELECT desk.seal($1, $2)`, []any{sealBatch}, c.Unhurried)
		if err != nil {
			return nil, err
		}
		head.Size, more, touched = tree.Size, tree.More, tree.Touched
		progress(tree.Size)
	}
	if head.Root, err = tlog.TreeHash(head.Size, treeReader{ctx, c}); err != nil {
		return nil, err
	}
	if err := follow(ctx, c, head, last); err != nil {
		return nil, err
	}
	done, err := recheck(ctx, c, access, last, head, touched)
	if err != nil {
		return nil, err
	}
	if last != nil && head.place() == last.place() { // an open transaction holds everything up
		return last, wrongError(head)
	}
	head.At = time.Now() //nolint:forbidigo // the sealer's clock: whoever rules the server rules its clock too
	if err := head.sign(signer); err != nil {
		return nil, err
	}
	err = c.Transact(ctx, access, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT desk.keep_head($1, $2, $3, $4, $5, $6)`, access, head.Restores, head.Size, head.signed, verifier, touched)
		return err
	})
	if err == nil && c.Config().StateDir != "" {
		err = errors.Join(witnessOf(c).keep(&kept{verifier, head}), done())
	}
	if err == nil {
		err = wrongError(head)
	}
	return head, err
}

// lastHead is the head that a new one must extend: the newest that this user saw, else the newest of the database.
func lastHead(ctx context.Context, c *client.Client) (*Head, client.Heads, error) {
	told, err := c.Heads(ctx, nil)
	if err != nil {
		return nil, told, err
	}
	if c.Config().StateDir != "" {
		old, err := witnessOf(c).of(told.Database)
		if err != nil || old != nil {
			return old.newest(), told, err
		}
	}
	if told.Head == nil || told.Verifier == nil {
		return nil, told, nil
	}
	head, err := openHead(*told.Head, *told.Verifier)
	return head, told, err
}

// follow proves that a head extends the last one, or makes it the successor of one that was lost.
func follow(ctx context.Context, c *client.Client, head, last *Head) error {
	if last == nil {
		return nil
	}
	head.Restores = last.Restores
	err := errShorter
	if head.Size >= last.Size {
		err = proveGrowth(ctx, c, last, head)
	}
	if err == nil && c.Config().Restored {
		return &client.Error{
			Kind:    client.KindRefused,
			Message: "nothing is missing of the audit tree that this computer saw last",
			Hint:    "seal without --restored",
		}
	}
	if err != nil && !c.Config().Restored {
		return &client.Error{
			Kind:    client.KindRefused,
			Message: err.Error(),
			Hint:    "when the database was restored from a backup: patronctl audit seal --restored",
			Cause:   err,
		}
	}
	if err != nil {
		head.Restores, head.lost = last.Restores+1, last
	}
	return nil
}

// NewestHead is the newest head of the audit tree, and the public half of the key that signed it: the one that this user saw
// first, where there is a state directory.
func NewestHead(ctx context.Context, c *client.Client) (head *Head, verifier string, err error) {
	told, err := c.Heads(ctx, nil)
	if err != nil {
		return nil, "", err
	}
	if told.Head == nil || told.Verifier == nil {
		return nil, "", &client.Error{
			Kind:    client.KindNotFound,
			Message: "nothing was sealed in this database yet",
			Hint:    "a maintenance job runs: patronctl audit seal",
		}
	}
	verifier = *told.Verifier
	if c.Config().StateDir != "" {
		if old, err := witnessOf(c).of(told.Database); err == nil && old != nil {
			verifier = old.verifier
		}
	}
	head, err = openHead(*told.Head, verifier)
	return head, verifier, err
}

// newest is the head that is kept, if any is.
func (k *kept) newest() *Head {
	if k == nil {
		return nil
	}
	return k.head
}

// RequireFirstSeal refuses, before a key is made, whoever may not seal, or where heads were signed with another key.
func RequireFirstSeal(ctx context.Context, c *client.Client) error {
	told, err := c.Heads(ctx, nil)
	if err == nil && told.Head != nil {
		return &client.Error{
			Kind:    client.KindUsage,
			Message: "the key that signs the audit tree is not here",
			Hint:    "seal where it is, or name it: --key FILE",
		}
	}
	var may bool
	if err == nil {
		err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT desk.may('audit seal')`).Scan(&may)
		})
	}
	if err == nil && !may {
		return &client.Error{
			Kind:    client.KindRefused,
			Message: "your login may not do this: audit seal needs the role job",
			Hint:    "an administrator registers roles with: patronctl staff add LOGIN --role job",
		}
	}
	return err
}
