package db

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/delivery"
	"patronctl/commands/kit"
	"patronctl/output"
)

type importOptions struct {
	env     *kit.Env
	dir     string
	skipBad string
	force   bool
}

func newImport(env *kit.Env) *cobra.Command {
	o := &importOptions{env: env}
	cmd := &cobra.Command{
		Use:   "import DIR",
		Short: "Load a directory of CSV files",
		Long: `Load a directory with one CSV file for each relation, such as patron.csv and
loan.csv, with a header line that names the columns. Importing the same files
again changes nothing. Connect as the database owner.

A bad row has a wrong type, an unknown reference, an id used twice, or, in files
about who people are, another authority than the patron's home. All bad rows are
listed as file:line: column: reason, and with any of them nothing is loaded,
unless --skip-bad sets them aside in a file. Implausible values are loaded, and
counted as warnings.

Exit status:
  0  loaded
  2  bad rows, or no such directory; nothing was loaded
  7  loaded, but for bad rows
  8  you are not the database owner`,
		Example: `  patronctl db import /srv/handover
  patronctl db import /srv/handover --skip-bad bad.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.skipBad, "skip-bad", "", "load the rest and write bad rows to this `FILE`")
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file of --skip-bad")
	return cmd
}

func (o *importOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[delivery.Imported](o.env.Printer(), nil); err != nil {
		return err
	}
	if info, err := os.Stat(o.dir); err != nil || !info.IsDir() {
		return kit.Usage("%s is not a directory that can be read", o.dir)
	}
	imported, err := o.load(ctx)
	if imported == nil || err != nil && len(imported.Bad) == 0 {
		return err
	}
	if o.env.Flags.Output == output.Table || o.env.Flags.Output == output.Markdown {
		o.listBad(imported.Bad)
	}
	if printErr := output.Document(o.env.Printer(), imported, importScreen(imported)); err == nil {
		err = printErr
	}
	if err == nil && len(imported.Bad) > 0 {
		err = &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: fmt.Sprintf("loaded, but %d bad rows were set aside in %s", len(imported.Bad), o.skipBad),
			Hint:    "mend them in their files and import again: what is loaded already is left alone",
		}
	}
	return err
}

// load imports, through the file for bad rows if there is one: that file must stand before the import can count as done.
func (o *importOptions) load(ctx context.Context) (imported *delivery.Imported, err error) {
	if o.skipBad == "" {
		return o.importTo(ctx, nil)
	}
	loaded := false
	err = output.WriteFileAtomic(o.skipBad, o.force, func(w io.Writer) (err error) {
		imported, err = o.importTo(ctx, w)
		loaded = err == nil
		return err
	})
	if loaded && err != nil {
		err = &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: "the good rows were loaded, but the bad ones were not set aside: " + err.Error(),
			Hint:    "import the same files again with another --skip-bad FILE: what is loaded already is left alone",
		}
	}
	return imported, err
}

func (o *importOptions) importTo(ctx context.Context, bad io.Writer) (*delivery.Imported, error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, err
	}
	bars := &bars{env: o.env}
	defer bars.done()
	return delivery.Import(ctx, c, o.dir, delivery.Options{SkipBad: bad, Progress: bars.set})
}

// listBad names every bad row, also with --quiet: they are the problem.
func (o *importOptions) listBad(rows []delivery.BadRow) {
	for _, row := range rows {
		line := fmt.Sprintf("%s:%d: %s: %s", row.File, row.Line, row.Column, row.Reason)
		_, _ = fmt.Fprintln(o.env.Err, output.Clean(line)) // a failure has no other place to be told
	}
}

// bars shows one progress after the other, for each relation.
type bars struct {
	env      *kit.Env
	relation string
	current  *output.Progress
}

func (b *bars) set(relation string, done, total int64) {
	if relation != b.relation {
		b.done()
		b.relation = relation
		b.current = output.NewProgress(b.env.Terminal, b.env.Err, b.env.Flags.Quiet, relation, total)
	}
	if done > 0 { // that it begins is shown by a bar, and not worth a line
		b.current.Set(done)
	}
}

func (b *bars) done() {
	if b.current != nil {
		b.current.Done()
	}
}

func importScreen(i *delivery.Imported) []output.Section {
	grid := &output.Grid{Headers: []string{"relation", "read", "added", "known", "bad"}, Right: []bool{false, true, true, true, true}}
	for _, r := range i.Relations {
		bad := output.Cell{Text: strconv.FormatInt(r.Bad, 10)}
		if r.Bad > 0 {
			bad.Style = output.Bad
		}
		grid.Rows = append(grid.Rows, []output.Cell{
			{Text: r.Relation},
			{Text: strconv.FormatInt(r.Read, 10)},
			{Text: strconv.FormatInt(r.Added, 10)},
			{Text: strconv.FormatInt(r.Known, 10)},
			bad,
		})
	}
	sections := []output.Section{{Grid: grid}}
	if len(i.Warnings) > 0 {
		warnings := &output.Grid{Headers: []string{"relation", "warning", "rows"}, Right: []bool{false, false, true}}
		for _, w := range i.Warnings {
			warnings.Rows = append(warnings.Rows, []output.Cell{
				{Text: w.Relation}, {Text: w.Warning, Style: output.Caution}, {Text: strconv.FormatInt(w.Count, 10)},
			})
		}
		sections = append(sections, output.Section{Title: "Warnings", Grid: warnings})
	}
	return sections
}
