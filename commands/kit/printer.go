package kit

import "patronctl/output"

// Printer writes data to Out the way the global flags ask for.
func (e *Env) Printer() *output.Printer {
	return &output.Printer{
		Out:       e.Out,
		Format:    e.Flags.Output,
		Columns:   e.Flags.Columns,
		NoHeaders: e.Flags.NoHeaders,
		Width:     e.Terminal.Width(),
		Color:     e.Terminal.Color(e.Flags.Color),
		RawCSV:    e.Flags.RawCSV,
	}
}

// OnNarrow chooses the columns of a table for a terminal of fewer than roomy columns, rather than let every cell be cut.
// It leaves a choice that was made with --columns alone.
func OnNarrow(p *output.Printer, roomy int, columns ...string) {
	if p.Format == output.Table && p.Columns == nil && p.Width > 0 && p.Width < roomy {
		p.Columns = columns
	}
}
