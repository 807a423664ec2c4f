package export

import (
	"encoding/json"
	"iter"

	"patronctl/client"
	"patronctl/output"
)

// rowsPerReport is how many rows pass between two reports of progress.
const rowsPerReport = 10_000

// counted passes relations on, shows how far each has come, and notes their rows in done.
func (o *options) counted(relations iter.Seq[client.ExportRelation], done *receipt) iter.Seq[client.ExportRelation] {
	return func(yield func(client.ExportRelation) bool) {
		for relation := range relations {
			rows := relation.Rows
			relation.Rows = func(yield func(json.RawMessage, error) bool) {
				progress := output.NewProgress(o.env.Terminal, o.env.Err, o.env.Flags.Quiet, relation.Name, 0)
				defer progress.Done()
				var n int64
				for row, err := range rows {
					if err == nil {
						n++
					}
					if n > 0 && n%rowsPerReport == 0 {
						progress.Set(n)
					}
					if !yield(row, err) {
						return
					}
				}
				progress.Set(n)
				done.Relations = append(done.Relations, relationRows{relation.Name, n})
			}
			if !yield(relation) {
				return
			}
		}
	}
}
