package output

import "io"

// Show writes one of several screens; value is the thing it is about.
type Show func(value any, sections []Section) error

// Screens writes a Document about each of several things as it arrives: table and markdown with an empty line between two,
// jsonl a line each.
type Screens struct {
	printer *Printer
	array   *jsonArray // json of several things
	shown   bool
}

// NewScreens begins. With several, json is an array, also of one thing or none. End must follow the last thing.
func NewScreens(p *Printer, several bool) *Screens {
	s := &Screens{printer: p}
	if several && p.Format == JSON {
		s.array = &jsonArray{printer: p}
	}
	return s
}

// Show writes the next one.
func (s *Screens) Show(value any, sections []Section) error {
	if s.array != nil {
		return s.array.add(value)
	}
	if s.shown && (s.printer.Format == Table || s.printer.Format == Markdown) {
		if _, err := io.WriteString(s.printer.Out, "\n"); err != nil {
			return err
		}
	}
	s.shown = true
	return Document(s.printer, value, sections)
}

// End ends the array.
func (s *Screens) End() error {
	if s.array == nil {
		return nil
	}
	return s.array.end()
}
