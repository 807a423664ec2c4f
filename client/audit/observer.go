package audit

import (
	"context"
	"errors"

	"patronctl/client"
)

// Observer compares the audit tree at each connection with what this user saw of it last, and keeps its newest head. A
// tree that is not what it was, grown, ends the connection, and so does a database that hides it.
func Observer() client.Observer { return &observer{} }

type observer struct {
	proven *kept // what is new of the tree, to be written down when the work is done
}

// Seen is of ledgers.
func (*observer) Seen(*client.Client) []string { return nil }

// Told judges what the database says.
func (o *observer) Told(ctx context.Context, c *client.Client, told client.Heads, err error) error {
	switch {
	case err == nil:
		return o.watch(ctx, c, told)
	case witnessOf(c).database() != "" && !c.Config().AnyVersion:
		return err
	}
	return nil
}

// Closing writes the head down that was proven on connecting. That waits until the answer is there: a run that is cut short
// before proves it once more.
func (o *observer) Closing(c *client.Client) {
	if o.proven == nil {
		return
	}
	if err := witnessOf(c).keep(o.proven); err != nil {
		c.Notice("the newest head of the audit tree could not be kept: " + err.Error())
	}
}

// watch compares the newest head of the audit tree with the one that this user saw last; Closing keeps it. An error means that
// records which were sealed have changed, or that somebody wants to hide it.
func (o *observer) watch(ctx context.Context, c *client.Client, told client.Heads) error {
	w := witnessOf(c)
	seen := w.database()
	if seen == "" {
		seen = told.Database
	}
	old, err := w.of(seen)
	if err != nil {
		return err
	}
	if old == nil && (told.Head == nil || told.Verifier == nil) {
		return nil // nothing was ever sealed
	}
	if old == nil {
		old = &kept{verifier: *told.Verifier}
	}
	head, err := judge(ctx, c, old, told)
	if errors.Is(err, errShorter) && c.Config().Restored {
		return nil
	}
	if own := (*client.Error)(nil); err != nil && !errors.As(err, &own) {
		return w.evidence(old, told, err)
	}
	if err == nil && (old.head == nil || head.after(old.head) || w.database() == "") {
		o.proven = &kept{old.verifier, head}
	}
	if err == nil {
		tellWrong(c, head, told)
	}
	return err
}

// tellWrong tells, at every start, what the sealer found when it looked at old records, or that rows were touched since. It
// does not stop anybody: the tree is what it was, and the record that was changed is known.
func tellWrong(c *client.Client, head *Head, told client.Heads) {
	wrong := head.Wrong
	if wrong == "" && told.Wrong != nil {
		wrong = *told.Wrong
	}
	if wrong != "" {
		c.Notice("sealed access records were changed (" + wrong +
			"): tell the data-protection officer; patronctl audit verify --full lists them")
	}
}
