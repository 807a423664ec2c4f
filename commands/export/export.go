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

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/client/exchange"
	"patronctl/commands/kit"
	"patronctl/output"
)

type options struct {
	env        *kit.Env
	people     kit.People
	to         string
	format     exchange.Format
	scope      exchange.Scope
	encryption kit.Encryption
	force      bool
	schema     bool
	request    int64
}

// New returns the export command.
func New(env *kit.Env) *cobra.Command {
	o := &options{env: env, format: exchange.JSON, scope: exchange.Portability}
	cmd := &cobra.Command{
		Use:   "export (PATRON | --file FILE) --to PATH",
		Short: "Write everything about one person to a file",
		Long: `Write everything about one person to a file that only you can read. The law
keeps two requests apart: "portability" (GDPR art. 20) is what the person
provided or caused, "access" (art. 15) everything held, with blocks, the rules
of forgetting that apply, and when and why the data were consulted.

json and xml are one document, csv is a zip archive with a file for each
relation, xlsx a workbook with a sheet for each. All of them say what was left
out and why, how many rows there are, and their checksums; --schema prints the
JSON Schema or the XSD that describes them. The settings basis_service and
basis_special say on which ground your authority keeps the data: where that is
neither consent nor a contract, art. 20 does not apply, and the file says that
it is given voluntarily.

--encrypt-to and --passphrase encrypt the file in the age format as it is
written; its name then ends in .age. The tool age, and others, decrypt it. With
--stdin the passphrase is the first line of standard input.

PATH may be a directory: the file is then named after the patron and the day.
The file appears complete or not at all. Data-protection officers of the
patron's home may do this.

With "-" (standard input) or --file there are several patrons, one a line, and
PATH is a directory that gets a file for each. The same command again goes on
where it was cut: index.jsonl in the directory says who is done. Who cannot be
exported is reported, and the next one gets their turn.

--request is the open request of this very person that it answers (patronctl
request list). Once the file is written it is linked to it, and the request can
be closed as granted.

Exit status:
  0  written
  1  the disk is full, or the file cannot be written
  2  the file exists and --force was not given, its name says another format,
     or a recipient is none
  3  no such patron or request, or several patrons match
  5  there is nobody to ask for the passphrase
  6  of several patrons: another export is writing into the directory
  7  of several patrons, some could not be exported
  8  your role may not do this, the patron's home is elsewhere, or the request
     is another person's, of another kind, paused or closed`,
		Example: `  patronctl export 20000000000012 --to novak.json
  patronctl export id:123 --to /srv/requests --format xlsx --passphrase
  patronctl export id:123 --to id123.xml.age --format xml --encrypt-to age1ql3z…
  patronctl export id:123 --to id123.json --scope access --request 17
  patronctl export --file leaving.txt --to /srv/answers --encrypt-to keys.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.people.Words = args
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.to, "to", "", "file or directory to write to, as a `PATH`")
	kit.FileVar(cmd, &o.people)
	kit.EnumVar(cmd, &o.format, "format", "format of the file", words(exchange.Formats)...)
	kit.EnumVar(cmd, &o.scope, "scope", "what it holds", string(exchange.Portability), string(exchange.FullAccess))
	kit.RequestVar(cmd, env, &o.request)
	o.encryption.Flags(cmd)
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file")
	cmd.Flags().BoolVar(&o.schema, "schema", false, "print the schema of the format, json or xml, and export nothing")
	return cmd
}

// words are the formats as a flag takes them.
func words(formats []exchange.Format) (words []string) {
	for _, f := range formats {
		words = append(words, string(f))
	}
	return words
}

func (o *options) run(ctx context.Context) error {
	if o.schema {
		return o.printSchema()
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.people.Several() {
		return o.runMany(ctx)
	}
	if err := output.CheckColumns[receipt](o.env.Printer(), nil); err != nil {
		return err
	}
	write := o.toFile
	if isDirectory(o.to) {
		write = o.intoDirectory
	} else if err := o.checkName(); err != nil {
		return err
	}
	if err := o.encryption.Prepare(ctx, o.env); err != nil {
		return err
	}
	done, err := write(ctx)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), done, done.screen())
}

func (o *options) printSchema() error {
	text := o.format.Schema()
	if text == "" {
		return kit.Usage("there is a schema for --format json and --format xml; the columns of csv and xlsx have the same names")
	}
	_, err := io.WriteString(o.env.Out, text)
	return err
}

// check refuses what cannot be meant, before anything is opened.
func (o *options) check() error {
	switch {
	case len(o.people.Words) == 0 && o.people.File == "":
		return kit.Usage("whose data? give a card number, id:N or words that fit one person, or - or --file FILE for several")
	case len(o.people.Words) > 0 && o.people.File != "":
		return kit.Usage("give one patron, or a file of them with --file, not both")
	case o.to == "":
		return kit.Usage("--to takes a file or a directory")
	case o.people.Several() && o.request != 0:
		return kit.Usage("a request is one person's: --request goes with one patron, not with - or --file")
	case o.people.FromStdin() && o.encryption.FromStdin():
		return kit.Usage("standard input cannot hold both the patrons and the passphrase")
	}
	return nil
}

// checkName keeps the name of a file from saying that it is encrypted when it is not, and the other way round; or that it is
// another format than it is, which no program would open.
func (o *options) checkName() error {
	if o.to == "-" {
		return kit.Usage("--to takes a file or a directory: what is exported is never shown")
	}
	ending := filepath.Ext(strings.TrimSuffix(o.to, encryptedEnding))
	for _, format := range exchange.Formats {
		if ending == format.Ending() && format != o.format {
			return kit.Usage("the name of the file ends in %s, but it would be %s: add --format %s, or choose another name",
				ending, o.format, format)
		}
	}
	switch named := strings.HasSuffix(o.to, encryptedEnding); {
	case o.encryption.Asked() && !named:
		return kit.Usage("the name of an encrypted file ends in .age: --to %s.age", o.to)
	case named && !o.encryption.Asked():
		return kit.Usage("a file whose name ends in .age is encrypted: add --encrypt-to or --passphrase, or choose another name")
	}
	return nil
}

const encryptedEnding = ".age"

// ending is what the names of files end in.
func (o *options) ending() string {
	if o.encryption.Asked() {
		return o.format.Ending() + encryptedEnding
	}
	return o.format.Ending()
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// toFile looks at the file first: where it must not be written, nobody's data are opened.
func (o *options) toFile(ctx context.Context) (done *receipt, err error) {
	err = output.WriteFileAtomic(o.to, o.force, func(w io.Writer) error {
		export, err := o.open(ctx, strings.Join(o.people.Words, " "))
		if err == nil {
			done, err = o.write(w, o.to, export)
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
	export, err := o.open(ctx, strings.Join(o.people.Words, " "))
	if err != nil {
		return nil, err
	}
	day, _, _ := strings.Cut(export.Head.GeneratedAt, "T")
	path := filepath.Join(o.to, fmt.Sprintf("patron-%d-%s%s", export.Head.Patron, day, o.ending()))
	err = output.WriteFileAtomic(path, o.force, func(w io.Writer) (err error) {
		if done, err = o.write(w, path, export); err == nil {
			err = o.link(ctx, export)
		}
		return err
	})
	return done, err
}

func (o *options) open(ctx context.Context, ref string) (*exchange.Export, error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, err
	}
	export, err := exchange.Open(ctx, c, o.env.Why(), ref, o.scope)
	if err == nil && o.request != 0 {
		err = cases.CheckAnswer(ctx, c, export, o.request)
	}
	return export, err
}

// link comes last: what was not written answers no request.
func (o *options) link(ctx context.Context, export *exchange.Export) error {
	if o.request == 0 {
		return nil
	}
	c, err := o.env.Client(ctx)
	if err == nil {
		_, err = cases.AnswerRequest(ctx, c, export, o.request)
	}
	return err
}

func (o *options) write(w io.Writer, path string, export *exchange.Export) (*receipt, error) {
	opt := exchange.WriteOptions{RawCSV: o.env.Flags.RawCSV}
	if !o.people.Several() {
		opt.Progress = func(relation string) *output.Progress {
			return output.NewProgress(o.env.Terminal, o.env.Err, o.env.Flags.Quiet, relation, 0)
		}
	}
	done := &receipt{
		File: path, Format: o.format, Scope: o.scope, LegalBasis: export.Head.LegalBasis, Encrypted: o.encryption.Asked(),
		Patron: export.Head.Patron, Access: export.Head.Access, Request: o.request,
	}
	err := o.encryption.Write(w, func(w io.Writer) (err error) {
		done.Relations, err = exchange.Write(w, o.format, export, opt)
		return err
	})
	return done, err
}

// receipt says what was written.
type receipt struct {
	File       string          `json:"file"`
	Format     exchange.Format `json:"format"`
	Scope      exchange.Scope  `json:"scope"`
	LegalBasis string          `json:"legal_basis"`
	Encrypted  bool            `json:"encrypted"`
	Patron     int64           `json:"patron"`
	Relations  []exchange.Part `json:"relations"`
	Access     int64           `json:"access"`
	Request    int64           `json:"request,omitempty"` // that it was made for
}

func (r *receipt) screen() []output.Section {
	grid := &output.Grid{Headers: []string{"relation", "rows"}, Right: []bool{false, true}}
	for _, part := range r.Relations {
		grid.Rows = append(grid.Rows, []output.Cell{{Text: part.Relation}, {Text: strconv.FormatInt(part.Rows, 10)}})
	}
	about := []output.Pair{
		{Name: "file", Value: r.File, Style: output.Strong},
		{Name: "scope", Value: fmt.Sprintf("%s (%s)", r.Scope, r.LegalBasis)},
		{Name: "patron", Value: fmt.Sprintf("id:%d", r.Patron)},
	}
	if r.Request != 0 {
		about = append(about, output.Pair{Name: "request", Value: strconv.FormatInt(r.Request, 10)})
	}
	about = append(about, output.Pair{Name: "access", Value: strconv.FormatInt(r.Access, 10), Style: output.Faint})
	return []output.Section{{Pairs: about}, {Grid: grid}}
}
