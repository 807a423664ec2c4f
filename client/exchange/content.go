package exchange

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// content is what is written about one person. Whoever writes it goes through all once; then parts is complete.
type content struct {
	head      Head
	relations iter.Seq[Relation]
	parts     []Part
	WriteOptions
}

// rowsPerReport is how many rows pass between two reports of progress.
const rowsPerReport = 10_000

// all yields the relations, and notes what each of them came to.
func (c *content) all() iter.Seq[Relation] {
	return func(yield func(Relation) bool) {
		for relation := range c.relations {
			relation.Rows = c.counted(relation)
			if !yield(relation) {
				return
			}
		}
	}
}

func (c *content) counted(relation Relation) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		report := func(int64) {}
		if c.Progress != nil {
			progress := c.Progress(relation.Name)
			defer progress.Done()
			report = progress.Set
		}
		sum := NewSum()
		var n int64
		for row, err := range relation.Rows {
			if err == nil {
				sum.Add(row)
				if n++; n%rowsPerReport == 0 {
					report(n)
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
		report(n)
		c.parts = append(c.parts, sum.Part(relation.Name))
	}
}

// cells are the values of a row in the order of its columns; null is nil, and a list is JSON.
func cells(relation Relation, row json.RawMessage) ([]*string, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(row, &values); err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", relation.Name, err)
	}
	found := make([]*string, len(relation.Columns))
	for i, column := range relation.Columns {
		value := values[column.Name]
		if json.Unmarshal(value, &found[i]) != nil { // a number, a boolean or a list
			text := string(value)
			found[i] = &text
		}
	}
	return found, nil
}

// flatCells are cells for those who know no lists: the values of one are joined.
func flatCells(relation Relation, row json.RawMessage) ([]*string, error) {
	values, err := cells(relation, row)
	if err != nil {
		return nil, err
	}
	for i, value := range values {
		if value == nil || relation.Columns[i].Type != List {
			continue
		}
		list, err := listed(*value)
		if err != nil {
			return nil, err
		}
		joined := strings.Join(list, "; ")
		values[i] = &joined
	}
	return values, nil
}

func listed(value string) (list []string, err error) {
	if err := json.Unmarshal([]byte(value), &list); err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	return list, nil
}
