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
