package output

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// TryLock takes the lock that an open file stands for, until it is closed or the process ends. False says that another
// process has it; a file system without locks gives it to everybody. The lock is on a byte far beyond the end, since here it
// would keep others from reading.
func TryLock(file *os.File) bool {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	return !errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
