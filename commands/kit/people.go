package kit

import (
	"errors"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// People is whom a verb is about, which every verb takes in the same ways: one PATRON as its arguments, "-" for several
// on standard input, each as it arrives (a barcode scanner works), or --file for a list of several.
type People struct {
	Words []string // the arguments
	File  string   // "-" is standard input
}

// PeopleVar makes cmd take PATRON, "-" or --file FILE, in one way.
func PeopleVar(cmd *cobra.Command, target *People) {
	FileVar(cmd, target)
	cmd.Args = func(_ *cobra.Command, args []string) error {
		target.Words = args
		if (len(args) > 0) == (target.File != "") {
			return Usage("say whom in one way: PATRON, - or --file FILE")
		}
		return nil
	}
}

// FileVar adds --file, for a verb that takes people in ways of its own too.
func FileVar(cmd *cobra.Command, target *People) {
	cmd.Flags().Var((*fileFlag)(&target.File), "file", "the patrons in the first column of this `FILE`, \"-\" for standard input")
}

// Several tells whether there may be more than one person.
func (p People) Several() bool { return p.File != "" || p.Arriving() }

// Arriving tells whether each is to be answered as it arrives.
func (p People) Arriving() bool { return len(p.Words) == 1 && p.Words[0] == "-" }

// FromStdin tells whether standard input holds them.
func (p People) FromStdin() bool { return p.Arriving() || p.File == "-" }

// Refs are the references to p, one or several. A file that cannot be read is a usage error.
func (e *Env) Refs(p People) (iter.Seq2[string, error], error) {
	switch {
	case p.Arriving():
		return Lines(e.In), nil
	case p.File == "":
		return func(yield func(string, error) bool) { yield(strings.Join(p.Words, " "), nil) }, nil
	}
	entries, err := e.Entries(p)
	if err != nil {
		return nil, err
	}
	return func(yield func(string, error) bool) {
		for entry, err := range entries {
			if !yield(entry.Ref, err) {
				return
			}
		}
	}, nil
}

// Entry is a reference in a file, and the line it stands in, counted from 1.
type Entry struct {
	Ref  string
	Line int
}

// Entries are those of the file of p, which is closed after the last one. Lines says what ends them early.
func (e *Env) Entries(p People) (iter.Seq2[Entry, error], error) {
	if p.File == "-" {
		return entries(e.In), nil
	}
	file, err := os.Open(p.File)
	if err != nil {
		return nil, Usage("cannot read the patrons: %s", err)
	}
	return func(yield func(Entry, error) bool) {
		defer file.Close() //nolint:errcheck // only read
		entries(file)(yield)
	}, nil
}

// entries yields the first cell of each line of r, without the header "card" and without empty cells.
func entries(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		first := true
		for line, err := range numbered(r) {
			entry := Entry{firstCell(line.text), line.number}
			isHeader := first && strings.EqualFold(entry.Ref, "card")
			first = false
			if err == nil && (entry.Ref == "" || isHeader) {
				continue
			}
			if !yield(entry, err) {
				return
			}
		}
	}
}

// firstCell reads a line of CSV in any of its dialects. Cards hold no separators, so quoting needs no more than this.
func firstCell(line string) string {
	if end := strings.IndexAny(line, ",;\t"); end >= 0 {
		line = line[:end]
	}
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(line), `"`))
}

// fileFlag is a flag that takes the name of a file.
type fileFlag string

func (f *fileFlag) Set(s string) error {
	if s == "" {
		return errors.New("write the name of a file, or - for standard input")
	}
	if s != "-" { // before anything is opened; not by opening it, which would spoil a pipe
		if _, err := os.Stat(s); err != nil {
			return err
		}
	}
	*f = fileFlag(s)
	return nil
}

func (f *fileFlag) Type() string { return "FILE" }

func (f *fileFlag) String() string { return string(*f) }
