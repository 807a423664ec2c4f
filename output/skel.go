package output

import (
	"context"
	"errors"
	"io"
	"iter"
)

var errTODO = errors.New("not built yet")

// Clean TODO.
func Clean(s string) string { return s }

// CleanBlock TODO.
func CleanBlock(s string) string { return s }

// Style is how a piece of text stands out; the colours are readable on light and dark backgrounds.
type Style int

// The styles.
const (
	Plain Style = iota
	Good
	Caution
	Bad
	Faint
	Strong
)

// CheckColumns TODO.
func CheckColumns[T any](p *Printer, columns []Column[T]) error { return nil }

// List TODO.
func List[T any](p *Printer, columns []Column[T], rows iter.Seq2[T, error]) error { return errTODO }

// Pair TODO.
type Pair struct {
	Name, Value string
	Style       Style
}

// Cell TODO.
type Cell struct {
	Text  string
	Style Style
}

// Grid TODO.
type Grid struct {
	Headers []string
	Right   []bool
	Rows    [][]Cell
}

// Section TODO.
type Section struct {
	Title string
	Pairs []Pair
	Grid  *Grid
	Text  string
}

// Document TODO.
func Document(p *Printer, value any, sections []Section) error { return errTODO }

// CSVWriter TODO.
type CSVWriter struct{}

// NewCSVWriter TODO.
func NewCSVWriter(w io.Writer, raw bool) *CSVWriter { return &CSVWriter{} }

// Write TODO.
func (w *CSVWriter) Write(record []string) error { return errTODO }

// Flush TODO.
func (w *CSVWriter) Flush() error { return errTODO }

// Terminal TODO.
type Terminal struct{}

// NewTerminal TODO.
func NewTerminal(in io.Reader, out, err io.Writer) *Terminal { return &Terminal{} }

// OutIsTTY TODO.
func (t *Terminal) OutIsTTY() bool { return false }

// ErrIsTTY TODO.
func (t *Terminal) ErrIsTTY() bool { return false }

// Width is the number of columns of the terminal that stdout is; 0 when it is none.
func (t *Terminal) Width() int { return 0 }

// Color says whether to colour stdout; mode is auto, always or never. NO_COLOR and TERM=dumb count in auto.
func (t *Terminal) Color(mode string) bool { return false }

// CanPrompt TODO.
func (t *Terminal) CanPrompt() bool { return false }

// ErrNoTerminal is returned by prompts when there is nobody to ask.
var ErrNoTerminal = errors.New("no terminal to ask on")

// Ask TODO.
func (t *Terminal) Ask(ctx context.Context, prompt string) (string, error) { return "", ErrNoTerminal }

// ReadPassword TODO.
func (t *Terminal) ReadPassword(ctx context.Context, prompt string) ([]byte, error) {
	return nil, ErrNoTerminal
}

// Progress TODO.
type Progress struct{}

// NewProgress TODO.
func NewProgress(t *Terminal, errw io.Writer, quiet bool, label string, total int64) *Progress {
	return &Progress{}
}

// Set TODO.
func (p *Progress) Set(done int64) {}

// Done TODO.
func (p *Progress) Done() {}

// ErrExists is returned by WriteFileAtomic for a target that is there already.
var ErrExists = errors.New("file exists")

// WriteFileAtomic TODO.
func WriteFileAtomic(path string, force bool, write func(io.Writer) error) error { return errTODO }
