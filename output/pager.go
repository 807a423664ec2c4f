package output

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/term"
)

// Page writes text to stdout: through the reader's pager where that is a terminal with fewer lines than the text has, else as
// it is, also when there is no pager or it cannot be started.
func (t *Terminal) Page(out io.Writer, text string) error {
	if t.out != nil && isLonger(t.out, text) && runPager(t.out, text) == nil {
		return nil
	}
	_, err := io.WriteString(out, text)
	return err
}

// isLonger leaves a line for the shell's prompt.
func isLonger(terminal *os.File, text string) bool {
	_, height, err := term.GetSize(int(terminal.Fd()))
	return err == nil && strings.Count(text, "\n") >= height
}

// runPager shows text in the pager and waits for its end. The error is that of its start: who leaves it early is content.
func runPager(terminal *os.File, text string) error {
	name, args := pager()
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), terminal, terminal
	if _, set := os.LookupEnv("LESS"); !set {
		cmd.Env = append(os.Environ(), "LESS=FRX") // no longer than the screen: print it; keep colours; leave the text there
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	signal.Ignore(os.Interrupt) // Ctrl-C is for the pager, such as to end a search
	_ = cmd.Wait()
	return nil
}

// pager is the command that the variable PAGER names, else less.
func pager() (name string, args []string) {
	if words := strings.Fields(os.Getenv("PAGER")); len(words) > 0 {
		return words[0], words[1:]
	}
	return "less", nil
}
