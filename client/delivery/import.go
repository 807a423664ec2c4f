// Package delivery loads the files of another library system: one CSV file for each relation of the catalogue, all of them
// in one transaction. Rows that cannot be loaded are told by file, line and column, never by value. It imports the core, and
// install for the rights of the owner.
package delivery

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/schema"
)

// Options steer Import.
type Options struct {
	// SkipBad, when not nil, receives bad rows as CSV (file,line,column,reason) and lets the rest load.
	SkipBad io.Writer
	// Progress is told what is being loaded and how many rows so far; total is 0 when unknown.
	Progress func(relation string, done, total int64)
}

// BadRow is one row that cannot be loaded.
type BadRow struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Column string `json:"column"`
	Reason string `json:"reason"`
}

// ImportedRelation counts what one file brought.
type ImportedRelation struct {
	Relation string `json:"relation"`
	Read     int64  `json:"read"`
	Added    int64  `json:"added"`
	Known    int64  `json:"known"` // already seen in an earlier import
	Bad      int64  `json:"bad"`
}

// Warning counts implausible values.
type Warning struct {
	Relation string `json:"relation"`
	Warning  string `json:"warning"`
	Count    int64  `json:"count"`
}

// Imported is the outcome of an import.
type Imported struct {
	Relations []ImportedRelation `json:"relations"`
	Warnings  []Warning          `json:"warnings"`
	Bad       []BadRow           `json:"bad"`
}

// Import loads one CSV file per relation from dir, as the database owner, in one transaction. With bad rows and no SkipBad
// nothing is loaded, the outcome lists them and the error is of KindUsage.
func Import(ctx context.Context, c *client.Client, dir string, opt Options) (*Imported, error) {
	if err := install.RequireInstalled(ctx, c); err != nil {
		return nil, err
	}
	if err := install.RequireOwner(ctx, c); err != nil {
		return nil, err
	}
	if err := checkNames(dir); err != nil {
		return nil, err
	}
	if opt.Progress == nil {
		opt.Progress = func(string, int64, int64) {}
	}
	run := importRun{dir: dir, opt: opt}
	err := c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		run.tx = tx
		if err := install.LockInstallation(ctx, tx); err != nil {
			return err
		}
		return install.AsOwner(ctx, tx, func() error {
			if err := run.stage(ctx); err != nil {
				return err
			}
			return run.load(ctx)
		})
	})
	if err != nil { // what was added was taken back
		for i := range run.out.Relations {
			run.out.Relations[i].Added = 0
		}
	}
	return &run.out, err
}

// checkNames refuses CSV files that belong to no relation: a misspelt name would silently load nothing.
func checkNames(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &client.Error{
			Kind:    client.KindUsage,
			Message: "cannot read the directory of the CSV files",
			Hint:    "give a directory with one CSV file per relation",
			Cause:   err,
		}
	}
	var accepted []string
	for _, r := range relations() {
		accepted = append(accepted, r.file())
	}
	found := false
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".csv" {
			continue
		}
		if !slices.Contains(accepted, entry.Name()) {
			return &client.Error{
				Kind:    client.KindUsage,
				Message: "there is no relation for the file " + strconv.Quote(entry.Name()),
				Hint:    "the files are " + strings.Join(accepted, ", "),
			}
		}
		found = true
	}
	if !found {
		return &client.Error{
			Kind:    client.KindUsage,
			Message: "there is no CSV file in the directory",
			Hint:    "the files are " + strings.Join(accepted, ", "),
		}
	}
	return nil
}

// importRun is one import under way.
type importRun struct {
	dir string
	opt Options
	tx  pgx.Tx
	out Imported
	// present are the relations that have a file; each counts in out.Relations at the same place.
	present []*relation
}

// stage copies the files into temporary tables, as the login.
func (run *importRun) stage(ctx context.Context) error {
	if err := run.sql(ctx, "stage"); err != nil {
		return err
	}
	for i := range relations() {
		if err := run.copy(ctx, &relations()[i]); err != nil {
			return err
		}
	}
	return run.sql(ctx, "analyze_stage")
}

func (run *importRun) copy(ctx context.Context, r *relation) error {
	file, err := openImport(run.dir, r)
	if err != nil || file == nil {
		return err
	}
	defer file.close()
	file.bad = func(row BadRow) { run.out.Bad = append(run.out.Bad, row) }
	file.progress = func(done int64) { run.opt.Progress(r.name, done, 0) }
	_, err = run.tx.CopyFrom(ctx, pgx.Identifier{"pg_temp", r.name}, file.target(), file)
	if err = cmp.Or(file.err, err); err != nil { // the server only knows that the copy was given up
		return err
	}
	run.present = append(run.present, r)
	run.out.Relations = append(run.out.Relations, ImportedRelation{Relation: r.name, Read: file.read})
	return nil
}

// load moves what was staged into place. An empty library is filled without its keys, which are checked at the end.
func (run *importRun) load(ctx context.Context) error {
	if _, err := run.tx.Exec(ctx, `SELECT desk.require_open('db import')`); err != nil {
		return err
	}
	var first bool
	if err := run.tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM lms.patron)`).Scan(&first); err != nil {
		return err
	}
	if !first {
		return run.checkAndInsert(ctx)
	}
	if err := run.sql(ctx, "first_begin"); err != nil {
		return err
	}
	if err := run.checkAndInsert(ctx); err != nil {
		return err
	}
	return run.sql(ctx, "first_end")
}

// checkAndInsert checks every relation before the first large one is loaded.
func (run *importRun) checkAndInsert(ctx context.Context) error {
	for i, r := range run.present {
		if err := run.sql(ctx, "check/"+r.name); err != nil {
			return err
		}
		if r.place {
			if err := run.insert(ctx, i); err != nil {
				return err
			}
		}
	}
	if err := run.collect(ctx); err != nil {
		return err
	}
	for i, r := range run.present {
		if !r.place {
			if err := run.insert(ctx, i); err != nil {
				return err
			}
		}
	}
	return run.finish(ctx)
}

// insert loads the rows of a relation that are good and new.
func (run *importRun) insert(ctx context.Context, i int) error {
	counts := &run.out.Relations[i]
	run.opt.Progress(counts.Relation, 0, counts.Read)
	if run.present[i].home {
		if err := run.tx.QueryRow(ctx, `SELECT lms.load_home_rows($1)`, counts.Relation).Scan(&counts.Added); err != nil {
			return err
		}
	} else {
		tag, err := run.tx.Exec(ctx, schema.File("import/load/"+counts.Relation+".sql"))
		if err != nil {
			return err
		}
		counts.Added = tag.RowsAffected()
	}
	run.opt.Progress(counts.Relation, counts.Read, counts.Read)
	return nil
}

// collect gathers the bad rows that the checks found. Unless they are to be skipped, they end the import.
func (run *importRun) collect(ctx context.Context) error {
	const found = `SELECT relation || '.csv', line, column_name, reason FROM pg_temp.bad`
	rows, _ := run.tx.Query(ctx, found) // CollectRows returns its error
	bad, err := pgx.CollectRows(rows, pgx.RowToStructByPos[BadRow])
	if err != nil {
		return err
	}
	for _, row := range bad {
		row.Reason = strings.Map(visible, row.Reason)
		run.out.Bad = append(run.out.Bad, row)
	}
	order := map[string]int{}
	for i, r := range run.present {
		order[r.file()] = i
	}
	slices.SortStableFunc(run.out.Bad, func(a, b BadRow) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	run.countBad(order)
	if len(run.out.Bad) == 0 {
		return nil
	}
	if run.opt.SkipBad == nil {
		return run.refuse()
	}
	return run.setAside()
}

// visible replaces what a terminal or a spreadsheet would act on in a code that a reason quotes.
func visible(r rune) rune {
	if r == ';' || !unicode.IsPrint(r) {
		return unicode.ReplacementChar
	}
	return r
}

// countBad counts rows: one may be bad for several reasons.
func (run *importRun) countBad(order map[string]int) {
	for i, row := range run.out.Bad {
		if i == 0 || row.File != run.out.Bad[i-1].File || row.Line != run.out.Bad[i-1].Line {
			run.out.Relations[order[row.File]].Bad++
		}
	}
}

func (run *importRun) refuse() error {
	var bad int64
	for i := range run.out.Relations {
		bad += run.out.Relations[i].Bad
	}
	return &client.Error{
		Kind:    client.KindUsage,
		Message: fmt.Sprintf("%d bad rows; nothing was loaded", bad),
		Hint:    "correct them, or set them aside with --skip-bad OUT.csv",
	}
}

func (run *importRun) setAside() error {
	out := csv.NewWriter(run.opt.SkipBad)
	_ = out.Write([]string{"file", "line", "column", "reason"}) // Error tells
	for _, row := range run.out.Bad {
		_ = out.Write([]string{row.File, strconv.FormatInt(row.Line, 10), row.Column, row.Reason})
	}
	out.Flush()
	return out.Error()
}

func (run *importRun) finish(ctx context.Context) error {
	for i := range run.out.Relations {
		counts := &run.out.Relations[i]
		counts.Known = counts.Read - counts.Bad - counts.Added
	}
	if err := run.sql(ctx, "finish"); err != nil {
		return err
	}
	const found = `SELECT relation, warning, count FROM pg_temp.warning ORDER BY relation, warning`
	rows, _ := run.tx.Query(ctx, found) // CollectRows returns its error
	var err error
	run.out.Warnings, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Warning])
	return err
}

// sql runs a file of statements.
func (run *importRun) sql(ctx context.Context, name string) error {
	_, err := run.tx.Exec(ctx, schema.File("import/"+name+".sql"))
	return err
}
