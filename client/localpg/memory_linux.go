package localpg

import "syscall"

// memoryDir is a directory in memory, where copying a database is ten times as fast as on a disk; empty when there is
// none, or none with 4 GiB to spare.
func memoryDir() string {
	const dir, room = "/dev/shm", 4 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room || syscall.Access(dir, 2 /* W_OK */) != nil {
		return ""
	}
	return dir
}
