package output

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// Terminal knows which of the standard streams are terminals, and talks to the person at them.
type Terminal struct {
	in, out, err *os.File // nil for a stream that is not a terminal
	open         func() (*tty, error)
}

// tty is where a prompt is shown and its answer read.
type tty struct{ in, out *os.File }

// NewTerminal looks at the three streams. Prompts use the terminal that controls the process, whatever the
// streams are redirected to; streams that are not files at all (in tests) never lead to a prompt.
func NewTerminal(in io.Reader, out, err io.Writer) *Terminal {
	t := &Terminal{in: asTerminal(in), out: asTerminal(out), err: asTerminal(err)}
	t.open = func() (*tty, error) { return nil, ErrNoTerminal }
	if _, ok := in.(*os.File); ok {
		t.open = t.openControlling
	}
	return t
}

func asTerminal(stream any) *os.File {
	if file, ok := stream.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return file
	}
	return nil
}

// OutIsTTY tells whether data is written to a terminal.
func (t *Terminal) OutIsTTY() bool { return t.out != nil }

// ErrIsTTY tells whether notes and progress are written to a terminal.
func (t *Terminal) ErrIsTTY() bool { return t.err != nil }

// Width is the number of columns of the terminal that data is written to, 0 when it is none: the value for
// Printer.Width.
func (t *Terminal) Width() int {
	if t.out == nil {
		return 0
	}
	return columnsOf(t.out)
}

func columnsOf(terminal *os.File) int {
	if width, _, err := term.GetSize(int(terminal.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// Color decides about colour on stdout: mode is always, never or, anything else, auto: on a terminal
// unless the environment has NO_COLOR or TERM=dumb.
func (t *Terminal) Color(mode string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	default:
		return t.OutIsTTY() && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
}

// openControlling opens the terminal of the process. Without one it falls back to stdin and stderr.
func (t *Terminal) openControlling() (*tty, error) {
	if runtime.GOOS == "windows" {
		in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
		if err != nil {
			return nil, ErrNoTerminal
		}
		out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if err != nil {
			_ = in.Close()
			return nil, ErrNoTerminal
		}
		return &tty{in, out}, nil
	}
	if file, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		return &tty{file, file}, nil
	}
	if t.in != nil && t.err != nil {
		return &tty{t.in, t.err}, nil
	}
	return nil, ErrNoTerminal
}
