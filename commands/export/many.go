package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"patronctl/client/exchange"
	"patronctl/commands/kit"
	"patronctl/output"
)

// written is a line about one person of many.
type written struct {
	Patron int64  `json:"patron"`
	File   string `json:"file"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the file as it is, for sha256sum
	Access int64  `json:"access"`
}

var writtenColumns = []output.Column[written]{
	{Name: "patron", Right: true, Value: func(w written) string { return strconv.FormatInt(w.Patron, 10) }},
	{Name: "file", Value: func(w written) string { return w.File }},
	{Name: "rows", Right: true, Value: func(w written) string { return strconv.FormatInt(w.Rows, 10) }},
	{Name: "sha256", Shrink: true, Value: func(w written) string { return w.SHA256 }},
	{Name: "access", Right: true, Value: func(w written) string { return strconv.FormatInt(w.Access, 10) }},
}

// peoplePerReport is how many people pass between two reports of progress.
const peoplePerReport = 10

// runMany writes a file for each patron of a list into a directory, one after the other.
func (o *options) runMany(ctx context.Context) error {
	if err := output.CheckColumns(o.env.Printer(), writtenColumns); err != nil {
		return err
	}
	if !isDirectory(o.to) {
		return kit.Usage("with - or --file, --to takes a directory that is there")
	}
	if err := o.encryption.Prepare(ctx, o.env); err != nil {
		return err
	}
	done, err := openIndex(filepath.Join(o.to, indexName), runHead{indexSchema, o.scope, o.format, o.encryption.Asked(), ""})
	if err != nil {
		return err
	}
	defer done.file.Close() //nolint:errcheck // every line was synced
	return o.listMany(ctx, done)
}

func (o *options) listMany(ctx context.Context, done *index) error {
	quiet := o.env.Flags.Quiet || o.env.Terminal.OutIsTTY() // the rows themselves tell how far it has come
	progress := output.NewProgress(o.env.Terminal, o.env.Err, quiet, "people", 0)
	people, before := int64(0), 0
	rows := kit.Rows(o.env, o.people, func(ref string) ([]written, error) {
		if people++; people%peoplePerReport == 0 {
			progress.Set(people)
		}
		if !o.force && done.has(ref) {
			before++
			return nil, nil
		}
		row, err := o.writeOne(ctx, ref, done)
		if err != nil || row == nil {
			return nil, err
		}
		return []written{*row}, nil
	})
	err := output.List(o.env.Printer(), writtenColumns, rows)
	progress.Set(people)
	progress.Done()
	if before > 0 {
		o.env.Note("%d were done before", before)
	}
	return err
}

// writeOne writes one person's file; nil is somebody who was done under another card.
func (o *options) writeOne(ctx context.Context, ref string, done *index) (*written, error) {
	export, err := o.open(ctx, ref)
	if err != nil {
		return nil, err
	}
	if same, ok := done.patron(export.Head.Patron); ok && !o.force {
		return nil, done.add(ref, same)
	}
	name := fmt.Sprintf("patron-%d%s", export.Head.Patron, o.ending())
	row := &written{Patron: export.Head.Patron, File: name, Access: export.Head.Access}
	err = output.WriteFileAtomic(filepath.Join(o.to, name), o.force, func(w io.Writer) error {
		hash := sha256.New()
		receipt, err := o.write(io.MultiWriter(w, hash), name, export)
		if err != nil {
			return err
		}
		row.Rows, row.SHA256 = total(receipt.Relations), hex.EncodeToString(hash.Sum(nil))
		return done.add(ref, *row) // before the file gets its name: a line without a file is done again
	})
	if errors.Is(err, output.ErrExists) {
		return nil, &kit.Error{
			Code:    kit.ExitRefused,
			Message: name + " is there already, from elsewhere",
			Hint:    "add --force to overwrite it, or choose another directory",
		}
	}
	if err != nil {
		return nil, err
	}
	return row, nil
}

func total(parts []exchange.Part) (rows int64) {
	for _, part := range parts {
		rows += part.Rows
	}
	return rows
}
