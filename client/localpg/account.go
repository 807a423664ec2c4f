//go:build linux || darwin || freebsd

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const supported = true

// AccountName is the system user that owns the server when root starts it. It owns nothing else.
const AccountName = "patronctl-demo"

// account is who the server runs as: the user who runs this program, or for root, who may not run PostgreSQL, AccountName.
type account struct {
	root     bool
	uid, gid int
}

func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return &account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	found, err := user.Lookup(AccountName)
	if err != nil {
		if found, err = addAccount(); err != nil {
			return nil, err
		}
	}
	uid, uidErr := strconv.Atoi(found.Uid)
	gid, gidErr := strconv.Atoi(found.Gid)
	return &account{root: true, uid: uid, gid: gid}, errors.Join(uidErr, gidErr)
}

func addAccount() (*user.User, error) {
	add := exec.Command("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
		"/usr/sbin/nologin", AccountName)
	if _, err := exec.LookPath("useradd"); err != nil { // busybox
		add = exec.Command("adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", AccountName)
	}
	out, err := add.CombinedOutput()
	if found, lookup := user.Lookup(AccountName); lookup == nil { // perhaps another process was faster
		return found, nil
	}
	if err != nil {
		return nil, fmt.Errorf("root cannot run PostgreSQL itself and could not create the system user %s: %w: %s", AccountName, err,
			lastLine(out))
	}
	return nil, fmt.Errorf("the system user %s was created but is not found: run this as an ordinary user", AccountName)
}

// own makes the directory that holds the cluster. For root it stays root's own, so that root never writes where the server
// could have planted a link; the server may pass through it.
func (a *account) own(ctx context.Context, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if !a.root {
		return os.Chmod(dir, 0o700)
	}
	if err := os.Chown(dir, 0, a.gid); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o710); err != nil {
		return err
	}
	return a.reaches(ctx, dir)
}

// give makes a directory that belongs to the server and that nobody else may enter.
func (a *account) give(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Lchown(dir, a.uid, a.gid)
}

// reaches checks that the server's account may pass through every directory above dir.
func (a *account) reaches(ctx context.Context, dir string) error {
	probe := a.command(ctx, "/bin/sh", "-c", `cd "$1"`, "sh", dir)
	probe.Dir = "/"
	if err := probe.Run(); err != nil {
		return fmt.Errorf("the system user %s cannot reach %s: choose a place it can (PATRONCTL_DEMO_DIR)", AccountName, dir)
	}
	return nil
}

// command prepares a program of the server to run under the account.
func (a *account) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = environment()
	if a.root {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
	}
	return cmd
}

// detach gives a process its own session, so that Ctrl-C in the terminal does not reach it.
func detach(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
}

func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// tryLock takes the lock that a file stands for; it ends with the process. errLocked means that another process has it.
func tryLock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, err
	}
	held, heldErr := file.Stat()
	if there, err := os.Stat(path); err != nil || heldErr != nil || !os.SameFile(held, there) {
		_ = file.Close() // the file was removed and perhaps made anew while we waited
		return nil, errLocked
	}
	return func() { _ = file.Close() }, nil
}

// ownedByUs tells whether path is a directory of this user, and not a link to one.
func ownedByUs(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
