package commands

import (
	"context"
	"io"

	"patronctl/commands/kit"
)

// pipe tells a reader that has gone (`| head`) apart from every other broken connection.
type pipe struct{ io.Writer }

func (p pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if readerGone(err) {
		return n, kit.ErrOutputClosed
	}
	return n, err
}

// interruptible ends a blocked read when the context ends. The read itself goes on in the background, into its own buffer.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data := make([]byte, len(p))
		n, err := r.Reader.Read(data)
		done <- result{data[:n], err}
	}()
	select {
	case got := <-done:
		return copy(p, got.data), got.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}
