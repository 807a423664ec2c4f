//go:build !windows

package commands

import (
	"errors"
	"syscall"
)

// readerGone tells that nobody reads what is written.
func readerGone(err error) bool { return errors.Is(err, syscall.EPIPE) }
