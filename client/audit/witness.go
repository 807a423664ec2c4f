package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// What is wrong with a head of the audit tree.
var (
	errMissing = errors.New("a hash of the audit tree is missing")
	errShorter = errors.New("the audit tree is shorter than it was")
	errForked  = errors.New("the audit tree is not the one it was, grown")
)

// kept is what this user keeps of the audit tree of one database.
type kept struct {
	verifier string
	head     *Head
}

// witness remembers heads of audit trees in a directory: for each address the database that was seen there, for each
// database the newest head and the key that signs.
type witness struct{ dir, address string }

func witnessOf(c *client.Client) witness {
	settings := c.Settings()
	place := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", client.Address(settings), settings.Database))
	return witness{filepath.Join(c.Config().StateDir, "audit"), "at-" + hex.EncodeToString(place[:8])}
}

// database is the one that was seen at this address; empty for none.
func (w witness) database() string {
	text, _ := os.ReadFile(filepath.Join(w.dir, w.address)) // none
	return strings.TrimSpace(string(text))
}

// of reads what is kept of a database; nil for nothing.
func (w witness) of(database string) (*kept, error) {
	path := filepath.Join(w.dir, database)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k := &kept{}
	var signed string
	k.verifier, signed, _ = strings.Cut(string(text), "\n")
	if k.head, err = openHead(signed, k.verifier); err != nil {
		return nil, &client.Error{
			Kind:    client.KindInternal,
			Message: "the head of the audit tree that is kept in " + path + " was damaged",
			Hint:    "compare it with other computers', then remove the file",
			Cause:   err,
		}
	}
	return k, nil
}

// keep writes the newest head, unless another run of this user has kept a newer one meanwhile.
func (w witness) keep(k *kept) error {
	if now, err := w.of(k.head.Database); err == nil && now != nil && !k.head.after(now.head) {
		return nil
	}
	if err := client.ReplaceFile(filepath.Join(w.dir, k.head.Database), k.verifier+"\n"+k.head.signed); err != nil {
		return err
	}
	if w.database() == k.head.Database {
		return nil
	}
	return client.ReplaceFile(filepath.Join(w.dir, w.address), k.head.Database+"\n")
}

// after tells whether a head is newer than another of the same tree.
func (h *Head) after(old *Head) bool {
	return h.Restores > old.Restores || h.Restores == old.Restores && h.Size > old.Size
}

// judge proves that the newest head extends the one kept.
func judge(ctx context.Context, c *client.Client, old *kept, told client.Heads) (*Head, error) {
	if told.Head == nil {
		return nil, errShorter
	}
	head, err := openHead(*told.Head, old.verifier)
	if err != nil {
		return nil, err
	}
	switch last := old.head; {
	case last == nil:
		return head, proveRoot(ctx, c, head)
	case head.Database != last.Database || told.Database != last.Database:
		return nil, errForked
	case head.Restores > last.Restores:
		if err := proveRoot(ctx, c, head); err != nil {
			return nil, err
		}
		return head, succeeds(c, last, told.Successors, old.verifier)
	case last.after(head):
		return nil, errShorter
	case last.Size == head.Size:
		if last.Root != head.Root {
			return nil, errForked
		}
		return head, proveRoot(ctx, c, head)
	default:
		return head, proveGrowth(ctx, c, last, head)
	}
}

// proveRoot checks that the tree which is there is the one of a head.
func proveRoot(ctx context.Context, c *client.Client, head *Head) error {
	root, err := tlog.TreeHash(head.Size, treeReader{ctx, c})
	if err == nil && root != head.Root {
		err = errForked
	}
	return err
}

// proveGrowth checks that an older tree is the beginning of a newer one.
func proveGrowth(ctx context.Context, c *client.Client, old, head *Head) error {
	proof, err := tlog.ProveTree(head.Size, old.Size, treeReader{ctx, c})
	if err != nil {
		return err
	}
	if tlog.CheckTree(proof, head.Size, head.Root, old.Size, old.Root) != nil {
		return errForked
	}
	return nil
}

// succeeds checks that each restore since a head was announced by the sealer, and tells it.
func succeeds(c *client.Client, last *Head, successors []string, verifier string) error {
	if int64(len(successors)) <= last.Restores {
		return errForked
	}
	for i, signed := range successors[last.Restores:] {
		next, err := openHead(signed, verifier)
		if err != nil {
			return err
		}
		if next.lost == nil || next.Database != last.Database || next.Restores != last.Restores+1 || i == 0 && last.after(next.lost) {
			return errForked
		}
		c.Notice(fmt.Sprintf("the database was restored from a backup: access records %d to %d of its audit tree may be lost, "+
			"as the sealer announced on %s", next.Size, next.lost.Size, next.At.Local().Format("2006-01-02")))
		last = next
	}
	return nil
}

// evidence writes down both heads and returns the error that stops the run.
func (w witness) evidence(old *kept, told client.Heads, what error) error {
	text := fmt.Sprintf("%s\n\nat %s, database %s\n\nkept:\n", what, w.address, told.Database)
	if old.head != nil {
		text += old.head.signed
	}
	text += "\nkey kept:\n" + old.verifier + "\n\ntold now:\n"
	if told.Head != nil {
		text += *told.Head
	}
	sum := sha256.Sum256([]byte(text))
	file := filepath.Join(w.dir, "evidence-"+hex.EncodeToString(sum[:4]))
	if err := client.ReplaceFile(file, text); err != nil {
		file = "no file, because of: " + err.Error()
	}
	shown := what
	for _, known := range []error{errMissing, errShorter, errForked, errSignature} {
		if errors.Is(what, known) {
			shown = known
		}
	}
	return &client.Error{
		Kind: client.KindRefused, Message: shown.Error() + ": sealed access records were changed or lost; evidence is in " + file, Cause: what,
		Hint: "tell the data-protection officer; after a restore the sealer runs: patronctl audit seal --restored",
	}
}
