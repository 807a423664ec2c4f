//go:build !windows

package output

import (
	"errors"
	"os"
	"syscall"
)

// TryLock takes the lock that an open file stands for, until it is closed or the process ends. False says that another
// process has it; a file system without locks gives it to everybody.
func TryLock(file *os.File) bool {
	return !errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
