package commands

import (
	"errors"
	"syscall"
)

// errorNoData is what Windows says while a pipe is being closed; the package syscall leaves it out.
const errorNoData syscall.Errno = 232

// readerGone tells that nobody reads what is written.
func readerGone(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, errorNoData)
}
