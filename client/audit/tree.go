package audit

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"patronctl/client"
)

// keptLevels is how many levels of the tree apart those are whose hashes are kept.
const keptLevels = 4

// treeReader reads hashes of the audit tree, all that a proof needs in one round trip.
type treeReader struct {
	ctx context.Context
	c   *client.Client
}

// ReadHashes returns the hashes of the tree at the places of tlog.
func (r treeReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	var levels []int32
	var numbers []int64
	for _, index := range indexes {
		level, number := tlog.SplitStoredHashIndex(index)
		above := level % keptLevels
		for i := range int64(1) << above {
			levels, numbers = append(levels, int32(level-above)), append(numbers, number<<above+i) //nolint:gosec // a tree has 63 levels at most
		}
	}
	var found [][]byte
	err := r.c.Once(r.ctx, `SELECT desk.tree_hashes($1::integer[], $2::bigint[])`, []any{levels, numbers}, &found)
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, _ := tlog.SplitStoredHashIndex(index)
		var part grower
		for range 1 << (level % keptLevels) {
			if len(found) == 0 || len(found[0]) != tlog.HashSize {
				return nil, errMissing
			}
			part.add(tlog.Hash(found[0]))
			found = found[1:]
		}
		hashes[i] = part.root()
	}
	return hashes, nil
}

// grower computes the root of a tree from its leaves, one after the other.
type grower struct {
	size  int64
	whole []tlog.Hash // roots of the complete trees that it consists of, the largest first
}

func (g *grower) add(leaf tlog.Hash) {
	g.whole = append(g.whole, leaf)
	for n := g.size; n&1 == 1; n >>= 1 {
		last := len(g.whole) - 2
		g.whole = append(g.whole[:last], tlog.NodeHash(g.whole[last], g.whole[last+1]))
	}
	g.size++
}

func (g *grower) root() tlog.Hash {
	if len(g.whole) == 0 {
		return tlog.Hash{}
	}
	root := g.whole[len(g.whole)-1]
	for i := len(g.whole) - 2; i >= 0; i-- {
		root = tlog.NodeHash(g.whole[i], root)
	}
	return root
}
