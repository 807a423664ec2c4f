package output

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// createUnnamed makes a file that no directory knows: when the process ends, however it does, the file is gone. Some file
// systems, such as NFS, have none.
func createUnnamed(dir string) (*os.File, error) {
	if _, err := os.Stat("/proc/self/fd"); err != nil { // without it the file could not be named
		return nil, err
	}
	return os.OpenFile(dir, unix.O_TMPFILE|os.O_RDWR, 0o600)
}

// linkUnnamed gives such a file a name that is free.
func linkUnnamed(file *os.File, name string) error {
	return unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", file.Fd()), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
}
