package people

import (
	"context"

	"patronctl/client"
)

// PlacedBlock is a block with its whole history.
type PlacedBlock struct {
	Patron int64 `json:"patron"`
	Block
	LiftedOn *client.Date `json:"lifted_on"`
	InForce  bool         `json:"in_force"`
}

// ListBlocks lists the blocks that the authorities of this login placed on a patron, the lifted ones too.
func ListBlocks(ctx context.Context, c *client.Client, why client.Why, ref string) (patron int64, blocks []PlacedBlock, err error) {
	var answer blockList
	err = c.Read(ctx, "block list", why, client.Criteria{"ref": ref}, &answer, `SELECT desk.list_blocks($1)`)
	return answer.Patron, answer.named(), err
}

// PlaceBlock warns of a patron or refuses service, for an authority (empty: that of this login). level is warn or refuse,
// code one of the setting block_reasons.
func PlaceBlock(ctx context.Context, c *client.Client, why client.Why, ref, authority, level, code string) (*PlacedBlock, error) {
	var placed PlacedBlock
	err := c.Write(ctx, "block place", why, client.Criteria{"ref": ref}, &placed, `SELECT desk.place_block($1, $2, $3, $4)`,
		client.OrNull(authority), level, code)
	return &placed, err
}

// LiftBlocks lifts the blocks of an authority (empty: that of this login) that are in force on a patron, or the one with that
// id. Where there is none, that is an *Error of KindRefused.
func LiftBlocks(ctx context.Context, c *client.Client, why client.Why, ref, authority string, id int64) ([]PlacedBlock, error) {
	var one *int64
	if id != 0 {
		one = &id
	}
	var answer blockList
	err := c.Write(ctx, "block lift", why, client.Criteria{"ref": ref}, &answer, `SELECT desk.lift_blocks($1, $2, $3)`,
		client.OrNull(authority), one)
	return answer.named(), err
}

type blockList struct {
	Patron int64
	Blocks []PlacedBlock
}

// named writes into each block whose it is.
func (l blockList) named() []PlacedBlock {
	for i := range l.Blocks {
		l.Blocks[i].Patron = l.Patron
	}
	return l.Blocks
}
