// Package export writes everything about one person to a file: what they may take along, or all that is held.
package export

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

type format string

const (
	formatJSON format = "json"
	formatCSV  format = "csv"
)

type options struct {
	env    *kit.Env
	ref    string
	to     string
	format format
	scope  client.ExportScope
	force  bool

	request int64
}

// New returns the export command.
func New(env *kit.Env) *cobra.Command {
	o := &options{env: env, format: formatJSON, scope: client.Portability}
	cmd := &cobra.Command{
		Use:   "export PATRON --to PATH",
		Short: "Write everything about one person to a file",
		Long: `Write everything about one person to a file that only you can read. The law
keeps two requests apart: "portability" (GDPR art. 20) is what the person
provided or caused, "access" (art. 15) everything held, with blocks and who was
consulted when and why.

PATH may be a directory: the file is then named after the patron and the day.
As json it is one document; as csv a zip archive with a file for each relation
and a manifest with row counts and checksums. The file appears complete or not
at all. Data-protection officers of the patron's home may do this.

--request links it, once it is written, to the open request of this very person
that asked for it, which can then be closed as granted.

Exit status:
  0  written
  1  the disk is full, or the file cannot be written
  2  the file exists and --force was not given
  3  no such patron, or several match
  8  your role may not do this, the patron's home is elsewhere, or the request
     is another person's, of another kind, paused or closed`,
		Example: `  patronctl export 20000000000012 --to novak.json
  patronctl export id:123 --to /srv/requests --format csv
  patronctl export id:123 --to id123.json --scope access --request 17`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ref = strings.Join(args, " ")
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.to, "to", "", "file or directory to write to, as a `PATH`")
	kit.EnumVar(cmd, &o.format, "format", "format of the file", string(formatJSON), string(formatCSV))
	kit.EnumVar(cmd, &o.scope, "scope", "what it holds", string(client.Portability), string(client.FullAccess))
	kit.RequestVar(cmd, env, &o.request)
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file")
	_ = cmd.MarkFlagRequired("to") // the flag was added above
	return cmd
}

func (o *options) run(ctx context.Context) error {
	if err := output.CheckColumns[receipt](o.env.Printer(), nil); err != nil {
		return err
	}
	switch {
	case o.ref == "-":
		return kit.Usage("export takes one patron as an argument, not from standard input")
	case o.to == "":
		return kit.Usage("--to takes a file or a directory")
	}
	write := o.toFile
	if info, err := os.Stat(o.to); err == nil && info.IsDir() {
		write = o.intoDirectory
	}
	done, err := write(ctx)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), done, done.screen())
}

// toFile looks at the file first: where it must not be written, nobody's data are opened.
func (o *options) toFile(ctx context.Context) (done *receipt, err error) {
	err = output.WriteFileAtomic(o.to, o.force, func(w io.Writer) error {
		export, head, err := o.open(ctx)
		if err == nil {
			done, err = o.write(w, o.to, head, export)
		}
		if err == nil {
			err = o.link(ctx, export)
		}
		return err
	})
	return done, err
}

// intoDirectory must know the patron before it can name the file.
func (o *options) intoDirectory(ctx context.Context) (done *receipt, err error) {
	export, head, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	ending := map[format]string{formatJSON: "json", formatCSV: "zip"}[o.format]
	day, _, _ := strings.Cut(head.GeneratedAt, "T")
	path := filepath.Join(o.to, fmt.Sprintf("patron-%d-%s.%s", head.Patron, day, ending))
	err = output.WriteFileAtomic(path, o.force, func(w io.Writer) (err error) {
		if done, err = o.write(w, path, head, export); err == nil {
			err = o.link(ctx, export)
		}
		return err
	})
	return done, err
}

func (o *options) open(ctx context.Context) (*client.Export, head, error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, head{}, err
	}
	export, err := c.OpenExport(ctx, o.env.Why(), o.ref, o.scope)
	if err != nil {
		return nil, head{}, err
	}
	if o.request != 0 {
		if err := c.CheckAnswer(ctx, export, o.request); err != nil {
			return nil, head{}, err
		}
	}
	return export, head{
		Schema:      "patronctl-export/1",
		Scope:       o.scope,
		LegalBasis:  legalBasis[o.scope],
		GeneratedAt: time.Now().UTC().Format(time.RFC3339), //nolint:forbidigo // when this file was made, not a day that rules depend on
		Access:      export.Access,
		Patron:      export.Patron,
	}, nil
}

func (o *options) write(w io.Writer, path string, h head, export *client.Export) (*receipt, error) {
	done := &receipt{File: path, Format: o.format, Scope: o.scope, Patron: h.Patron, Access: h.Access, Request: o.request}
	relations := o.counted(export.Relations, done)
	if o.format == formatCSV {
		return done, writeZip(w, h, relations, o.env.Flags.RawCSV)
	}
	return done, writeJSON(w, h, relations)
}

// link comes last: what was not written answers no request.
func (o *options) link(ctx context.Context, export *client.Export) error {
	if o.request == 0 {
		return nil
	}
	c, err := o.env.Client(ctx)
	if err == nil {
		_, err = c.AnswerRequest(ctx, export, o.request)
	}
	return err
}

// head is what both formats say about the export itself.
type head struct {
	Schema      string             `json:"schema"`
	Scope       client.ExportScope `json:"scope"`
	LegalBasis  string             `json:"legal_basis"`
	GeneratedAt string             `json:"generated_at"`
	Access      int64              `json:"access"` // number of the access record
	Patron      int64              `json:"patron"`
}

var legalBasis = map[client.ExportScope]string{
	client.Portability: "GDPR art. 20",
	client.FullAccess:  "GDPR art. 15",
}

// receipt says what was written.
type receipt struct {
	File      string             `json:"file"`
	Format    format             `json:"format"`
	Scope     client.ExportScope `json:"scope"`
	Patron    int64              `json:"patron"`
	Relations []relationRows     `json:"relations"`
	Access    int64              `json:"access"`
	Request   int64              `json:"request,omitempty"` // that it was made for
}

type relationRows struct {
	Relation string `json:"relation"`
	Rows     int64  `json:"rows"`
}

func (r *receipt) screen() []output.Section {
	grid := &output.Grid{Headers: []string{"relation", "rows"}, Right: []bool{false, true}}
	for _, relation := range r.Relations {
		grid.Rows = append(grid.Rows, []output.Cell{{Text: relation.Relation}, {Text: strconv.FormatInt(relation.Rows, 10)}})
	}
	about := []output.Pair{
		{Name: "file", Value: r.File, Style: output.Strong},
		{Name: "scope", Value: fmt.Sprintf("%s (%s)", r.Scope, legalBasis[r.Scope])},
		{Name: "patron", Value: strconv.FormatInt(r.Patron, 10)},
	}
	if r.Request != 0 {
		about = append(about, output.Pair{Name: "request", Value: strconv.FormatInt(r.Request, 10)})
	}
	about = append(about, output.Pair{Name: "access", Value: strconv.FormatInt(r.Access, 10), Style: output.Faint})
	return []output.Section{{Pairs: about}, {Grid: grid}}
}
