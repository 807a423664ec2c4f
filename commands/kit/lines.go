package kit

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"strings"
)

// maxLine bounds a line of input: a card number or a few words, not a file without line breaks.
const maxLine = 4096

// Lines yields the lines of r, each as it arrives, trimmed; empty ones are skipped. Bytes that are not text become U+FFFD,
// so that a damaged line is merely not found. A line longer than 4096 bytes is a usage error that ends the sequence.
func Lines(r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range numbered(r) {
			if !yield(line.text, err) {
				return
			}
		}
	}
}

// numberedLine is a line of a file, counted from 1.
type numberedLine struct {
	number int
	text   string
}

func numbered(r io.Reader) iter.Seq2[numberedLine, error] {
	return func(yield func(numberedLine, error) bool) {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(make([]byte, 0, maxLine), maxLine)
		number := 0
		for scanner.Scan() {
			number++
			line := strings.ToValidUTF8(scanner.Text(), "\uFFFD")
			line = strings.ReplaceAll(line, "\x00", "\uFFFD")
			line = strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
			if line != "" && !yield(numberedLine{number, line}, nil) {
				return
			}
		}
		switch err := scanner.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			yield(numberedLine{}, Usage("line %d of the input is longer than %d bytes", number+1, maxLine))
		case err != nil:
			yield(numberedLine{}, err)
		}
	}
}
